"""Start, serve, stop: one process from the first line printed to the last commit."""

import asyncio
import contextlib
import gc
import os
import re
import resource
import signal
import socket
from dataclasses import replace
from typing import Any

from heartline.client import credentials
from heartline.server import clockwork, sessions
from heartline.server.house import House
from heartline.server.log import log
from heartline.server.wiring import (
    ADDRESS_FILE,
    PID_FILE,
    Settings,
    compose,
    first_user,
    lock,
)

STOP_S = 10.0
EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104
"""Addresses to listen on that nobody can ask, and where a server that listens there answers."""
# Objects made before young ones are looked through, and how often older ones are.
GARBAGE = (50_000, 20, 50)
CONNECTIONS_MAX = 65_536


class AddressInUse(Exception):
    """Something else listens on this address: stop it, or choose another with --port."""


def checked_address(settings: Settings) -> Settings:
    """Fail early and clearly when the port is taken; for port 0 the system chooses one."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            raise AddressInUse(
                f"cannot listen on {settings.host}:{settings.port} ({error.strerror}); "
                "stop what listens there, or choose another with --port"
            ) from None
        return replace(settings, port=probe.getsockname()[1])


def prepare_process() -> None:
    """Files for this account alone, and a connection for every live run."""
    os.umask(0o077)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = CONNECTIONS_MAX if hard == resource.RLIM_INFINITY else min(CONNECTIONS_MAX, hard)
    if soft < wanted:
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def settle_memory() -> None:
    """What is here at the start stays: to look through it for garbage again is in vain."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*GARBAGE)


def account_name() -> str:
    """The name of this account, as a user name."""
    import getpass

    try:
        name = getpass.getuser()
    except (KeyError, OSError):
        name = "local"
    return re.sub(r"[^A-Za-z0-9_.-]", "-", name) or "local"


async def serve(settings: Settings, announce: Any) -> None:
    """Serve until SIGTERM or SIGINT; `announce(settings, login_link)` prints when it is up."""
    from granian.constants import Interfaces
    from granian.server.embed import Server

    prepare_process()
    # First whose the data is: a server of this account at this address can say so.
    held = lock(settings.data_dir)
    settings = checked_address(settings)
    house = await compose(settings)
    await clockwork.begin(house)
    link = await welcome(house, settings)
    app = await _application(house)
    settle_memory()
    server = Server(
        app,
        address=settings.host,
        port=settings.port,
        interface=Interfaces.ASGINL,
        log_enabled=False,
        backlog=1024,
        backpressure=CONNECTIONS_MAX,
        websockets=False,
    )
    _on_signals(house)
    (settings.data_dir / ADDRESS_FILE).write_text(settings.address)
    (settings.data_dir / PID_FILE).write_text(str(os.getpid()))
    serving = asyncio.create_task(server.serve())
    ticking = asyncio.create_task(clockwork.run(house))
    try:
        await _until_up(settings, serving)
        announce(settings, link)
        stopping = asyncio.create_task(house.stopping.wait())
        await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        house.stopping.set()
        await _finish(server, serving, ticking, house)
        for name in (PID_FILE, ADDRESS_FILE):
            (settings.data_dir / name).unlink(missing_ok=True)
        os.close(held)


async def _application(house: House) -> Any:
    from heartline.server.asgi import application
    from heartline.server.front import Front

    return Front(house, application(house))


def _on_signals(house: House) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, house.stopping.set)


async def _until_up(settings: Settings, serving: "asyncio.Task[None]") -> None:
    """The port answers, or the server has failed and says why."""
    host = EVERYWHERE.get(settings.host, settings.host)
    while not serving.done():
        try:
            _, writer = await asyncio.open_connection(host, settings.port)
        except OSError:
            await asyncio.sleep(0.01)
        else:
            writer.close()
            return
    serving.result()


async def _finish(
    server: Any, serving: "asyncio.Task[None]", ticking: "asyncio.Task[None]", house: House
) -> None:
    """Accepted requests are answered, the last group is committed, then the files are closed."""
    server.stop()
    with contextlib.suppress(TimeoutError, asyncio.CancelledError):
        await asyncio.wait_for(serving, STOP_S)
    with contextlib.suppress(asyncio.CancelledError):
        await ticking
    await clockwork.store_beats(house, house.hearts.held())
    while house.dirty:
        await clockwork.index(house)
    await house.db.close()
    log.info("stopped")


async def welcome(house: House, settings: Settings) -> str:
    """The local user's credentials file, and a link that logs a browser in once."""
    name = account_name()
    if not settings.loopback:
        return ""
    known = credentials.load_all().get(settings.address, {}).get("api_key")
    key = await first_user(house, name, known)
    if key is not None:
        credentials.store(credentials.Credentials(settings.address, key, name))
    user = await house.db.read(lambda tx: tx.accounts.user(name))
    if user is None:
        return ""
    return settings.address + await sessions.link(house, name)
