"""`run.config` and `run.summary`: mappings that tell every change. Never the state of a run."""

from collections.abc import Callable, Iterator, MutableMapping
from typing import Any

from heartline.sdk.values import to_plain


class Told(MutableMapping[str, Any]):
    """A mapping with attribute access; `tell(changed, removed)` hears what was set."""

    _tell: Callable[[dict[str, Any], list[str]], None]
    _values: dict[str, Any]

    def __init__(self, tell: Callable[[dict[str, Any], list[str]], None]) -> None:
        object.__setattr__(self, "_tell", tell)
        object.__setattr__(self, "_values", {})

    def __getitem__(self, key: str) -> Any:
        return self._values[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self.update({key: value})

    def __delitem__(self, key: str) -> None:
        del self._values[key]
        self._tell({}, [key])

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __getattr__(self, key: str) -> Any:
        if key.startswith("__"):
            raise AttributeError(key)
        try:
            return self._values[key]
        except KeyError:
            raise AttributeError(f"no `{key}` here; set it with [{key!r}] = …") from None

    def __setattr__(self, key: str, value: Any) -> None:
        self[key] = value

    def __repr__(self) -> str:
        return repr(self._values)

    def update(self, *given: Any, allow_val_change: bool = True, **more: Any) -> None:
        """Set many values at once; namespaces (argparse) and mappings are welcome."""
        for each in (*given, more):
            values = (
                dict(vars(each))
                if hasattr(each, "__dict__") and not hasattr(each, "keys")
                else dict(each)
            )
            self._put(values)

    def setdefaults(self, given: dict[str, Any]) -> None:
        """Set those that are not set yet."""
        self._put({key: value for key, value in given.items() if key not in self._values})

    def _put(self, values: dict[Any, Any]) -> None:
        plain = {str(key): to_plain(value) for key, value in values.items()}
        if plain:
            self._values.update(plain)
            self._tell(plain, [])

    def as_dict(self) -> dict[str, Any]:
        """A plain copy."""
        return dict(self._values)

    def _seed(self, values: dict[str, Any]) -> None:
        """What is known already, without telling it again."""
        self._values.update({key: v for key, v in values.items() if key not in self._values})
