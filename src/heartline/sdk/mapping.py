"""`run.config` and `run.summary`: dicts that tell every change. Never the state of a run."""

from collections.abc import Callable, Mapping
from typing import Any, Self

from heartline.sdk.values import as_text, spelled, to_plain

Tell = Callable[[dict[str, Any], list[str]], None]
Wrong = Callable[[str, str], None]


class Told(dict[str, Any]):
    """A dict with attribute access; `tell(changed, removed)` hears what was set, at any depth."""

    _tell: Tell | None = None
    _wrong: Wrong | None = None

    def __init__(
        self,
        tell: Tell | None = None,
        values: Mapping[str, Any] | None = None,
        wrong: Wrong | None = None,
    ) -> None:
        super().__init__()
        object.__setattr__(self, "_tell", tell)
        object.__setattr__(self, "_wrong", wrong)
        for key, value in (values or {}).items():
            super().__setitem__(key, self._inner(key, value))

    def _inner(self, key: str, value: Any) -> Any:
        """A change inside of a value is a change of that value."""
        if not isinstance(value, dict):
            return value
        return Told(lambda *_: self._say({key: as_plain(self.get(key))}, []), value)

    def _say(self, changed: dict[str, Any], removed: list[str]) -> None:
        if self._tell is not None:
            self._tell(spelled(changed), removed)

    def __setitem__(self, key: str, value: Any) -> None:
        self._put({key: value})

    def __delitem__(self, key: str) -> None:
        super().__delitem__(key)
        self._say({}, [key])

    def __getattr__(self, key: str) -> Any:
        if key.startswith("__"):
            raise AttributeError(key)
        try:
            return self[key]
        except KeyError:
            raise AttributeError(f"no `{key}` here; set it with [{key!r}] = …") from None

    def __setattr__(self, key: str, value: Any) -> None:
        self[key] = value

    def __delattr__(self, key: str) -> None:
        del self[key]

    def update(self, *given: Any, allow_val_change: bool = True, **more: Any) -> None:
        """Set many values at once; namespaces (argparse) and mappings are welcome."""
        for each in (*given, more):
            named = hasattr(each, "__dict__") and not hasattr(each, "keys")
            try:
                values = dict(vars(each)) if named else dict(each)
            except (TypeError, ValueError):
                self._refuse(
                    "update", f"a mapping or a namespace is wanted, got {type(each).__name__}"
                )
                continue
            self._put(values)

    def _refuse(self, call: str, why: str) -> None:
        """As a dict would, but where training must go on: then it is said instead."""
        if self._wrong is None:
            raise TypeError(why)
        self._wrong(call, f"{call} was not done: {why}")

    def __ior__(self, given: Any) -> Self:  # type: ignore[override,misc]
        self.update(given)
        return self

    def setdefault(self, key: str, default: Any = None) -> Any:
        """The value, set first if there is none."""
        if key not in self:
            self[key] = default
        return self[key]

    def setdefaults(self, given: Mapping[str, Any]) -> None:
        """Set those that are not set yet."""
        self._put({key: value for key, value in given.items() if key not in self})

    def pop(self, key: str, *default: Any) -> Any:
        """Remove and return."""
        known = key in self
        value = super().pop(key, *default)
        if known:
            self._say({}, [key])
        return value

    def popitem(self) -> tuple[str, Any]:
        """Remove the newest."""
        key, value = super().popitem()
        self._say({}, [key])
        return key, value

    def clear(self) -> None:
        """Remove all."""
        gone = list(self)
        super().clear()
        self._say({}, gone)

    def _put(self, values: Mapping[Any, Any]) -> None:
        if self._wrong is not None:
            for told in as_text(values):
                self._wrong(told, told)
        plain = {str(key): to_plain(value) for key, value in values.items()}
        for key, value in plain.items():
            super().__setitem__(key, self._inner(key, value))
        if plain:
            self._say(plain, [])

    def as_dict(self) -> dict[str, Any]:
        """A plain copy."""
        return {key: as_plain(value) for key, value in self.items()}

    def seed(self, values: Mapping[str, Any]) -> None:
        """What is known already, without telling it again."""
        for key, value in values.items():
            if key not in self:
                super().__setitem__(key, self._inner(key, value))

    def __reduce__(self) -> tuple[Any, ...]:
        return dict, (self.as_dict(),)


def as_plain(value: Any) -> Any:
    """Without our own kind of dict in it."""
    return value.as_dict() if isinstance(value, Told) else value
