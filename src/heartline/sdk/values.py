"""What training may log, as what MessagePack can say. Never raises into training."""

import math
from collections.abc import Mapping
from typing import Any

import msgspec

ARRAY_ITEMS_MAX = 1_024
VALUE_BYTES_MAX = 1_000_000
TEXT_CHARS_MAX = 1_000


def plain(value: Any) -> Any:
    """An unknown object as numbers or text: numpy and torch scalars, arrays, dates, paths.

    TypeError if there is no honest way; the caller names the key in one warning.
    """
    if hasattr(value, "item") and getattr(value, "size", 1) in (1, None):
        return value.item()
    if callable(getattr(value, "numel", None)) and value.numel() == 1:
        return value.item()
    if hasattr(value, "tolist"):
        size = getattr(value, "size", 0)
        size = size if isinstance(size, int) else int(value.numel())
        if size <= ARRAY_ITEMS_MAX:
            return value.tolist()
        raise TypeError(f"an array of {size} values (at most {ARRAY_ITEMS_MAX})")
    if hasattr(value, "__fspath__"):
        return str(value)
    if hasattr(value, "__dataclass_fields__"):
        return msgspec.to_builtins(value, enc_hook=plain)
    if isinstance(value, set | frozenset | range):
        return list(value)
    if hasattr(value, "__float__"):
        return float(value)
    raise TypeError(f"a {type(value).__name__}")


encode = msgspec.msgpack.Encoder(enc_hook=plain).encode


def keep(data: dict[Any, Any]) -> tuple[dict[str, Any], list[str]]:
    """The part of a mapping that can be said, and what is wrong with the rest."""
    kept: dict[str, Any] = {}
    wrong: list[str] = []
    for key, value in data.items():
        try:
            if not isinstance(key, str):
                raise TypeError("a key must be text")
            encode(key)
            size = len(encode(value))
            if size > VALUE_BYTES_MAX:
                raise ValueError(f"{size} bytes (at most {VALUE_BYTES_MAX}); save it as a file")
        except Exception as error:  # noqa: BLE001 - a user's object may raise anything
            if isinstance(value, dict) and isinstance(key, str):
                inner, more = keep(value)
                kept[key] = inner
                wrong += [f"{key}.{each}" for each in more]
            else:
                told = str(error) or type(error).__name__
                name = key if isinstance(key, str) else repr(key)
                wrong.append(f"{name}: {told}".encode("utf-8", "replace").decode())
        else:
            kept[key] = value
    return kept, wrong


def to_plain(value: Any, odd: list[str] | None = None) -> Any:
    """A value of config or summary with only plain types in it; text for what has no other way.

    `odd` hears the types that had no other.
    """
    try:
        return msgspec.msgpack.decode(encode(value))
    except Exception:  # noqa: BLE001 - a user's object may raise anything
        if isinstance(value, dict):
            return {str(key): to_plain(item, odd) for key, item in value.items()}
        if isinstance(value, list | tuple | set):
            return [to_plain(item, odd) for item in value]
        if odd is not None:
            odd.append(type(value).__name__)
        return _text(value)


def as_text(values: Mapping[Any, Any]) -> list[str]:
    """What to say of the values of a config or summary that are kept as their text."""
    told = []
    for key, value in values.items():
        odd: list[str] = []
        to_plain(value, odd)
        if odd:
            told.append(f"`{key}` is kept as text: a {odd[0]} has no other way")
    return told


def spelled(value: Any) -> Any:
    """Plain values as they are sent: NaN and infinities as words, since JSON has none."""
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    if isinstance(value, dict):
        return {key: spelled(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [spelled(item) for item in value]
    return value


def _text(value: Any) -> str:
    try:
        return repr(value)[:TEXT_CHARS_MAX].encode("utf-8", "replace").decode()
    except Exception:  # noqa: BLE001 - likewise
        return f"<{type(value).__name__}>"
