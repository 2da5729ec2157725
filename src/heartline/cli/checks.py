"""What `heartline doctor` looks at, one check each: a finding, and how to fix it. Never fixes."""

import os
import platform
import shutil
import socket
import stat
import time
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

import heartline
from heartline.client import credentials, errors, proxies
from heartline.client.api import Api
from heartline.sdk import witness
from heartline.sdk.sync import is_live, is_readable, is_sending, is_synced, spools
from heartline.wire.ingest import PROTOCOL

Level = Literal["ok", "note", "warning", "problem"]
CLOCK_MS_MAX = 5_000
FREE_BYTES_MIN = 512 * 2**20
KERNEL_TELLS = (6, 15)
NETWORK_FILE_SYSTEMS = frozenset({"nfs", "nfs4", "cifs", "smb3", "fuse.sshfs", "lustre", "beegfs"})
PATIENCE_S = 1.0


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    name: str
    level: Level
    told: str
    fix: str = ""


def all_findings(base_url: str | None) -> Iterator[Finding]:
    """Every check in order; those that need an answer of the server stop where it gives none."""
    yield _versions()
    yield from _address(base_url)
    yield _credentials_file()
    yield from _server(base_url)
    yield from _spool()
    yield _kernel()
    yield _memory()


def _versions() -> Finding:
    told = f"heartline {heartline.__version__}, Python {platform.python_version()}"
    extra = (
        "with the server's packages" if find_spec("litestar") else "without the server's packages"
    )
    return Finding("versions", "ok", f"{told}, {extra}")


def _address(base_url: str | None) -> Iterator[Finding]:
    url = credentials.base_url(base_url)
    source = "--base-url" if base_url else "HEARTLINE_BASE_URL"
    if not base_url and not os.environ.get("HEARTLINE_BASE_URL"):
        source = "default"
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        yield Finding("address", "problem", f"{url} ({source}) is no address",
                      "write it as http://host:port")  # fmt: skip
        return
    yield Finding("address", "ok", f"{url} ({source})")
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        proxy = proxies.chosen(parts.scheme, parts.hostname, port)
    except ValueError as error:
        yield Finding("proxy", "problem", str(error))
        return
    if proxy is not None:
        yield Finding("proxy", "note", f"reached through the proxy {proxy.host}:{proxy.port}",
                      "name the server in NO_PROXY to reach it directly")  # fmt: skip
        return
    try:
        socket.getaddrinfo(parts.hostname, parts.port or 80)
    except OSError as error:
        yield Finding("address", "problem", f"{parts.hostname} is not known ({error.strerror})",
                      "check its spelling and this machine's name service")  # fmt: skip


def _credentials_file() -> Finding:
    path = credentials.path()
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
    except FileNotFoundError:
        return Finding("keys", "note", f"{path} does not exist yet",
                       "`heartline login` or the first start of a server here makes it")  # fmt: skip
    except OSError as error:
        return Finding(
            "keys", "problem", f"{path}: {error.strerror}", f"make {path} readable to you"
        )
    if mode & 0o077:
        return Finding("keys", "problem", f"{path} can be read by others (mode {mode:o})",
                       f"chmod 600 {path}, then make new keys")  # fmt: skip
    return Finding("keys", "ok", f"{path}, for you alone")


def _server(base_url: str | None) -> Iterator[Finding]:
    try:
        api = Api(base_url, patience=PATIENCE_S)
        before = time.time()
        server = api.server
        after = time.time()
    except errors.Unreachable as error:
        told = str(error).partition(": start it")[0]
        yield Finding("server", "problem", told,
                      "start one with `heartline server`, or set HEARTLINE_BASE_URL"
                      f"{credentials.instead(base_url)}")  # fmt: skip
        return
    except errors.HeartlineError as error:
        yield Finding("server", "problem", str(error), "check the address")
        return
    told = f"heartline {server.version} answers in {(after - before) * 1000:.0f} ms"
    if server.protocol != PROTOCOL:
        yield Finding("server", "problem", f"{told}, but speaks protocol {server.protocol}, we {PROTOCOL}",
                      "install the same version of heartline on both sides")  # fmt: skip
    elif server.version != heartline.__version__:
        yield Finding("server", "note", f"{told}; this is {heartline.__version__}")
    else:
        yield Finding("server", "ok", told)
    yield _clock(server.time_at, before, after)
    yield _key(api)


def _clock(server_at: int, before: float, after: float) -> Finding:
    """States never depend on it; only the times of points, as charts show them, do."""
    off_ms = int((before + after) / 2 * 1000) - server_at
    if abs(off_ms) > CLOCK_MS_MAX:
        way = "ahead of" if off_ms > 0 else "behind"
        return Finding("clock", "warning", f"this clock is {abs(off_ms) / 1000:.0f} s {way} the server's",
                       "switch on time synchronisation; no state depends on it, times in charts do")  # fmt: skip
    return Finding("clock", "ok", f"within {max(abs(off_ms), 1)} ms of the server's")


def _key(api: Api) -> Finding:
    source = "HEARTLINE_API_KEY" if os.environ.get("HEARTLINE_API_KEY") else "the keys file"
    if not api.calls.api_key:
        return Finding("key", "problem", f"no API key for {api.base_url}",
                       f"heartline login --host {api.base_url}{credentials.elsewhere()}")  # fmt: skip
    try:
        viewer = api.viewer
    except errors.HeartlineError as error:
        return Finding("key", "problem", f"the key of {source} is refused: {error}",
                       f"heartline login --host {api.base_url}")  # fmt: skip
    role = "an admin" if viewer.admin else "a user"
    return Finding("key", "ok", f"you are {viewer.name}, {role} (key of {source}); "
                   f"runs go to {viewer.default_entity or viewer.name}")  # fmt: skip


def _spool() -> Iterator[Finding]:
    place = Path(os.environ.get("HEARTLINE_DIR") or ".") / "heartline"
    holder = next(each for each in (place, *place.absolute().parents) if each.exists())
    shown = place.absolute()
    if not os.access(holder, os.W_OK | os.X_OK):
        yield Finding("spool", "problem", f"cannot write to {shown}: nothing would be recorded",
                      "set HEARTLINE_DIR to a directory that you may write to")  # fmt: skip
        return
    kind = _file_system(holder)
    free = shutil.disk_usage(holder).free
    if free < FREE_BYTES_MIN:
        yield Finding("spool", "warning", f"only {free / 2**20:.0f} MiB free at {shown}",
                      "free some space, or set HEARTLINE_DIR to another disk")  # fmt: skip
    elif kind in NETWORK_FILE_SYSTEMS:
        yield Finding("spool", "note", f"{shown} is on a network file system ({kind})",
                      "set HEARTLINE_DIR to a local disk for the fastest log()")  # fmt: skip
    else:
        yield Finding("spool", "ok", f"{shown} ({kind or 'local'}, {free / 2**30:.0f} GiB free)")
    kept = [each for each in spools(place) if not is_synced(each) and not is_live(each)]
    for broken in (each for each in kept if not is_readable(each)):
        yield Finding("spool", "warning", f"what {broken} holds cannot be read",
                      "if its run is on a server, delete that directory")  # fmt: skip
    waiting = [each for each in kept if is_readable(each) and not is_sending(each)]
    if waiting:
        yield Finding("unsent", "warning", f"{len(waiting)} run(s) there are not on a server yet",
                      f"heartline sync {place}")  # fmt: skip


def _file_system(path: Path) -> str:
    """The kind of file system that holds a path."""
    best, kind = "", ""
    try:
        lines = Path("/proc/mounts").read_text(encoding="utf-8").splitlines()
    except OSError:
        return ""
    target = str(path.resolve())
    for line in lines:
        _, mounted, found, *_ = line.split(" ")
        inside = target == mounted or target.startswith(mounted.rstrip("/") + "/")
        if inside and len(mounted) >= len(best):
            best, kind = mounted, found
    return kind


def _kernel() -> Finding:
    """Whether the kernel tells a non-parent how a process ended."""
    if platform.system() != "Linux":
        return Finding("kernel", "note", f"{platform.system()}: only the program's own word tells an end",
                       "start trainings with `heartline run --` to be certain")  # fmt: skip
    release = platform.release()
    numbers = tuple(int(part) for part in release.split("-")[0].split(".")[:2] if part.isdigit())
    if numbers >= KERNEL_TELLS:
        return Finding("kernel", "ok", f"Linux {release} tells how every process ended")
    return Finding("kernel", "note", f"Linux {release} tells a process's end only to its parent",
                   "start trainings with `heartline run --` to prove a SIGKILL (6.15 needs no launcher)")  # fmt: skip


def _memory() -> Finding:
    group = witness.cgroup_of(os.getpid())
    if witness.oom_kills(group) is None:
        return Finding("memory", "note", "no out-of-memory counter can be read here",
                       "an out-of-memory kill will look like any SIGKILL, unless --memory is used")  # fmt: skip
    limit = witness.memory_limit(group)
    told = "no limit here" if limit is None else f"{limit / 2**30:.1f} GiB may be used here"
    return Finding("memory", "ok", f"{told}; out-of-memory kills are counted")
