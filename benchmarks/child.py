"""One measurement of one peer in a process of its own; prints JSON. `child PEER KIND KEYS CALLS`.

KIND is `tight` (one call after the other), `paced` (100 a second) or `busy` (beside a thread that
computes). What a peer's helper processes cost is counted too: orphans come back to us.
"""

import contextlib
import json
import os
import resource
import sys
import threading
import time

PACE_S = 0.01
LEFT_S = 3.0


def reap() -> None:
    """Wait a while for the helpers that end by themselves."""
    until = time.monotonic() + LEFT_S
    while time.monotonic() < until:
        try:
            pid, _ = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if not pid:
            time.sleep(0.02)


def spent() -> tuple[float, float]:
    """CPU seconds of this process, and of its helpers, ended or not."""
    import psutil

    own, ended = (resource.getrusage(w) for w in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    helpers = ended.ru_utime + ended.ru_stime
    for child in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.Error):
            times = child.cpu_times()
            helpers += times.user + times.system
    return own.ru_utime + own.ru_stime, helpers


def memory_mb() -> tuple[float, float]:
    """Resident memory of this process, and of its helpers."""
    import psutil

    me = psutil.Process()
    helpers = 0
    for child in me.children(recursive=True):
        with contextlib.suppress(psutil.Error):
            helpers += child.memory_info().rss
    return me.memory_info().rss / 1e6, helpers / 1e6


def busy() -> None:
    while True:
        sum(range(1_000))


def main() -> None:
    name, kind, keys, calls = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    from benchmarks.limited import adopt
    from benchmarks.peers import PEERS, scratch

    adopt()
    peer = next(each for each in PEERS if each.name == name)
    directory = scratch()
    import psutil  # noqa: F401 - so that no peer pays for it

    __import__(peer.module)
    before = memory_mb()[0]
    began = time.perf_counter()
    log, finish = peer.start(directory)
    started = time.perf_counter()
    row = {f"metric_{n}": n * 0.1 for n in range(keys)}
    if kind == "busy":
        threading.Thread(target=busy, daemon=True).start()
    cpu, took = spent(), [0] * calls
    first = time.perf_counter()
    for step in range(calls):
        row["metric_0"] = step * 0.5
        if kind == "paced":
            time.sleep(PACE_S)
        at = time.perf_counter_ns()
        log(row, step)
        took[step] = time.perf_counter_ns() - at
    logged = time.perf_counter()
    own, helpers = memory_mb()
    finish()
    ended = time.perf_counter()
    reap()
    paid = spent()
    took.sort()
    points = keys * calls
    print(json.dumps({
        "init_s": started - began,
        "log_us_p50": took[calls // 2] / 1000,
        "log_us_p99": took[calls * 99 // 100] / 1000,
        "log_us_max": took[-1] / 1000,
        "finish_s": ended - logged,
        "points_per_s": points / (ended - first),
        "own_cpu_us_per_point": (paid[0] - cpu[0]) / points * 1e6,
        "helper_cpu_us_per_point": (paid[1] - cpu[1]) / points * 1e6,
        "memory_mb": own - before,
        "helper_memory_mb": helpers,
    }), flush=True)  # fmt: skip
    # Threads of a peer, or the busy one, must not hold up what is known.
    os._exit(0)


if __name__ == "__main__":
    main()
