"""Where keys are kept: a 0600 file by server address. Never prints a key."""

import json
import os
import stat
from dataclasses import dataclass
from pathlib import Path

DEFAULT_BASE_URL = "http://127.0.0.1:8787"
PRIVATE = 0o600
KNOWN_TOLD_MAX = 5


class UnsafeCredentials(Exception):
    """The credentials file can be read by others: run `chmod 600` on it, and make a new key."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """A key for one server, and the entity that runs go to when none is named."""

    base_url: str
    api_key: str
    entity: str


def base_url(given: str | None = None) -> str:
    """The server's address: given, HEARTLINE_BASE_URL, or this machine's own."""
    return (given or os.environ.get("HEARTLINE_BASE_URL") or DEFAULT_BASE_URL).rstrip("/")


def path() -> Path:
    """The credentials file of this account."""
    home = os.environ.get("XDG_CONFIG_HOME") or os.path.join(os.path.expanduser("~"), ".config")
    return Path(home) / "heartline" / "credentials"


def load_all() -> dict[str, dict[str, str]]:
    """Every server's entry; UnsafeCredentials if others could have read them."""
    file = path()
    try:
        mode = file.stat().st_mode
    except OSError:
        return {}
    if stat.S_IMODE(mode) & 0o077:
        raise UnsafeCredentials(f"{file} can be read by others: chmod 600 {file}")
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def load(address: str | None = None, api_key: str | None = None) -> Credentials | None:
    """The key for a server: given, HEARTLINE_API_KEY, or from the file."""
    url = base_url(address)
    key = api_key or os.environ.get("HEARTLINE_API_KEY")
    stored = load_all().get(_same_host(url)) or {}
    if key and stored.get("api_key") != key:
        return Credentials(url, key, "")
    key = key or stored.get("api_key")
    return Credentials(url, key, stored.get("entity", "")) if key else None


def source(api_key: str | None = None) -> str:
    """Where `load` has its key from, as people know the place."""
    told = os.environ.get("HEARTLINE_API_KEY")
    if api_key and api_key != told:
        return "the settings"
    return "HEARTLINE_API_KEY" if told else str(path())


def _same_host(url: str) -> str:
    """`localhost` and `127.0.0.1` are one place."""
    return url.rstrip("/").replace("://localhost:", "://127.0.0.1:")


def is_known(url: str) -> bool:
    """Whether the file holds a key for this server."""
    return "api_key" in load_all().get(_same_host(url), {})


def elsewhere() -> str:
    """For which servers keys are known, and how to use the first: the end of a refusal."""
    return _told(_known()[:KNOWN_TOLD_MAX])


def instead(given: str | None = None) -> str:
    """The one server that is meant if nobody named one and the usual address is silent, likewise."""
    if given or os.environ.get("HEARTLINE_BASE_URL"):
        return ""
    others = [url for url in _known() if url != DEFAULT_BASE_URL]
    return _told(others) if len(others) == 1 else ""


def _known() -> list[str]:
    return [url for url, entry in load_all().items() if entry.get("api_key")]


def _told(known: list[str]) -> str:
    if not known:
        return ""
    return f"; a key is known for {', '.join(known)}: export HEARTLINE_BASE_URL={known[0]}"


def store(credentials: Credentials) -> Path:
    """Write or replace the entry of one server, atomically and for this account alone."""
    file = path()
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    entries = load_all()
    entries[_same_host(credentials.base_url)] = {
        "api_key": credentials.api_key,
        "entity": credentials.entity,
    }
    beside = file.with_name(f".{file.name}.{os.getpid()}")
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, PRIVATE), "w") as out:
        json.dump(entries, out, indent=2)
    beside.replace(file)
    return file
