"""Write the locks: exact versions with hashes, for every Python and platform, naming no registry."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
LOCKS = {
    "base": [],
    "server": ["--extra", "server", "--extra", "postgres", "--extra", "s3"],
    "dev": ["--extra", "dev"],
}


def main() -> None:
    """One file per purpose."""
    for name, extras in LOCKS.items():
        target = ROOT / "locks" / f"{name}.txt"
        subprocess.run(
            [
                sys.executable, "-m", "uv", "pip", "compile", "pyproject.toml", *extras,
                "--universal", "--python-version", "3.11", "--generate-hashes",
                "--no-emit-index-url", "--no-emit-find-links", "--no-header", "--quiet",
                "--upgrade", "--output-file", str(target),
            ],
            cwd=ROOT, check=True,
        )  # fmt: skip
        text = target.read_text(encoding="utf-8")
        if re.search(r"https?://|file:", text):
            raise SystemExit(f"{target} names an address: locks must not")
        print(f"wrote {target.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
