"""Write the locks: exact versions with hashes, for every Python and platform, naming no registry.

Never reads the pip or uv settings of the machine it runs on: a mirror must not leak into a lock.
`--upgrade` looks for newer versions; without it only what changed in pyproject.toml moves.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
LOCKS = {
    "base": [],
    "server": ["server", "postgres", "s3", "demo"],
    "dev": ["dev"],
    "bench": ["dev", "bench"],
}
FLAGS = [
    "--universal", "--python-version", "3.11", "--generate-hashes",
    "--no-config", "--no-emit-index-url", "--no-emit-find-links", "--no-header", "--quiet",
]  # fmt: skip
ADDRESS = re.compile(r"https?://|file:|--(?:extra-)?index|--find-links")
NOT_OURS = ("UV_", "PIP_")


def main() -> None:
    """One file per purpose."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith(NOT_OURS)}
    for name, extras in LOCKS.items():
        target = ROOT / "locks" / f"{name}.txt"
        print(f"== locking {target.relative_to(ROOT)}", flush=True)
        chosen = [flag for extra in extras for flag in ("--extra", extra)]
        command = [sys.executable, "-m", "uv", "pip", "compile", "pyproject.toml", *chosen, *FLAGS]
        subprocess.run(
            [*command, *sys.argv[1:], "--output-file", str(target)],
            cwd=ROOT,
            env=environment,
            check=True,
        )
        if found := ADDRESS.search(target.read_text(encoding="utf-8")):
            raise SystemExit(f"{target} names an address ({found.group()}): locks must not")


if __name__ == "__main__":
    main()
