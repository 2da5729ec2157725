"""Through which proxy a server is reached, as the environment says. Never opens a connection."""

import os
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

VARIABLES = frozenset({
    "HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy",
})  # fmt: skip
PORT = 8080


class Proxy(NamedTuple):
    """Where it listens, and what it is told of who we are."""

    host: str
    port: int
    authorization: str


def chosen(
    scheme: str, host: str, port: int, environ: Mapping[str, str] = os.environ
) -> Proxy | None:
    """None for a server that is reached directly; ValueError if the proxy is none that we speak."""
    said = _variable(environ, f"{scheme}_proxy")
    if not said or is_loopback(host) or _is_left_out(host, port, _variable(environ, "no_proxy")):
        return None
    parts = urlsplit(said if "://" in said else f"http://{said}")
    if parts.scheme != "http" or not parts.hostname:
        raise ValueError(
            f"{scheme.upper()}_PROXY names no proxy that is spoken to by http://host:port: correct "
            f"it, or name {host} in NO_PROXY"
        )
    return Proxy(parts.hostname, parts.port or PORT, _basic(parts.username, parts.password))


def is_loopback(host: str) -> bool:
    """Whether it is this machine, which is never reached through another."""
    return host in {"localhost", "::1"} or host.endswith(".localhost") or host.startswith("127.")


def _variable(environ: Mapping[str, str], name: str) -> str:
    return environ.get(name) or environ.get(name.upper()) or ""


def _is_left_out(host: str, port: int, said: str) -> bool:
    """By name, by the name of a domain above, by network, each with or without a port; or all."""
    for word in said.replace(",", " ").lower().split():
        name, _, only = word.rpartition(":") if word.count(":") == 1 else (word, "", "")
        if only and only != str(port):
            continue
        name = name.removeprefix("*.").strip(".[]")
        if name in {"*", host} or host.endswith(f".{name}") or _is_within(host, name):
            return True
    return False


def _is_within(host: str, network: str) -> bool:
    if "/" not in network:
        return False
    import ipaddress

    try:
        return ipaddress.ip_address(host) in ipaddress.ip_network(network, strict=False)
    except ValueError:
        return False


def _basic(user: str | None, password: str | None) -> str:
    if user is None:
        return ""
    import base64

    told = f"{unquote(user)}:{unquote(password or '')}"
    return f"Basic {base64.b64encode(told.encode()).decode()}"
