"""One measurement of one peer in a process of its own; prints JSON. `child PEER KEYS CALLS`."""

import json
import resource
import sys
import time


def main() -> None:
    name, keys, calls = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    from benchmarks.peers import PEERS, scratch

    peer = next(each for each in PEERS if each.name == name)
    directory = scratch()
    began = time.perf_counter()
    __import__(peer.module)
    imported = time.perf_counter()
    log, finish = peer.start(directory)
    started = time.perf_counter()
    row = {f"metric_{n}": n * 0.1 for n in range(keys)}
    took = []
    for step in range(calls):
        row["metric_0"] = step * 0.5
        before = time.perf_counter_ns()
        log(row, step)
        took.append(time.perf_counter_ns() - before)
    logged = time.perf_counter()
    finish()
    ended = time.perf_counter()
    usage = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    took.sort()
    print(
        json.dumps(
            {
                "import_s": imported - began,
                "init_s": started - imported,
                "log_us_p50": took[len(took) // 2] / 1000,
                "log_us_p99": took[len(took) * 99 // 100] / 1000,
                "log_us_max": took[-1] / 1000,
                "calls_s": logged - started,
                "finish_s": ended - logged,
                "cpu_us_per_call": sum(u.ru_utime + u.ru_stime for u in usage) / calls * 1e6,
            }
        )
    )


if __name__ == "__main__":
    main()
