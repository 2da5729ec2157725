"""Logs for ever, and tells through a shared file how many calls of `log` have returned."""

import mmap
import os
import struct
import sys
import time

import heartline

REST_S = 0.001
"""A training computes in between; without that 200,000 rows would be over in a blink."""


def main() -> None:
    rest_s = float(sys.argv[3]) if sys.argv[3:] else REST_S
    with open(sys.argv[1], "r+b") as file:
        told = mmap.mmap(file.fileno(), 16)
    run = heartline.init(project="kills", name=sys.argv[2], settings={"silent": True})
    count = 0
    struct.pack_into("<Q", told, 8, os.getpid())
    while True:
        run.log({"loss": float(count), "acc": count / 2})
        count += 1
        struct.pack_into("<Q", told, 0, count)
        if count % 20 == 0:
            time.sleep(rest_s)


if __name__ == "__main__":
    main()
