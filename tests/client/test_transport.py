"""What one connection promises, whatever happens to the file, the server and the way to it."""

import contextlib
import os
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

import pytest

from heartline.client.transport import Connection, Unreachable, Unsent

LARGE_BYTES = 32 * 2**20
"""More than the sockets of this machine hold: the sender still sends when the head is read."""


@dataclass
class Heard:
    """One request: its head by lines, and its body as far as it came."""

    first: str
    fields: dict[str, str]
    body: bytes = b""
    connection: int = 0


@dataclass
class Plain:
    """A server by hand: what it hears, and what happens to each request before it is answered."""

    listener: socket.socket
    url: str
    heard: list[Heard] = field(default_factory=list)
    before: list[Callable[[socket.socket], bool]] = field(default_factory=list)
    """One per request, called when its head was read; False ends the connection unanswered."""

    @property
    def port(self) -> int:
        return int(self.listener.getsockname()[1])

    def serve(self) -> None:
        number = 0
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            number += 1
            with client, client.makefile("rb") as said:
                while self._answer(client, said, number):
                    pass

    def _answer(self, client: socket.socket, said: BinaryIO, number: int) -> bool:
        first = said.readline().decode()
        if not first:
            return False
        fields = {}
        while line := said.readline().strip().decode():
            name, _, value = line.partition(": ")
            fields[name.lower()] = value
        heard = Heard(first.strip(), fields, connection=number)
        self.heard.append(heard)
        if self.before and not self.before.pop(0)(client):
            return False
        heard.body = said.read(int(fields.get("content-length", 0)))
        client.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
        return True


@contextmanager
def plain(host: str = "127.0.0.1", context: ssl.SSLContext | None = None) -> Iterator[Plain]:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.create_server((host, 0), family=family) as listener:
        port = listener.getsockname()[1]
        if context is not None:
            listener = context.wrap_socket(listener, server_side=True)
        server = Plain(
            listener, f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
        )
        thread = threading.Thread(target=server.serve, daemon=True)
        thread.start()
        yield server
        listener.shutdown(socket.SHUT_RDWR)
        thread.join(10)
        listener.close()


@pytest.fixture
def server() -> Iterator[Plain]:
    with plain() as found:
        yield found


@pytest.fixture
def connection(server: Plain) -> Iterator[Connection]:
    found = Connection(server.url, "hl-key")
    yield found
    found.close()


@pytest.fixture
def large(tmp_path: Path) -> Path:
    path = tmp_path / "train.log"
    with path.open("wb") as file:
        file.truncate(LARGE_BYTES)
    return path


def test_a_file_that_grows_while_it_is_sent_leaves_the_next_request_alone(
    server: Plain, connection: Connection, large: Path
) -> None:
    def grow(_: socket.socket) -> bool:
        with large.open("ab") as file:
            file.write(b"GET /evil HTTP/1.1\r\n\r\n")
        return True

    server.before.append(grow)
    assert connection.request("PUT", "/train.log", large).status == 200
    assert connection.request("PUT", "/other", b"abc").status == 200
    first, second = server.heard
    assert first.body == bytes(LARGE_BYTES)
    assert (second.first, second.body) == ("PUT /other HTTP/1.1", b"abc")
    assert second.connection == first.connection


def test_a_file_that_becomes_shorter_is_said_and_never_stored_as_something_else(
    server: Plain, connection: Connection, large: Path
) -> None:
    def shrink(_: socket.socket) -> bool:
        os.truncate(large, 0)
        return True

    server.before.append(shrink)
    with pytest.raises(Unsent, match="became shorter"):
        connection.request("PUT", "/train.log", large)
    assert connection.request("PUT", "/other", b"abc").status == 200
    first, second = server.heard
    assert len(first.body) < LARGE_BYTES
    assert (second.body, second.connection) == (b"abc", 2)


def test_a_file_that_cannot_be_read_is_no_fault_of_the_server(
    server: Plain, connection: Connection, tmp_path: Path
) -> None:
    with pytest.raises(Unsent, match="No such file") as told:
        connection.request("PUT", "/gone", tmp_path / "gone")
    assert not isinstance(told.value, Unreachable)
    assert server.heard == []


def asked(server: Plain) -> list[str]:
    return [each.first.split()[1] for each in server.heard]


def leave(_: socket.socket) -> bool:
    return False


def test_a_kept_connection_that_was_stale_is_replaced(
    server: Plain, connection: Connection
) -> None:
    server.before += [lambda _: True, leave]
    assert connection.request("GET", "/a").status == 200
    assert connection.request("POST", "/b", b"{}").status == 200
    assert [each.connection for each in server.heard] == [1, 1, 2]


def test_what_must_happen_once_is_never_said_again(server: Plain, connection: Connection) -> None:
    server.before += [lambda _: True, leave]
    assert connection.request("GET", "/a").status == 200
    with pytest.raises(Unreachable):
        connection.request("POST", "/users", b"{}", once=True)
    assert asked(server) == ["/a", "/users"]
    assert server.heard[1].connection == 2


def test_an_answer_that_breaks_off_is_not_asked_for_again(
    server: Plain, connection: Connection
) -> None:
    def break_off(client: socket.socket) -> bool:
        client.sendall(b"HTTP/1.1 200 OK\r\nContent-Le")
        return False

    server.before += [lambda _: True, break_off]
    assert connection.request("GET", "/a").status == 200
    with pytest.raises(Unreachable):
        connection.request("POST", "/b", b"{}")
    assert connection.request("GET", "/c").status == 200
    assert asked(server) == ["/a", "/b", "/c"]


def test_a_server_that_takes_too_long_is_not_asked_again(server: Plain) -> None:
    """What was asked may have happened, or happen yet."""
    over = threading.Event()
    server.before += [lambda _: True, lambda _: not over.wait(30)]
    impatient = Connection(server.url, "hl-key", timeout_s=0.5)
    assert impatient.request("GET", "/a").status == 200
    with pytest.raises(Unreachable):
        impatient.request("POST", "/b", b"{}")
    over.set()
    impatient.timeout_s = 30
    assert impatient.request("GET", "/c").status == 200
    impatient.close()
    assert asked(server) == ["/a", "/b", "/c"]


def test_an_address_of_the_sixth_version_is_named_in_brackets() -> None:
    with contextlib.ExitStack() as stack:
        try:
            server = stack.enter_context(plain("::1"))
        except OSError:
            pytest.skip("this machine has no IPv6")
        connection = Connection(server.url, "hl-key")
        assert connection.request("GET", "/a").status == 200
        connection.close()
    assert f"http://{server.heard[0].fields['host']}" == server.url
