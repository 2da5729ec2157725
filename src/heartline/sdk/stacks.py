"""Where every thread of the program stands, as text. Never interrupts one of them."""

import faulthandler
import os
import time
from pathlib import Path

from heartline.sdk import clock


def dump(directory: Path) -> tuple[str, Path]:
    """A file with the Python stack of every thread, and the name that it has with the run."""
    now = clock.wall_ms()
    stamp = time.strftime("%Y%m%d-%H%M%S", time.gmtime(now // 1000))
    name = f"{stamp}-{now % 1000:03d}-{os.getpid()}.txt"
    path = directory / f"stacks-{name}"
    with path.open("w", encoding="utf-8") as out:
        faulthandler.dump_traceback(out, all_threads=True)
    return f"stacks/{name}", path
