"""From a process that has ended to a verdict: gathers signs, lets the core conclude."""

import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec

from heartline.core.lifecycle.classify import SHELL_SIGNAL_BASE, Signs, classify
from heartline.core.lifecycle.evidence import Evidence
from heartline.sdk import clock, exits, scheduler, witness
from heartline.sdk.birth import LAUNCHER_EXIT, Birth
from heartline.wire.ingest import Exit

KERNEL_S = 0.4
LAUNCHER_S = 0.5
POLL_S = 0.004
FAULT = "fault"
FATAL = {
    "Segmentation fault": "SIGSEGV",
    "Aborted": "SIGABRT",
    "Bus error": "SIGBUS",
    "Floating point exception": "SIGFPE",
    "Floating-point exception": "SIGFPE",
    "Illegal instruction": "SIGILL",
}
"""What faulthandler writes, by signal: all that is left where the kernel tells no exit status."""
NATIVE_STACK_CHARS_MAX = 8_000
TRACEBACK_CHARS_MAX = 20_000
WARNINGS_MAX = 20


class Watch:
    """What was known about the process before it ended."""

    def __init__(self, birth: Birth, pidfd: int) -> None:
        self.birth, self.pidfd = birth, pidfd
        self.cgroup = Path(birth.cgroup) if birth.cgroup else None
        self.memory_limit = witness.memory_limit(self.cgroup)
        self.memory_bytes: int | None = None

    @property
    def alive(self) -> bool:
        """Whether the process still runs."""
        return witness.alive(self.pidfd, self.birth.pid)


def finished(notes: Iterable[dict[str, Any]], lines: tuple[str, ...]) -> Exit | None:
    """The verdict of a program that called `finish()`; None if it did not."""
    signs = from_notes(list(notes), Evidence(source="sdk", last_lines=lines))
    if not signs.finish_called:
        return None
    return as_exit(signs)


def leaving(
    directory: Path,
    notes: list[dict[str, Any]],
    watch: Watch,
    lines: tuple[str, ...],
    write_down: Callable[[Exit], object] = lambda _: None,
) -> Exit | None:
    """The verdict of a process that waits at its end to be told of; None while it does not yet."""
    said = [note["exit_code"] for note in notes if "exit_code" in note]
    code = exits.read(directory)
    if code is None and said:
        code = int(said[-1]) & 0xFF
    if code is None:
        return None
    end = witness.End(code, None, None, "exit")
    return _with_scheduler(watch, _signs(directory, notes, watch, lines, end), write_down)


def died(
    directory: Path,
    notes: list[dict[str, Any]],
    watch: Watch,
    lines: tuple[str, ...],
    write_down: Callable[[Exit], object] = lambda _: None,
) -> Exit:
    """The verdict of a process that is gone, from everything that can still be known.

    A scheduler may be slow to answer, or end us as well meanwhile: what is known without it is
    written down first.
    """
    end, by = _end(directory, watch)
    return _with_scheduler(watch, _signs(directory, notes, watch, lines, end), write_down, by)


def _with_scheduler(
    watch: Watch, signs: Signs, write_down: Callable[[Exit], object], by: str = "process"
) -> Exit:
    if not watch.birth.scheduler or signs.exit_code == 0:
        return as_exit(signs, by)
    write_down(as_exit(signs, by))
    word = scheduler.ask(watch.birth.scheduler)
    told = replace(
        signs,
        oom_by_scheduler=word.kind == "oom",
        time_limit=word.kind == "time_limit",
        preempted_by_scheduler=signs.preempted_by_scheduler or word.kind == "preempted",
        cancelled_by_scheduler=word.kind == "cancelled",
        evidence=replace(signs.evidence, scheduler=word.text or signs.evidence.scheduler),
    )
    return as_exit(told, by)


def _signs(
    directory: Path,
    notes: list[dict[str, Any]],
    watch: Watch,
    lines: tuple[str, ...],
    end: witness.End | None,
) -> Signs:
    oom_after = witness.oom_kills(watch.cgroup)
    before = watch.birth.oom_kills
    oom = oom_after is not None and before is not None and oom_after > before
    killed = end is None or end.signal == "SIGKILL"
    if killed and not oom:
        oom = witness.kernel_log_names(watch.birth.pid, watch.birth.clock_us)
    told = launcher_told(directory)
    used, limit = told.get("memory_bytes"), told.get("memory_limit_bytes")
    if told.get("oom"):
        # Its own limit, which it may have had to enforce without a cgroup.
        oom = True
    else:
        used = witness.memory_used(watch.cgroup) if oom else watch.memory_bytes
    evidence = Evidence(
        source=end.source if end is not None else "notes",
        native_stack=_native_stack(directory),
        oom_kills_before=before,
        oom_kills_after=oom_after,
        memory_bytes=used,
        memory_limit_bytes=limit or watch.memory_limit,
        last_lines=lines,
    )
    said = replace(from_notes(notes, evidence), oom=oom, received_signal=_received(directory))
    if end is None:
        return _by_its_own_word(said, exits.read(directory))
    said = replace(said, exit_code=end.exit_code, signal=end.signal, core_dumped=end.core_dumped)
    return _given_back(said, told)


def _given_back(signs: Signs, told: dict[str, Any]) -> Signs:
    """A trial whose agent had to leave: it was taken away, and is started again elsewhere."""
    if not told.get("given_back") or signs.exit_code == 0:
        return signs
    facts = replace(signs.evidence, notes=(*signs.evidence.notes, str(told["given_back"])))
    return replace(signs, given_back=True, evidence=facts)


def _by_its_own_word(said: Signs, code: int | None) -> Signs:
    """Without the kernel's word: one that came to its exit did not die of what it heard before."""
    if said.noted_exit_code is None:
        said = replace(said, noted_exit_code=code)
    if code is not None and code <= SHELL_SIGNAL_BASE:
        said = replace(said, received_signal=None)
    return replace(said, noted_exception=None, noted_interrupt=False) if code == 0 else said


def from_notes(notes: list[dict[str, Any]], evidence: Evidence) -> Signs:
    """What the process said of itself before it was gone."""
    said: dict[str, Any] = {}
    warnings: list[str] = []
    for note in notes:
        said.update(note)
        warnings += note.get("warnings", ())
    traceback = said.get("traceback")
    told = tuple(str(each) for each in warnings[:WARNINGS_MAX])
    facts = replace(
        evidence,
        traceback=traceback[-TRACEBACK_CHARS_MAX:] if traceback else None,
        lost_records=said.get("lost"),
        notes=told,
    )
    return Signs(
        finish_called="finish" in said,
        finish_code=int(said.get("finish") or 0),
        finish_reason=said.get("reason"),
        noted_exit_code=said.get("exit_code"),
        noted_exception=said.get("exception"),
        noted_interrupt=bool(said.get("interrupt")),
        evidence=facts,
    )


def as_exit(signs: Signs, by: str = "process", at: int | None = None) -> Exit:
    """The verdict of the signs, as it is sent; `at` is the end in wall ms, now if not given."""
    verdict = classify(signs)
    facts = msgspec.to_builtins(verdict.evidence)
    return Exit(
        state=verdict.state.value,
        cause=verdict.cause.value,
        confidence=int(verdict.confidence),
        records=0,
        at=clock.wall_ms() if at is None else at,
        by=by,
        evidence={key: value for key, value in facts.items() if value not in (None, [], "")},
    )


def _end(directory: Path, watch: Watch) -> tuple[witness.End | None, str]:
    """The launcher's word if it is our parent, else the kernel's; both need a moment."""
    until = time.monotonic() + (LAUNCHER_S if watch.birth.launcher else KERNEL_S)
    while True:
        told = _launcher(directory)
        if told is not None:
            return told, "launcher"
        if not watch.birth.launcher:
            end = witness.kernel_record(watch.pidfd, watch.birth.pid)
            if end is not None:
                return end, "process"
        if time.monotonic() > until:
            return witness.kernel_record(watch.pidfd, watch.birth.pid), "process"
        time.sleep(POLL_S)


def _launcher(directory: Path) -> witness.End | None:
    said = launcher_told(directory)
    if not said:
        return None
    return witness.End(
        said.get("exit_code"), said.get("signal"), said.get("core_dumped"), "launcher"
    )


def launcher_told(directory: Path) -> dict[str, Any]:
    """What the launcher, the parent of this spool's process, wrote here; empty if nothing."""
    try:
        found = msgspec.json.decode((directory / LAUNCHER_EXIT).read_bytes())
    except (OSError, msgspec.MsgspecError):
        return {}
    return found if isinstance(found, dict) else {}


def by_launcher(directory: Path, notes: list[dict[str, Any]]) -> Exit | None:
    """The verdict from the launcher's word where the internal process is gone as well."""
    end, said = _launcher(directory), launcher_told(directory)
    if end is None:
        return None
    evidence = Evidence(
        source=end.source,
        native_stack=_native_stack(directory),
        oom_kills_before=said.get("oom_kills_before"),
        oom_kills_after=said.get("oom_kills_after"),
        memory_bytes=said.get("memory_bytes"),
        memory_limit_bytes=said.get("memory_limit_bytes"),
    )
    signs = replace(
        from_notes(notes, evidence),
        exit_code=end.exit_code,
        signal=end.signal,
        core_dumped=end.core_dumped,
        oom=bool(said.get("oom")),
        received_signal=_received(directory),
    )
    return as_exit(_given_back(signs, said), "launcher", at=said.get("at"))


def _received(directory: Path) -> str | None:
    """The signal whose C-level record is not empty; a fatal one by what Python wrote of it."""
    for path in sorted(directory.glob(f"{FAULT}-SIG*")):
        if path.stat().st_size:
            return path.name.removeprefix(f"{FAULT}-")
    stack = _native_stack(directory) or ""
    return next((name for said, name in FATAL.items() if said in stack[:200]), None)


def _native_stack(directory: Path) -> str | None:
    try:
        text = (directory / FAULT).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    return text[:NATIVE_STACK_CHARS_MAX] or None
