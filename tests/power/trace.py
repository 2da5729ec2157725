"""Files as a disk keeps them when power is lost: what was synced, and any part of the rest.

A trace of the system calls of a process is played up to some call. Written data that no completed
sync covers may be there or not, each write by itself: a disk reorders as it likes.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

CALLS = "pwrite64,write,ftruncate,fsync,fdatasync,unlink"
_CALL = re.compile(r"^(\d+) +(\w+)\(\d+<([^>]*)>(.*)$")
MADE_ANEW = "-shm"
"""The index of the log is memory, not data: SQLite rebuilds it."""
_UNLINK = re.compile(r'^\d+ +unlink\("([^"]*)"')
_RESUMED = re.compile(r"^(\d+) +<\.\.\. (\w+) resumed>")
_DATA = re.compile(r'^, "([^"]*)"(?:, (\d+)(?:, (\d+))?)?')


@dataclass(frozen=True, slots=True)
class Event:
    """One call on one file: write (at, data), cut (at), sync, gone, told (data)."""

    kind: str
    path: str
    at: int = 0
    data: bytes = b""


def _plain(text: str) -> bytes:
    return bytes.fromhex(text.replace("\\x", ""))


def events(trace: Path, marker: str) -> Iterator[Event]:
    """In the order in which they began; a sync counts from its end, for what was written before."""
    waiting: dict[str, Event] = {}
    for line in trace.read_text().splitlines():
        if resumed := _RESUMED.match(line):
            if (done := waiting.pop(resumed[1], None)) is not None:
                yield done
            continue
        if gone := _UNLINK.match(line):
            yield Event("gone", _plain(gone[1]).decode())
        call = _CALL.match(line)
        if call is None:
            continue
        thread, name, path, rest = call[1], call[2], _plain(call[3]).decode(), call[4]
        event = _event(name, path, rest, told=path == marker)
        if event is not None and event.kind == "sync" and "unfinished" in rest:
            waiting[thread] = event
        elif event is not None:
            yield event


def _event(name: str, path: str, rest: str, *, told: bool) -> Event | None:
    if name in {"fsync", "fdatasync"}:
        return Event("sync", path)
    if name == "ftruncate":
        return Event("cut", path, int(re.findall(r"\d+", rest)[0]))
    if name == "write" and not told:
        return None
    data = _DATA.match(rest)
    assert data is not None, f"a write that cannot be read: {rest[:80]}"
    return Event("told" if told else "write", path, int(data[3] or 0), _plain(data[1]))


@dataclass
class Disk:
    """What is safe, and what may be there."""

    safe: dict[str, bytearray] = field(default_factory=dict)
    loose: dict[str, list[Event]] = field(default_factory=dict)
    told: int = 0

    def play(self, event: Event) -> None:
        if event.kind == "told":
            self.told = int(event.data)
        elif event.kind == "gone":
            self.safe.pop(event.path, None)
            self.loose.pop(event.path, None)
        elif event.kind == "sync":
            for each in self.loose.pop(event.path, []):
                _apply(self.safe.setdefault(event.path, bytearray()), each)
        else:
            self.loose.setdefault(event.path, []).append(event)

    def lose_power(self, into: Path, dice: Random) -> None:
        """Write what is left of every file into a directory."""
        luck = dice.choice((0.0, 0.5, 1.0))
        for path in sorted({*self.safe, *self.loose}):
            if path.endswith(MADE_ANEW):
                continue
            content = bytearray(self.safe.get(path, b""))
            for each in self.loose.get(path, []):
                if dice.random() < luck:
                    _apply(content, each)
            (into / Path(path).name).write_bytes(content)


def _apply(content: bytearray, event: Event) -> None:
    if event.kind == "cut":
        del content[event.at :]
        return
    end = event.at + len(event.data)
    if len(content) < end:
        content.extend(bytes(end - len(content)))
    content[event.at : end] = event.data
