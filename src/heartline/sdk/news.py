"""What the internal process tells the program, and what becomes of it. Never waits for anyone."""

import signal
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from heartline.client import credentials
from heartline.sdk.messages import say, warn_once

if TYPE_CHECKING:
    from heartline.sdk.run import Run

UNAUTHORIZED, GONE = 401, 410
REASONS_MAX = 20


class News:
    """Heard in the listener thread of one run."""

    def __init__(self, run: "Run") -> None:
        self._run = run
        self.opened = threading.Event()
        self.heard = threading.Event()
        self.away = run.settings.mode == "online"
        self.refusal = ""
        self.awaited = False
        self.resumes = False
        """Whether the run goes on from where it stands, as `resume` asked."""
        self.stop_by: str | None = None
        self.on_stop: list[Callable[[str], object]] = []
        self._warned: set[str] = set()
        self._reasons: set[str] = set()
        self._told_away = False

    def hear(self, event: dict[str, Any]) -> None:
        """One event."""
        text = str(event.get("text", ""))
        match event.get("event"):
            case "opened":
                self._opened(event)
                self._back()
            case "reached":
                self._back()
            case "refused":
                self.refusal = text
                self.opened.set()
                told, gone = text + self._whose_key(event), event.get("status") == GONE
                self._say_away(told, _again(event), gone=gone)
                self._gone()
            case "unreachable":
                self._say_away(text, "; still trying")
                self._gone()
            case "stop":
                self._stop(str(event.get("by", "")), str(event.get("reason", "")))
            case "stacks":
                self._run.tell_stacks()
            case "refusal":
                # One word per key and reason, however often it is counted.
                self._warn(text, f"not kept: {text}")
            case "stale" | "file" | "dropped" | "mixed":
                self._warn(text, text)
            case "lost":
                self.refusal = "the internal process died again and again"
                self._warn("lost", f"{self.refusal}; it is tried every minute, and the spool is "
                           f"kept: send it with: heartline sync {self._run.directory}")  # fmt: skip
            case _:
                return

    def _gone(self) -> None:
        self.away = True
        self.heard.set()

    def _back(self) -> None:
        self.away, self.refusal = False, ""
        self.heard.set()
        if self._told_away:
            self._told_away = False
            say("the server answers: what was kept is sent now", silent=self._run.settings.silent)

    def _whose_key(self, event: dict[str, Any]) -> str:
        if event.get("status") != UNAUTHORIZED:
            return ""
        return f" (the key is that of {credentials.source(self._run.settings.api_key)})"

    def _warn(self, key: str, text: str) -> None:
        warn_once(self._warned, key, text, silent=self._run.settings.silent)

    def _opened(self, event: dict[str, Any]) -> None:
        run, self.refusal = self._run, ""
        # Only `init` moves the step: a loop that is under way counts for itself.
        resumed = bool(event.get("resumed")) and self.resumes and not self.opened.is_set()
        base, path = str(event.get("address") or ""), str(event.get("path") or "")
        run.opened(
            str(event.get("entity") or ""),
            str(event.get("name") or ""),
            base + path if base and path else "",
            int(event.get("last_step", -1)) if resumed else None,
        )
        if resumed:
            run.config.seed(event.get("config") or {})
            run.summary.seed(event.get("summary") or {})
        self.opened.set()

    def _say_away(self, text: str, further: str = "", *, gone: bool = False) -> None:
        """Each reason once: a refusal after an outage is news, the next outage like it is none."""
        # While `init` waits for the answer it is the one to speak: it may raise.
        if text not in self._reasons and not self.awaited and len(self._reasons) < REASONS_MAX:
            self._reasons.add(text)
            self._told_away = True
            kept = f"it is kept in {self._run.directory}"
            what = kept if gone else f"nothing is lost: {kept} (heartline sync sends it)"
            told = text.rstrip(".") + further
            say(f"{told}. Training goes on; {what}", silent=self._run.settings.silent)

    def _stop(self, by: str, reason: str) -> None:
        self.stop_by = by
        self._run.acknowledge_stop()
        why = f": {reason}" if reason else ""
        say(f"stop requested by {by}{why}", silent=self._run.settings.silent)
        for call in self.on_stop:
            try:
                call(by)
            except Exception as error:  # noqa: BLE001 - the user's callback
                self._warn("on_stop", f"the stop callback failed: {error}")
        if not self.on_stop and self._run.settings.stop_raises:
            interrupt()


def _again(event: dict[str, Any]) -> str:
    retry_s = event.get("retry_s")
    return f"; the server is asked again every {retry_s:g} s" if retry_s else ""


def interrupt() -> None:
    """KeyboardInterrupt in the main thread, as Ctrl-C would raise it there."""
    main = threading.main_thread().ident
    if main is None:
        return
    if callable(signal.getsignal(signal.SIGINT)):
        # To that very thread, so that what it waits in is interrupted.
        signal.pthread_kill(main, signal.SIGINT)
        return
    # Started in the background, where shells have interrupts ignored: raise it there by hand.
    import ctypes

    ctypes.pythonapi.PyThreadState_SetAsyncExc(
        ctypes.c_ulong(main), ctypes.py_object(KeyboardInterrupt)
    )
