"""What the launcher tells of a command that logs through another client. Dumb records."""

import msgspec

LAUNCH_CHARS_MAX = 128


class LaunchEnd(msgspec.Struct, kw_only=True):
    """How the command ended, by the kernel's word to its parent; memory is in bytes.

    `given_back` says why a trial was taken away, to be run again elsewhere.
    """

    exit_code: int | None = None
    signal: str | None = None
    core_dumped: bool | None = None
    oom: bool = False
    memory_bytes: int | None = None
    memory_limit_bytes: int | None = None
    given_back: str = ""


class LaunchEnded(msgspec.Struct, kw_only=True):
    """The paths of the runs that this has ended."""

    runs: list[str] = []
