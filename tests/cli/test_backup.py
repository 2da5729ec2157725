"""A backup is of one moment, made while the server works, and comes back whole."""

import tarfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from heartline.cli import exits
from tests.server.writer import Speaker
from tests.server_process import ServerProcess, running
from tests.terminal import Terminal


@pytest.fixture
def own(tmp_path: Path) -> Iterator[ServerProcess]:
    """A server that the test may stop."""
    with running(tmp_path / "own") as process:
        yield process


def test_a_backup_made_under_load_comes_back_with_every_acknowledged_point(
    own: ServerProcess, tmp_path: Path
) -> None:
    terminal = Terminal(own, tmp_path)
    data = str(own.home / "data/heartline")
    with own.client() as client:
        run, deleted = Speaker(client).opened(), Speaker(client).opened()
        client.delete(deleted.path)
        run.log(100)
        client.put(f"{run.path}/files/a/b.bin", content=b"\x00\x01" * 5_000)
        done = threading.Event()

        def write() -> None:
            while not done.is_set():
                run.log(10)

        writer = threading.Thread(target=write)
        writer.start()
        try:
            made = terminal.json("backup", "all.tar.gz", "--data-dir", data)
        finally:
            done.set()
            writer.join()
    assert (made["runs"], made["blobs"], made["blobs_missing"]) == (1, 1, [])
    assert (tmp_path / "all.tar.gz").stat().st_mode & 0o077 == 0
    refused = terminal.heartline("restore", "all.tar.gz", "--data-dir", data, "--replace")
    assert "stop it before restoring" in refused.stderr
    own.stop()
    assert "--replace" in terminal.heartline("restore", "all.tar.gz", "--data-dir", data).stderr
    restored = terminal.json("restore", "all.tar.gz", "--data-dir", data, "--replace")
    assert (Path(restored["set_aside"]) / "heartline.db").exists()
    own.start()
    found = terminal.api.run(f"digits/{run.id}")
    steps = [row["_step"] for row in found.scan_history()]
    assert steps == list(range(len(steps)))
    assert 100 <= len(steps) <= run.durable
    assert found.file("a/b.bin").read() == b"\x00\x01" * 5_000


def test_a_damaged_backup_is_not_restored(own: ServerProcess, tmp_path: Path) -> None:
    terminal = Terminal(own, tmp_path)
    terminal.json("backup", "all.tar.gz", "--data-dir", str(own.home / "data/heartline"))
    whole = (tmp_path / "all.tar.gz").read_bytes()
    other = tmp_path / "elsewhere"
    for name, damaged in (
        ("cut", whole[: len(whole) // 2]),
        ("other", b"not a tar"),
        ("empty", b""),
    ):
        (tmp_path / name).write_bytes(damaged)
        done = terminal.heartline("restore", name, "--data-dir", str(other))
        assert done.returncode == exits.ERROR, name
        assert "no backup" in done.stderr or "damaged" in done.stderr
        assert "Traceback" not in done.stderr
        assert not (other / "heartline.db").exists()


def test_a_backup_that_would_write_outside_is_refused(own: ServerProcess, tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "evil.tar.gz", "w:gz") as tar:
        tar.add(__file__, "../../escaped")
    done = Terminal(own, tmp_path).heartline(
        "restore", "evil.tar.gz", "--data-dir", str(tmp_path / "x")
    )
    assert done.returncode == exits.ERROR
    assert not (tmp_path / "escaped").exists()


def test_a_backup_never_replaces_a_file_unasked(own: ServerProcess, tmp_path: Path) -> None:
    terminal = Terminal(own, tmp_path)
    data = str(own.home / "data/heartline")
    (tmp_path / "all.tar.gz").write_text("mine")
    assert "--overwrite" in terminal.heartline("backup", "all.tar.gz", "--data-dir", data).stderr
    assert (tmp_path / "all.tar.gz").read_text() == "mine"
    assert (
        terminal.heartline("backup", "all.tar.gz", "--data-dir", data, "--overwrite").returncode
        == 0
    )
    assert "no server data" in terminal.heartline("backup", "b", "--data-dir", str(tmp_path)).stderr
