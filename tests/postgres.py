"""A real PostgreSQL for tests: own data directory, own port, ended with the session."""

import contextlib
import glob
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator

# Of people, as most servers have it: the order of texts must not follow it.
ALPHABET = ("-E", "UTF8", "--locale-provider=icu", "--icu-locale=en-US")


def binaries() -> str | None:
    """Where Debian keeps the server's programs."""
    found = sorted(glob.glob("/usr/lib/postgresql/*/bin"))
    return found[-1] if found and os.path.exists(f"{found[-1]}/initdb") else None


@contextlib.contextmanager
def postgres() -> Iterator[str]:
    """The URL of an empty database."""
    home = binaries()
    assert home is not None
    directory = tempfile.mkdtemp(prefix="heartline-pg-")
    as_user: dict[str, object] = {}
    if os.getuid() == 0:
        account = pwd.getpwnam("postgres")
        os.chown(directory, account.pw_uid, account.pw_gid)
        as_user = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    data = f"{directory}/data"
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    subprocess.run(
        [f"{home}/initdb", "-D", data, "-U", "heartline", "-A", "trust", "-N", *ALPHABET],
        check=True,
        cwd=directory,
        **as_user,
        **quiet,
    )
    server = subprocess.Popen(
        [
            f"{home}/postgres",
            "-D",
            data,
            "-p",
            str(port),
            "-k",
            directory,
            "-c",
            "listen_addresses=127.0.0.1",
            "-c",
            "fsync=off",
        ],
        cwd=directory,
        **as_user,
        **quiet,
    )
    try:
        _until_ready(home, port, server)
        yield f"postgresql://heartline@127.0.0.1:{port}/postgres"
    finally:
        server.terminate()
        server.wait(timeout=20)
        shutil.rmtree(directory, ignore_errors=True)


def _until_ready(home: str, port: int, server: "subprocess.Popen[bytes]") -> None:
    until = time.monotonic() + 30
    while time.monotonic() < until:
        assert server.poll() is None, "postgres ended at once"
        ready = subprocess.run(
            [f"{home}/pg_isready", "-q", "-h", "127.0.0.1", "-p", str(port)], check=False
        )
        if ready.returncode == 0:
            return
        time.sleep(0.05)
    raise AssertionError("postgres did not start")
