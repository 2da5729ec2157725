"""JSON calls with a deadline: tries again while the server is away. Never a thread.

A call that must not happen twice (making a user) is tried once.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar
from urllib.parse import urlencode

import msgspec

from heartline.client import credentials, errors
from heartline.client.transport import Answer, Connection
from heartline.client.transport import Unreachable as NoAnswer
from heartline.wire.api import Problem
from heartline.wire.seconds import misfit

T = TypeVar("T")

TIMEOUT_S = 20.0
PATIENCE_S = 8.0
STREAM_S_MAX = 300.0
PAUSE_S = 0.1
PAUSE_S_MAX = 2.0
SKEW_S = 5.0
BUSY = frozenset({429, 502, 503, 504})


class Calls:
    """One server and one key. `patience_s` is how long an absent or busy server is asked again."""

    def __init__(
        self,
        base_url: str | None = None,
        api_key: str | None = None,
        timeout_s: float = TIMEOUT_S,
        patience_s: float = PATIENCE_S,
    ) -> None:
        for what, said in (("timeout", timeout_s), ("patience", patience_s)):
            if wrong := misfit(said):
                raise errors.InvalidRequest(f"{what}: {wrong}")
        self.base_url = credentials.base_url(base_url)
        try:
            found = credentials.load(self.base_url, api_key)
            self._instead = credentials.instead(base_url)
        except credentials.UnsafeCredentials as error:
            raise errors.HeartlineError(str(error)) from None
        self.api_key = found.api_key if found else ""
        self.entity = found.entity if found else ""
        self.timeout_s, self.patience_s = timeout_s, patience_s
        self._dated = ("", 0.0)
        try:
            self._connection = self.connection(timeout_s)
        except ValueError as error:
            raise errors.InvalidRequest(str(error)) from None

    @contextmanager
    def waiting(self, patience_s: float) -> Iterator[None]:
        """For a while, wait longer for a server that is away: it may only be starting again."""
        before, self.patience_s = self.patience_s, max(self.patience_s, patience_s)
        try:
            yield
        finally:
            self.patience_s = before

    @property
    def behind_s(self) -> float:
        """By how much this machine's clock is behind the server's, as of the last answer.

        0 for clocks that are as good as one, and where a server does not date its answers.
        """
        from email.utils import parsedate_to_datetime

        said, here = self._dated
        try:
            behind = parsedate_to_datetime(said).timestamp() - here
        except (TypeError, ValueError):
            return 0.0
        return behind if abs(behind) > SKEW_S else 0.0

    def connection(self, timeout_s: float) -> Connection:
        """One more socket to the same server, for streams."""
        return Connection(self.base_url, self.api_key, timeout_s)

    def get(self, path: str, kind: type[T], **query: Any) -> T:
        """GET and decode."""
        return self._decoded(self.answer("GET", path, query=query), kind)

    def send(self, method: str, path: str, body: Any, kind: type[T], *, once: bool = False) -> T:
        """Send a record and decode the answer."""
        return self._decoded(self.answer(method, path, msgspec.json.encode(body), once=once), kind)

    def answer(
        self,
        method: str,
        path: str,
        body: bytes = b"",
        *,
        query: dict[str, Any] | None = None,
        once: bool = False,
    ) -> Answer:
        """A good answer, or one of our errors."""
        address = _address(path, query or {})
        until = time.monotonic() + (0.0 if once else self.patience_s)
        pause = PAUSE_S
        while True:
            problem: errors.HeartlineError
            try:
                answer = self._connection.request(method, address, body, once=once)
            except NoAnswer as error:
                problem, wait = self._absent(error), pause
            else:
                if answer.status < 400:
                    self._dated = (answer.headers.get("date", ""), time.time())
                    return answer
                problem = self._refusal(answer)
                wait = max(pause, answer.retry_after_s)
                if answer.status not in BUSY:
                    raise problem
            if time.monotonic() + wait > until:
                raise problem
            time.sleep(wait)
            pause = min(pause * 2, PAUSE_S_MAX)

    def stream(
        self, path: str, take: Callable[[bytes], Any], body: Any = None, **query: Any
    ) -> None:
        """Get a large body in pieces, once: what broke off is ours to say, not to mend."""
        said = b"" if body is None else msgspec.json.encode(body)
        try:
            answer = self.connection(STREAM_S_MAX).stream(_address(path, query), take, said)
        except NoAnswer as error:
            raise self._absent(error) from None
        if answer.status >= 400:
            raise self._refusal(answer)

    def _absent(self, error: Exception) -> errors.Unreachable:
        return errors.Unreachable(
            f"no answer from {self.base_url} ({_reason(error)}): start it with `heartline server`,"
            f" or check the address with `heartline doctor`{self._instead}"
        )

    def _refusal(self, answer: Answer) -> errors.HeartlineError:
        try:
            told = msgspec.json.decode(answer.body, type=Problem).error
        except msgspec.MsgspecError:
            told = (
                f"{self.base_url} answered {answer.status} and is perhaps no Heartline server: "
                "check the address"
            )
        if answer.status == 401 and not self.api_key:
            return errors.NoKey(
                f"no API key is known for {self.base_url}: run `heartline login`, "
                f"or set HEARTLINE_API_KEY{credentials.elsewhere()}"
            )
        return errors.of_status(answer.status, told)

    def _decoded(self, answer: Answer, kind: type[T]) -> T:
        try:
            return msgspec.json.decode(answer.body, type=kind)
        except msgspec.MsgspecError as error:
            raise errors.ServerFault(
                f"{self.base_url} answered something that this version does not understand "
                f"({error}): check the address and both versions"
            ) from None

    def close(self) -> None:
        """Let go of the socket."""
        self._connection.close()


def _address(path: str, query: dict[str, Any]) -> str:
    told = {key: value for key, value in query.items() if value is not None}
    return f"{path}?{urlencode(told)}" if told else path


def _reason(error: Exception) -> str:
    """The last part of a chain: `Connection refused` rather than the whole address again."""
    cause = error.__cause__
    told = getattr(cause, "strerror", None) or str(cause or error)
    return str(told)
