"""What a run should remember of where it came from: packages and git. Bounded, never fatal."""

from pathlib import Path
from typing import Any

GIT_S = 5.0
DIFF_BYTES_MAX = 2 * 2**20
PACKAGES_MAX = 5_000


def packages(search_path: list[str]) -> list[str]:
    """`name==version` of everything that the training process could import, sorted."""
    from importlib.metadata import distributions

    found = set()
    for each in distributions(path=search_path):
        name = each.metadata["Name"] if each.metadata else None
        if name:
            found.add(f"{name}=={each.version}")
    return sorted(found, key=str.lower)[:PACKAGES_MAX]


def _git(directory: str, *arguments: str) -> str | None:
    import subprocess

    try:
        done = subprocess.run(
            ["git", "-C", directory, *arguments],
            capture_output=True, timeout=GIT_S, check=True,
        )  # fmt: skip
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.decode("utf-8", "replace").strip()


def git(directory: str) -> tuple[dict[str, Any], str]:
    """Remote (without a password), branch, commit, whether changed; and the uncommitted diff."""
    commit = _git(directory, "rev-parse", "HEAD")
    if not commit:
        return {}, ""
    diff = _git(directory, "diff", "HEAD", "--no-color") or ""
    remote = _git(directory, "config", "--get", "remote.origin.url") or ""
    found = {
        "commit": commit,
        "branch": _git(directory, "rev-parse", "--abbrev-ref", "HEAD") or "",
        "remote": _without_password(remote),
        "root": _git(directory, "rev-parse", "--show-toplevel") or "",
        "dirty": bool(diff),
    }
    return found, diff[:DIFF_BYTES_MAX]


def _without_password(remote: str) -> str:
    scheme, separator, rest = remote.partition("://")
    return f"{scheme}://{rest.rpartition('@')[2]}" if separator else remote


def code(directory: str, program: str) -> Path | None:
    """The script itself, if it is a file of modest size."""
    path = Path(directory, program) if program else None
    try:
        good = path is not None and path.is_file() and path.stat().st_size < DIFF_BYTES_MAX
    except OSError:
        return None
    return path if good else None
