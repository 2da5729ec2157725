"""Writers of a spool while signals, threads, full disks and torn frames get in their way."""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from heartline.sdk.spool import Spool, SpoolClosed, SpoolFull, TooLarge, segment_path
from heartline.sdk.tail import UNREADABLE, Tail
from heartline.wire import spool

ALARM_S = 0.0005


class Interrupt(Exception):
    pass


def everything(directory: Path, stream: str = "main") -> list[bytes]:
    tail, found = Tail(directory, stream), []
    while part := tail.read(997, 1 << 20):
        found += part
    assert tail.next == len(found)
    return found


@pytest.mark.parametrize("mapped", [True, False], ids=["mapped", "write(2)"])
def test_a_signal_handler_that_logs_disturbs_nobody(tmp_path: Path, mapped: bool) -> None:
    writer = Spool(tmp_path, "main", 8_192, mapped=mapped)
    said: list[bytes] = []

    def handler(*_: object) -> None:
        payload = b"handler %d" % len(said)
        said.append(payload)
        writer.append(payload)

    before = signal.signal(signal.SIGALRM, handler)
    signal.setitimer(signal.ITIMER_REAL, ALARM_S, ALARM_S)
    try:
        count = 0
        while len(said) < 300:
            writer.append(b"main %d" % count)
            count += 1
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    writer.close()
    found = everything(tmp_path)
    assert [each for each in found if each.startswith(b"main")] == [
        b"main %d" % n for n in range(count)
    ]
    # A handler may come in the middle of a handler: then the later one writes first.
    assert sorted(each for each in found if each.startswith(b"handler")) == sorted(said)


@pytest.mark.parametrize("mapped", [True, False], ids=["mapped", "write(2)"])
def test_a_signal_handler_that_raises_costs_at_most_its_own_record(
    tmp_path: Path, mapped: bool
) -> None:
    writer = Spool(tmp_path, "main", 8_192, mapped=mapped)

    def handler(*_: object) -> None:
        raise Interrupt

    before = signal.signal(signal.SIGALRM, handler)
    returned: set[int] = set()
    interrupts, count = 0, 0
    while interrupts < 300:
        try:
            signal.setitimer(signal.ITIMER_REAL, ALARM_S)
            while True:
                number, count = count, count + 1
                writer.append(b"%d" % number)
                returned.add(number)
        except Interrupt:
            interrupts += 1
    signal.signal(signal.SIGALRM, before)
    writer.close()
    found = [int(each) for each in everything(tmp_path)]
    assert found == sorted(set(found)), "twice, or out of order"
    assert returned <= set(found), "a call had returned, and its record is gone"


def test_threads_share_a_spool_without_a_gap(tmp_path: Path) -> None:
    writer = Spool(tmp_path, "main", 16_384)

    def write(name: int) -> None:
        for n in range(2_000):
            writer.append(b"%d %d" % (name, n))

    threads = [threading.Thread(target=write, args=(name,)) for name in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = [tuple(map(int, each.split())) for each in everything(tmp_path)]
    assert writer.records == len(found) == 8_000
    for name in range(4):
        assert [n for who, n in found if who == name] == list(range(2_000))


def test_a_reader_beside_the_writer_misses_nothing_at_a_change_of_segments(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from heartline.sdk.spool import Spool\n"
        "writer = Spool(Path(sys.argv[1]), 'main', 4096)\n"
        "for n in range(60_000): writer.append(b'%d' % n)\n"
    )
    process = subprocess.Popen([sys.executable, "-c", code, str(tmp_path)])
    tail, found = Tail(tmp_path, "main"), []
    while process.poll() is None:
        found += tail.read(1_000_000, 1 << 30)
    found += tail.read(1_000_000, 1 << 30)
    assert process.returncode == 0
    assert [int(each) for each in found] == list(range(60_000))


def test_what_is_torn_in_the_middle_keeps_its_numbers(tmp_path: Path) -> None:
    writer = Spool(tmp_path, "main", 4_096)
    for n in range(30):
        writer.append(b"%02d" % n * 200)
    path = segment_path(tmp_path, "main", 0)
    data = bytearray(path.read_bytes())
    data[spool.HEADER.size + 3 * (spool.FRAME.size + 400) + 100] ^= 1
    path.write_bytes(data)
    found = everything(tmp_path)
    assert len(found) == 30
    assert found[:3] == [b"%02d" % n * 200 for n in range(3)]
    assert found[3] == UNREADABLE
    assert all(each in {b"%02d" % n * 200, UNREADABLE} for n, each in enumerate(found))
    assert found[-1] == b"29" * 200
    tail = Tail(tmp_path, "main")
    for record in (0, 2, 4, 9, 20, 29):
        tail.seek(record)
        assert tail.next == record
        assert tail.read(1, 100) == [found[record]]


def test_a_torn_try_on_a_full_disk_is_overwritten_by_the_next(tmp_path: Path) -> None:
    writer = Spool(tmp_path, "main", 1 << 20, mapped=False)
    writer.append(b"one")
    path = segment_path(tmp_path, "main", 0)
    with path.open("ab") as file:
        file.write(spool.frame(b"half of something")[:12])
    assert everything(tmp_path) == [b"one"]
    writer.append(b"two")
    assert everything(tmp_path) == [b"one", b"two"]


@pytest.mark.skipif(os.getuid() != 0, reason="mounting a small disk needs root")
def test_a_full_disk_costs_what_it_cannot_hold_and_nobody_dies(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    if os.system(f"mount -t tmpfs -o size=256k tmpfs {disk} 2>/dev/null") != 0:
        pytest.skip("no right to mount here")
    try:
        writer = Spool(disk, "main", 65_536)
        kept = 0
        for n in range(600):
            try:
                writer.append(b"%04d" % n * 256)
                kept += 1
            except SpoolFull as error:
                assert error.strerror == "No space left on device"
        assert (writer.records, writer.lost) == (kept, 600 - kept)
        assert 0 < kept < 600
        assert len(everything(disk)) == kept
        segment_path(disk, "main", 0).unlink()
        writer.append(b"there is room again")
        assert writer.records == kept + 1
    finally:
        os.system(f"umount -l {disk}")


def test_records_beyond_the_limit_and_after_the_end_are_refused(tmp_path: Path) -> None:
    writer = Spool(tmp_path, "main")
    with pytest.raises(TooLarge):
        writer.append(bytes(spool.FRAME_BYTES_MAX + 1))
    writer.append(b"good")
    writer.close()
    with pytest.raises(SpoolClosed):
        writer.append(b"late")
    assert everything(tmp_path) == [b"good"]


def test_a_lazy_spool_makes_no_file_before_its_first_record(tmp_path: Path) -> None:
    writer = Spool(tmp_path, "fork-1", lazy=True)
    assert list(tmp_path.iterdir()) == []
    writer.append(b"first")
    assert everything(tmp_path, "fork-1") == [b"first"]
