"""A run in the hands of other code: calls, copies. Never hides an interrupt or an exit."""

import functools
from collections.abc import Callable
from typing import Any, Concatenate, NoReturn, ParamSpec, Protocol, Self, TypeVar


class Warns(Protocol):
    """Whoever can say that a call came to nothing."""

    def warn(self, key: str, text: str) -> None:
        """The same trouble is told once."""


P = ParamSpec("P")
S = TypeVar("S", bound=Warns)


def harmless(call: Callable[Concatenate[S, P], None]) -> Callable[Concatenate[S, P], None]:
    """What cannot be done is said in one warning that names the call; training goes on."""

    def guarded(self: S, /, *given: P.args, **named: P.kwargs) -> None:
        try:
            call(self, *given, **named)
        except Exception as error:  # noqa: BLE001 - nothing of ours may stop training
            try:
                told = str(error) or type(error).__name__
            except Exception:  # noqa: BLE001 - not even an error that cannot be told
                told = type(error).__name__
            text = f"{call.__name__} was not done: {told}"
            self.warn(text, text)

    functools.update_wrapper(guarded, call)
    return guarded


class Single:
    """One thing of one process: a copy is the thing itself, and it cannot be sent to another."""

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, _: dict[int, Any]) -> Self:
        return self

    def __reduce__(self) -> NoReturn:
        raise TypeError(
            "a run belongs to the process that opened it and cannot be pickled: let the other "
            "process open a run of its own, with the same group="
        )
