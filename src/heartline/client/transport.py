"""HTTP/1.1 over one kept-alive connection, for the internal process and the read API.

Small on purpose: the internal process must start in milliseconds and stay under 25 MB, so TLS is
imported only when an address asks for it. Never retries by itself, never a thread.
"""

import contextlib
import gzip
import io
import os
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import quote, urlsplit

from heartline.client.proxies import Proxy, chosen, is_loopback

GZIP_BYTES_MIN = 1_400
HEAD_BYTES_MAX = 65_536
CHUNK_BYTES = 65_536
CONNECT_S_MAX = 5.0
RETRY_AFTER_S_MAX = 60.0


Wait = Callable[[Any, float], None]
"""Called with the socket and the longest time before an answer is read: a caller with one thread
looks after something else meanwhile, and comes back when the socket is readable."""


class Unreachable(ConnectionError):
    """The server does not answer: check the address, and that it is running."""


class Unsent(OSError):
    """A file of this machine could not be sent as it was: no fault of the server."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, headers by lower-case name, and the whole body."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def retry_after_s(self) -> float:
        """How long an overloaded server asks us to wait; 0 if it does not say."""
        said = self.headers.get("retry-after", "")
        whole = said.isascii() and said.replace(".", "", 1).isdigit()
        return min(float(said), RETRY_AFTER_S_MAX) if whole else 0.0


class Connection:
    """One server, one credential, one socket that is opened when needed and kept."""

    def __init__(self, base_url: str, api_key: str, timeout_s: float = 20.0) -> None:
        parts = urlsplit(base_url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError(f"not a server address: {base_url!r}; write http://host:port")
        self._tls = parts.scheme == "https"
        self._host = parts.hostname
        self._port = parts.port or (443 if self._tls else 80)
        host = f"[{self._host}]" if ":" in self._host else self._host
        self._place = f"{host}:{self._port}"
        self._prefix = parts.path.rstrip("/")
        self.api_key = api_key
        self.timeout_s = timeout_s
        self.wait: Wait | None = None
        self._heard = False
        self._origin, self._to_proxy = "", list[str]()
        self._socket: Any = None
        self._file: BinaryIO | None = None

    def request(
        self,
        method: str,
        path: str,
        body: bytes | Path = b"",
        content_type: str = "application/json",
        *,
        compress: bool = False,
        headers: dict[str, str] | None = None,
        once: bool = False,
    ) -> Answer:
        """One request. Unreachable if it fails.

        A kept connection that ends before any of the answer was stale, and is replaced once. What
        must happen `once` takes no such chance: it opens another.
        """
        if once:
            self.close()
        extra = dict(headers or {})
        if compress and isinstance(body, bytes) and len(body) > GZIP_BYTES_MIN and not self.local:
            body, extra["Content-Encoding"] = gzip.compress(body, 1), "gzip"
        for fresh in (self._socket is None, True):
            try:
                return self._exchange(method, path, body, content_type, extra)
            except Unsent:
                self.close()
                raise
            except (OSError, ValueError) as error:
                self.close()
                if fresh or self._heard or isinstance(error, TimeoutError):
                    raise Unreachable(f"{self._place}: {error}") from error
        raise AssertionError("unreachable")

    @property
    def local(self) -> bool:
        """Compressing for this machine would only cost."""
        return is_loopback(self._host)

    def _exchange(
        self, method: str, path: str, body: bytes | Path, content_type: str, extra: dict[str, str]
    ) -> Answer:
        if isinstance(body, Path):
            with _opened(body) as file:
                self._say(method, path, file, os.fstat(file.fileno()).st_size, content_type, extra)
        else:
            self._say(method, path, io.BytesIO(body), len(body), content_type, extra)
        if self.wait is not None:
            self.wait(self._socket, self.timeout_s)
        status, headers = self._head()
        content = b"".join(self._chunks(headers))
        if headers.get("connection", "").lower() == "close":
            self.close()
        return Answer(status, headers, content)

    def _say(
        self, method: str, path: str, body: BinaryIO, size: int, kind: str, extra: dict[str, str]
    ) -> None:
        """Exactly as many bytes as the head has told, however a file grows meanwhile."""
        self._heard = False
        self._connect()
        start = self._start(
            method, path, f"Content-Type: {kind}", f"Content-Length: {size}",
            *(f"{name}: {value}" for name, value in extra.items()),
        )  # fmt: skip
        piece = _read(body, min(size, CHUNK_BYTES))
        self._socket.sendall(start + piece)
        left = size - len(piece)
        while left > 0:
            piece = _read(body, min(left, CHUNK_BYTES))
            self._socket.sendall(piece)
            left -= len(piece)

    def _start(self, method: str, path: str, *fields: str) -> bytes:
        lines = [
            f"{method} {self._origin}{self._prefix}{path} HTTP/1.1",
            f"Host: {self._place}",
            *self._to_proxy,
            f"Authorization: Bearer {self.api_key}",
            "User-Agent: heartline",
            *fields,
        ]
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1", "replace")

    def stream(self, path: str, take: Callable[[bytes], Any], body: bytes = b"") -> Answer:
        """Get a large body in pieces, POST if there is something to say; the answer's own body is
        empty unless it is a refusal.

        What `take` raises is the caller's: a full disk or a closed pipe is no fault of the server.
        """
        self.close()
        fault: OSError | None = None
        try:
            self._connect()
            said = ["Content-Type: application/json", f"Content-Length: {len(body)}"]
            start = self._start(
                "POST" if body else "GET", path, *(said if body else ()), "Connection: close"
            )
            self._socket.sendall(start + body)
            status, headers = self._head()
            told = b""
            for chunk in self._chunks(headers):
                if status >= 400:
                    told += chunk
                elif fault := _refused(take, chunk):
                    break
        except (OSError, ValueError) as error:
            raise Unreachable(f"{self._place}: {error}") from error
        finally:
            self.close()
        if fault is not None:
            raise fault
        return Answer(status, headers, told)

    def _connect(self) -> None:
        if self._socket is not None:
            return
        patience_s = min(self.timeout_s, CONNECT_S_MAX)
        proxy = chosen("https" if self._tls else "http", self._host, self._port)
        at = (self._host, self._port) if proxy is None else (proxy.host, proxy.port)
        raw = socket.create_connection(at, timeout=patience_s)
        raw.settimeout(self.timeout_s)
        raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._origin, self._to_proxy = "", []
        if proxy is not None and self._tls:
            _tunnel(raw, proxy, self._place)
        elif proxy is not None:
            self._origin, self._to_proxy = f"http://{self._place}", _who(proxy)
        if self._tls:
            import ssl

            raw = ssl.create_default_context().wrap_socket(raw, server_hostname=self._host)
        self._socket, self._file = raw, raw.makefile("rb")

    def _head(self) -> tuple[int, dict[str, str]]:
        line = self._line()
        while line.startswith("HTTP/1.1 1"):
            while self._line():
                pass
            line = self._line()
        if not line.startswith("HTTP/"):
            raise ConnectionError("the connection was closed")
        headers: dict[str, str] = {}
        while field := self._line():
            name, _, value = field.partition(":")
            headers[name.strip().lower()] = value.strip()
        return int(line.split(" ", 2)[1]), headers

    def _line(self) -> str:
        assert self._file is not None
        line = self._file.readline(HEAD_BYTES_MAX)
        if not line:
            raise ConnectionError("the connection was closed")
        self._heard = True
        return line.decode("latin-1").rstrip("\r\n")

    def _chunks(self, headers: dict[str, str]) -> Iterator[bytes]:
        assert self._file is not None
        if headers.get("transfer-encoding", "").lower() == "chunked":
            while size := int(self._line().split(";")[0] or "0", 16):
                yield self._exactly(size)
                self._line()
            self._line()
            return
        left = int(headers.get("content-length", "0"))
        while left > 0:
            chunk = self._exactly(min(left, CHUNK_BYTES))
            left -= len(chunk)
            yield chunk

    def _exactly(self, size: int) -> bytes:
        assert self._file is not None
        data = self._file.read(size)
        if len(data) < size:
            raise ConnectionError("the connection was closed in the middle of a body")
        return data

    def close(self) -> None:
        """Let go of the socket; the next request opens another."""
        for each in (self._file, self._socket):
            if each is not None:
                with contextlib.suppress(OSError):
                    each.close()
        self._file = self._socket = None


def _who(proxy: Proxy) -> list[str]:
    return [f"Proxy-Authorization: {proxy.authorization}"] if proxy.authorization else []


def _tunnel(raw: socket.socket, proxy: Proxy, place: str) -> None:
    """Have a proxy pass on what it cannot read."""
    lines = [f"CONNECT {place} HTTP/1.1", f"Host: {place}", *_who(proxy)]
    said = b""
    try:
        raw.sendall(("\r\n".join(lines) + "\r\n\r\n").encode("latin-1", "replace"))
        # Byte by byte: what follows is TLS, and not ours to read.
        while not said.endswith(b"\r\n\r\n") and len(said) < HEAD_BYTES_MAX:
            if not (byte := raw.recv(1)):
                break
            said += byte
        status = said.split(b"\r\n")[0].split(b" ")
        if len(status) < 2 or status[1] != b"200":
            told = b" ".join(status[1:]).decode("latin-1") or "nothing"
            raise ConnectionError(f"the proxy {proxy.host}:{proxy.port} answers {told}")
    except BaseException:
        raw.close()
        raise


def _opened(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except OSError as error:
        raise Unsent(f"{path} cannot be read: {error.strerror or error}") from error


def _read(body: BinaryIO, size: int) -> bytes:
    try:
        piece = body.read(size)
    except OSError as error:
        raise Unsent(f"it could not be read to its end: {error.strerror or error}") from error
    if len(piece) < size:
        raise Unsent("it became shorter while it was sent; save it once it is whole")
    return piece


def _refused(take: Callable[[bytes], Any], chunk: bytes) -> OSError | None:
    try:
        take(chunk)
    except OSError as error:
        return error
    return None


def quoted(*parts: str) -> str:
    """Path segments as they go into an address."""
    return "/".join(quote(part, safe="") for part in parts)
