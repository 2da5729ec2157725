"""The spool survives what disks and deaths do to it: torn tails, flipped bytes, any prefix."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from heartline.sdk.spool import Spool, SpoolFull, segment_path
from heartline.sdk.tail import Tail, streams
from heartline.wire import spool

payloads = st.lists(st.binary(min_size=1, max_size=60), max_size=20)


@given(payloads)
def test_what_was_framed_is_read_back(said: list[bytes]) -> None:
    data = spool.header(0) + b"".join(spool.frame(each) for each in said) + bytes(16)
    assert [found for found, _ in spool.frames(data, spool.HEADER.size)] == said


@given(payloads, st.data())
def test_any_prefix_reads_as_the_whole_frames_in_it(said: list[bytes], data: st.DataObject) -> None:
    whole = b"".join(spool.frame(each) for each in said)
    cut = data.draw(st.integers(0, len(whole)))
    found = [payload for payload, _ in spool.frames(whole[:cut], 0)]
    assert found == said[: len(found)]
    used = sum(len(spool.frame(each)) for each in found)
    left = said[len(found) :]
    assert not left or used + len(spool.frame(left[0])) > cut


@given(payloads.filter(bool), st.data())
def test_a_flipped_bit_is_never_read_as_data(said: list[bytes], data: st.DataObject) -> None:
    whole = bytearray(b"".join(spool.frame(each) for each in said))
    at = data.draw(st.integers(0, len(whole) - 1))
    whole[at] ^= 1 << data.draw(st.integers(0, 7))
    found = [payload for payload, _ in spool.frames(bytes(whole), 0)]
    assert found == said[: len(found)]
    assert len(found) < len(said)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(1, 3_000), min_size=1, max_size=60), st.integers(1, 9))
def test_segments_follow_each_other_without_a_gap(
    tmp_path_factory: pytest.TempPathFactory, sizes: list[int], limit: int
) -> None:
    directory = tmp_path_factory.mktemp("spool")
    writer = Spool(directory, "main", segment_bytes=4_096)
    said = [bytes([n % 251]) * size for n, size in enumerate(sizes)]
    for payload in said:
        writer.append(payload)
    assert writer.records == len(said)
    tail, found = Tail(directory, "main"), []
    while part := tail.read(limit, 10_000):
        found += part
    assert found == said
    assert tail.next == len(said)
    for record in (0, len(said) // 2, len(said)):
        tail.seek(record)
        rest: list[bytes] = []
        while part := tail.read(50, 100_000):
            rest += part
        assert rest == said[record:]


def test_a_reader_that_has_caught_up_goes_on_when_more_is_written(tmp_path: Path) -> None:
    writer, tail = Spool(tmp_path, "main"), Tail(tmp_path, "main")
    assert tail.read(10, 100) == []
    writer.append(b"one")
    assert tail.read(10, 100) == [b"one"]
    assert tail.read(10, 100) == []
    writer.append(b"two")
    assert tail.read(10, 100) == [b"two"]
    assert streams(tmp_path) == ["main"]


def test_a_prepared_segment_is_not_mistaken_for_data(tmp_path: Path) -> None:
    writer, tail = Spool(tmp_path, "main", segment_bytes=4_096), Tail(tmp_path, "main")
    segment_path(tmp_path, "main", 1).write_bytes(bytes(4_096))
    writer.append(b"x" * 3_000)
    assert len(tail.read(10, 100_000)) == 1
    writer.append(b"y" * 3_000)
    assert tail.read(10, 100_000) == [b"y" * 3_000]


def test_a_spool_that_cannot_grow_counts_what_is_lost(tmp_path: Path) -> None:
    writer = Spool(tmp_path, "main", segment_bytes=4_096)
    writer.append(b"x" * 3_000)
    segment_path(tmp_path, "main", 1).mkdir()
    for _ in range(3):
        with pytest.raises(SpoolFull):
            writer.append(b"y" * 3_000)
    assert writer.lost == 3
    writer.append(b"small")
    assert Tail(tmp_path, "main").read(10, 100_000) == [b"x" * 3_000, b"small"]


def test_a_file_of_something_else_is_refused() -> None:
    with pytest.raises(spool.SpoolError):
        spool.read_header(b"not a spool segment, surely")
