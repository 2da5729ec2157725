"""Exit codes that scripts can use, one meaning each. Never prints."""

from heartline.client import errors

OK, ERROR, USAGE, NOT_FOUND, NO_ACCESS, UNREACHABLE, TIMED_OUT, ENDED_BADLY = range(8)
INTERRUPTED = 130

MEANINGS = {
    OK: "done",
    ERROR: "it failed; the message says why",
    USAGE: "the command, a filter or a file was not written as it should be",
    NOT_FOUND: "no such run, sweep, project, user or file",
    NO_ACCESS: "no key, a wrong key, or not yours to see or change",
    UNREACHABLE: "the server does not answer",
    TIMED_OUT: "what was waited for did not happen in time",
    ENDED_BADLY: "`wait`: the run ended, but did not finish; `agent`: the sweep stopped itself",
    INTERRUPTED: "interrupted by Ctrl-C",
}

_OF_ERROR: tuple[tuple[type[errors.HeartlineError], int], ...] = (
    (errors.NotFound, NOT_FOUND),
    (errors.NoKey, NO_ACCESS),
    (errors.AuthenticationError, NO_ACCESS),
    (errors.Forbidden, NO_ACCESS),
    (errors.Unreachable, UNREACHABLE),
    (errors.WaitedTooLong, TIMED_OUT),
    (errors.Ambiguous, USAGE),
    (errors.InvalidRequest, USAGE),
)


def of_error(error: errors.HeartlineError) -> int:
    """The code that a script sees for an error."""
    return next((code for kind, code in _OF_ERROR if isinstance(error, kind)), ERROR)


def described() -> str:
    """The codes for `heartline --help`."""
    return "\n".join(f"  {code:<4} {meaning}" for code, meaning in MEANINGS.items())
