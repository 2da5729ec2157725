"""What `init` was given, with what the environment adds. Never lets through what no server keeps."""

from collections.abc import Mapping
from typing import Any

from heartline.sdk.settings import BadSetting, variable
from heartline.sdk.values import as_text, to_plain
from heartline.wire.names import check_values, check_words

_VARIABLES = {
    "project": "PROJECT", "entity": "ENTITY", "name": "NAME", "notes": "NOTES",
    "group": "RUN_GROUP", "job_type": "JOB_TYPE",
}  # fmt: skip
_WORDS = ("name", "notes", "group", "job_type")


def checked(said: Mapping[str, Any]) -> dict[str, Any]:
    """The same as text and lists of text; BadSetting names what cannot be meant."""
    found = dict(said)
    for what, name in _VARIABLES.items():
        value = said[what] if said[what] is not None else variable(name)
        found[what] = None if value is None or value == "" else _text(what, value)
    found["run_id"] = None if said["run_id"] is None else _text("id", said["run_id"])
    found["tags"] = _tags(said["tags"] if said["tags"] is not None else variable("TAGS"))
    wrong = check_words(tags=found["tags"], **{what: found[what] for what in _WORDS})
    if wrong:
        raise BadSetting(wrong)
    return found


def _text(what: str, value: Any) -> str:
    try:
        text = str(value)
        text.encode()
    except Exception as error:  # noqa: BLE001 - a user's object may raise anything
        raise BadSetting(f"{what}: text is wanted ({error})") from None
    return text


def _tags(said: Any) -> list[str] | None:
    if said is None:
        return None
    if isinstance(said, str):
        return [tag.strip() for tag in said.split(",") if tag.strip()]
    try:
        return [_text("tags", tag) for tag in said]
    except TypeError:
        raise BadSetting(f"tags: a list of words is wanted, got {type(said).__name__}") from None


def config(said: Any) -> dict[str, Any]:
    """A config as plain values: of a mapping or a namespace."""
    if said is None:
        return {}
    if not isinstance(said, Mapping) and not hasattr(said, "__dict__"):
        raise BadSetting(f"config takes a dict or a namespace, not {_kind(said)}")
    found = {str(key): to_plain(value) for key, value in _values(said).items()}
    if wrong := check_values("config", found):
        raise BadSetting(wrong)
    return found


def config_as_text(said: Any) -> list[str]:
    """What to say of the values that are kept as their text."""
    return as_text(_values(said))


def _values(said: Any) -> Mapping[Any, Any]:
    return said if isinstance(said, Mapping) else vars(said) if said is not None else {}


def _kind(said: Any) -> str:
    return (
        "the path of a file" if isinstance(said, str) else f"a value of type {type(said).__name__}"
    )
