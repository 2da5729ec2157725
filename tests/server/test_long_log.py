"""A log of very many lines: every line is there once, and none is held in memory."""

import httpx
import psutil
import pytest

from heartline.wire.ingest import Line
from tests.server.writer import Speaker
from tests.server_process import ServerProcess

LINES, AT_ONCE = 100_000, 5_000
MEMORY_BYTES_MAX = 200 * 2**20


@pytest.fixture
def loud(server: ServerProcess) -> Speaker:
    with server.client() as client:
        run = Speaker(client, project="loud").opened()
        for first in range(0, LINES, AT_ONCE):
            lines = [Line("stdout", n, n, f"step {n} of a long training") for n in
                     range(first, first + AT_ONCE)]  # fmt: skip
            run.say(count=AT_ONCE, lines=lines)
        run.exit()
    run.client = server.client()
    return run


def page(run: Speaker, **query: int) -> list[int]:
    answer: httpx.Response = run.client.get(f"{run.path}/console", params=query)
    found = answer.json()
    assert found["total"] == LINES
    return [line[0] for line in found["lines"]]


def test_a_long_log_is_whole_and_never_held_in_memory(server: ServerProcess, loud: Speaker) -> None:
    assert server.process is not None
    process = psutil.Process(server.process.pid)
    before = process.memory_info().rss
    for first in (0, LINES // 2, LINES - 100):
        assert page(loud, first=first, limit=100) == list(range(first, first + 100))
    assert page(loud, last=3) == [LINES - 3, LINES - 2, LINES - 1]
    seen = [n for first in range(0, LINES, 10_000) for n in page(loud, first=first, limit=10_000)]
    assert seen == list(range(LINES))
    assert process.memory_info().rss - before < MEMORY_BYTES_MAX
    loud.client.close()
