"""A server behind a proxy: reached as the environment says, with nothing told to the wrong one."""

import contextlib
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from heartline.client.proxies import VARIABLES, Proxy, chosen
from heartline.client.transport import Connection, Unreachable
from tests.certificate import certify
from tests.client.test_transport import Plain, plain


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)


HTTPS = {"HTTPS_PROXY": "http://ann:s%40y@gate:3128", "HTTP_PROXY": "plain:81"}


@pytest.mark.parametrize(("left_out", "host", "through"), [
    ("", "tracker.test", True),
    ("", "localhost", False),
    ("", "127.0.0.2", False),
    ("", "::1", False),
    ("*", "tracker.test", False),
    ("tracker.test", "tracker.test", False),
    ("other, .test", "tracker.test", False),
    ("*.test", "tracker.test", False),
    ("tracker.test:443", "tracker.test", False),
    ("tracker.test:80", "tracker.test", True),
    ("racker.test", "tracker.test", True),
    ("10.0.0.0/8", "10.9.8.7", False),
    ("10.0.0.0/8", "11.9.8.7", True),
    ("[fd00::1]", "fd00::1", False),
])  # fmt: skip
def test_what_is_left_out_is_reached_directly(left_out: str, host: str, through: bool) -> None:
    found = chosen("https", host, 443, {**HTTPS, "NO_PROXY": left_out})
    assert found == (Proxy("gate", 3128, "Basic YW5uOnNAeQ==") if through else None)


def test_each_scheme_has_its_proxy_and_small_letters_come_first() -> None:
    assert chosen("http", "tracker.test", 80, HTTPS) == Proxy("plain", 81, "")
    assert chosen("http", "tracker.test", 80, {**HTTPS, "http_proxy": "small"}) == Proxy(
        "small", 8080, ""
    )
    assert chosen("https", "tracker.test", 443, {"HTTP_PROXY": "plain:81"}) is None


def test_a_server_without_tls_is_asked_for_by_its_whole_address(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with plain() as proxy:
        monkeypatch.setenv("http_proxy", proxy.url.replace("://", "://ann:say@"))
        connection = Connection("http://tracker.test:8787/below", "hl-key")
        assert connection.request("GET", "/a").status == 200
        assert connection.stream("/b", lambda _: None).status == 200
    for heard, path in zip(proxy.heard, "ab", strict=True):
        assert heard.first == f"GET http://tracker.test:8787/below/{path} HTTP/1.1"
        assert heard.fields["host"] == "tracker.test:8787"
        assert heard.fields["proxy-authorization"] == "Basic YW5uOnNheQ=="


def test_a_proxy_that_we_do_not_speak_to_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "socks5://gate:1080")
    with pytest.raises(Unreachable, match="HTTP_PROXY names no proxy"):
        Connection("http://tracker.test:8787", "hl-key").request("GET", "/a")


@dataclass
class Gate:
    """A proxy that passes on what it is asked to, or refuses."""

    port: int
    refuses: bool = False
    asked: list[bytes] = field(default_factory=list)

    def serve(self, listener: socket.socket) -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            with client:
                said = b""
                while not said.endswith(b"\r\n\r\n"):
                    said += client.recv(1)
                self.asked.append(said)
                if self.refuses:
                    client.sendall(b"HTTP/1.1 407 Who are you\r\nContent-Length: 0\r\n\r\n")
                    continue
                client.sendall(b"HTTP/1.1 200 Connected\r\n\r\n")
                with socket.create_connection(("127.0.0.1", self.port)) as there:
                    back = threading.Thread(target=passed_on, args=(there, client), daemon=True)
                    back.start()
                    passed_on(client, there)
                    back.join(10)


def passed_on(one: socket.socket, other: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while piece := one.recv(65_536):
            other.sendall(piece)
        other.shutdown(socket.SHUT_WR)


@contextmanager
def gate(port: int) -> Iterator[tuple[Gate, str]]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        found = Gate(port)
        thread = threading.Thread(target=found.serve, args=(listener,), daemon=True)
        thread.start()
        yield found, f"127.0.0.1:{listener.getsockname()[1]}"
        listener.shutdown(socket.SHUT_RDWR)
        thread.join(10)


@pytest.fixture
def secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Plain]:
    """A server with TLS that calls itself tracker.test, and that is trusted."""
    certify(tmp_path, "tracker", "DNS:tracker.test", "cert.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "cert.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "cert.pem", tmp_path / "key.pem")
    with plain(context=context) as found:
        yield found


def test_a_server_with_tls_is_reached_through_a_tunnel_that_hears_no_key(
    secret: Plain, monkeypatch: pytest.MonkeyPatch
) -> None:
    with gate(secret.port) as (proxy, place):
        monkeypatch.setenv("HTTPS_PROXY", f"http://ann:say@{place}")
        connection = Connection("https://tracker.test", "hl-key")
        assert connection.request("POST", "/a", b"{}").status == 200
        assert connection.request("GET", "/b").status == 200
        connection.close()
        proxy.refuses = True
        with pytest.raises(Unreachable, match=f"the proxy {place} answers 407 Who are you"):
            connection.request("GET", "/c")
    assert [each.first for each in secret.heard] == ["POST /a HTTP/1.1", "GET /b HTTP/1.1"]
    assert "proxy-authorization" not in secret.heard[0].fields
    first, _ = proxy.asked
    assert first.startswith(b"CONNECT tracker.test:443 HTTP/1.1\r\n")
    assert b"Proxy-Authorization: Basic YW5uOnNheQ==\r\n" in first
    assert b"hl-key" not in first
