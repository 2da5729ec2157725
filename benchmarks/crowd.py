"""Many runs at once over plain sockets, one connection each, as a cluster's are: ingest, beats.

The client is as light as Python allows, so that on two cores the server is what is measured.
"""

import random
import selectors
import socket
import statistics
import time
from typing import Any

import msgspec
import psutil

from benchmarks.server import MSGPACK, Writer
from tests.server_process import ServerProcess

RUNS = 32
LIVE_RUNS, BEATS_PER_S, BEATS_S = 2_000, 2_000, 10.0


class Crowd:
    """The connections of some runs, and what is said over them."""

    def __init__(self, server: ServerProcess, runs: int) -> None:
        self.writers = [Writer(server, f"c{n}-{random.randrange(10**9)}") for n in range(runs)]
        self.selector = selectors.DefaultSelector()
        self.sockets = []
        self.head = (
            "POST /api/v1/ingest HTTP/1.1\r\nHost: 127.0.0.1\r\n"
            f"Authorization: Bearer {server.api_key}\r\nContent-Type: {MSGPACK}\r\n"
        )
        for n, writer in enumerate(self.writers):
            writer.link.close()
            link = socket.create_connection(("127.0.0.1", server.port))
            link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.sockets.append(link)
            self.selector.register(link, selectors.EVENT_READ, n)

    def request(self, n: int, rows: int, keys: int) -> bytes:
        """The next batch of a run as it goes over the line."""
        body = msgspec.msgpack.encode(self.writers[n].batch(rows, keys))
        return f"{self.head}Content-Length: {len(body)}\r\n\r\n".encode() + body

    def answered(self, timeout_s: float | None) -> list[int]:
        """Whose answers have come; a refusal ends the measurement."""
        ready = [key.data for key, _ in self.selector.select(timeout_s)]
        for n in ready:
            answer = self.sockets[n].recv(65_536)
            assert answer.startswith(b"HTTP/1.1 200"), answer
            assert b"refused" not in answer, answer
        return ready

    def close(self) -> None:
        """Let all go."""
        for link in self.sockets:
            link.close()
        self.selector.close()


def _cpu_s(server: ServerProcess) -> float:
    assert server.process is not None
    used = psutil.Process(server.process.pid).cpu_times()
    return float(used.user + used.system)


def ingest(server: ServerProcess, points: int, batches: int, runs: int = RUNS) -> tuple[float, ...]:
    """Points per second of all runs together, and the server's CPU in µs per batch.

    Each run sends its next batch when the one before is acknowledged, thus durable.
    """
    crowd, keys, each = Crowd(server, runs), min(10, points), batches // runs
    said = [[crowd.request(n, points // keys, keys) for _ in range(each)] for n in range(runs)]
    left = [iter(mine) for mine in said]
    cpu_s, began = _cpu_s(server), time.perf_counter()
    for n in range(runs):
        crowd.sockets[n].sendall(next(left[n]))
    answers = 0
    while answers < each * runs:
        for n in crowd.answered(None):
            answers += 1
            if (body := next(left[n], None)) is not None:
                crowd.sockets[n].sendall(body)
    took_s, cpu_s = time.perf_counter() - began, _cpu_s(server) - cpu_s
    crowd.close()
    return points * answers / took_s, cpu_s / answers * 1e6


def heartbeats(server: ServerProcess) -> tuple[float, float, float]:
    """Beats per second as paced, the server's share of a core, and the median answer in ms."""
    crowd, sent, took_ms = Crowd(server, LIVE_RUNS), [0.0] * LIVE_RUNS, []
    for n in range(LIVE_RUNS):
        # The first beat of each is received and saved; those that follow are what is measured.
        crowd.sockets[n].sendall(crowd.request(n, 0, 0))
        while n not in crowd.answered(None):
            pass
    cpu_s, began, beats = _cpu_s(server), time.perf_counter(), 0
    while (now := time.perf_counter()) < began + BEATS_S:
        while beats < (now - began) * BEATS_PER_S:
            n = beats % LIVE_RUNS
            sent[n] = time.perf_counter()
            crowd.sockets[n].sendall(crowd.request(n, 0, 0))
            beats += 1
        answered = crowd.answered(0.5 / BEATS_PER_S)
        took_ms += [(time.perf_counter() - sent[n]) * 1000 for n in answered]
    passed_s, cpu_s = time.perf_counter() - began, _cpu_s(server) - cpu_s
    crowd.close()
    return beats / passed_s, cpu_s / passed_s, statistics.median(took_ms)


def run(server: ServerProcess) -> dict[str, Any]:
    """Everything that many runs at once show."""
    found: dict[str, Any] = {}
    for points, batches in ((10, 9_600), (1_000, 3_200)):
        rates = [ingest(server, points, batches) for _ in range(3)]
        name = f"{RUNS} runs at once, {points} points a batch"
        found[f"{name}, points/s"] = statistics.median(rate for rate, _ in rates)
        found[f"{name}, server CPU µs a batch"] = statistics.median(cpu for _, cpu in rates)
    beats, share, ms = heartbeats(server)
    found["heartbeats/s as paced, a connection each"] = beats
    found["server CPU at 2,000 heartbeats/s, % of a core"] = share * 100
    found["heartbeat answered, ms p50"] = ms
    return found
