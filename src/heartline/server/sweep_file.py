"""The text of a sweep file, YAML or JSON, as plain values. Never checks what they mean."""

import asyncio
import re
from typing import Any

import msgspec
import yaml

from heartline.usecases.names import check_values
from heartline.usecases.refusal import Refused

FILE_CHARS_MAX = 100_000
"""Such a text takes half a second to read, so that it is read in a thread: see `understood`."""
# What the loader of plain values raises at a value that is not of the type that it is tagged as.
MISTAGGED = (ValueError, LookupError, AttributeError)


class _Loader(yaml.SafeLoader):  # type: ignore[misc]
    """Plain values only: 1e-4 is a number, as everybody means it, and a date is its text."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, rule) for tag, rule in rules if not tag.endswith((":timestamp", ":float"))]
    for first, rules in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_FLOAT = r"""^(?:[-+]?(?:[0-9][0-9_]*)\.[0-9_]*(?:[eE][-+]?[0-9]+)?
    |[-+]?(?:[0-9][0-9_]*)[eE][-+]?[0-9]+
    |[-+]?\.[0-9][0-9_]*(?:[eE][-+]?[0-9]+)?
    |[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$"""
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float", re.compile(_FLOAT, re.VERBOSE), [*"-+0123456789."]
)


async def understood(text: str) -> dict[str, Any] | Refused:
    """The values of a sweep file, read beside the event loop."""
    return await asyncio.to_thread(parsed, text)


def parsed(text: str) -> dict[str, Any] | Refused:
    """The values of a sweep file; what is wrong with it, and where."""
    if len(text) > FILE_CHARS_MAX:
        return Refused("unprocessable", f"a sweep file has at most {FILE_CHARS_MAX} characters")
    try:
        found = yaml.load(text, Loader=_Loader)  # noqa: S506 - a safe loader
    except (yaml.YAMLError, RecursionError, *MISTAGGED) as error:
        place = getattr(error, "problem_mark", None)
        where = f" in line {place.line + 1}" if place is not None else ""
        said = getattr(error, "problem", None) or str(error).partition("\n")[0]
        return Refused("unprocessable", f"the sweep file is not YAML{where}: {said}")
    if not isinstance(found, dict):
        return Refused("unprocessable", "a sweep file is a mapping with `method` and `parameters`")
    # Counted before they are unfolded: a few lines of aliases may stand for gigabytes.
    if wrong := check_values("config", found):
        return Refused("unprocessable", wrong)
    try:
        plain: dict[str, Any] = msgspec.to_builtins(found, str_keys=True)
    except TypeError:
        told = "a key of the sweep file is null, true or false to YAML, as on, off, yes and no are"
        return Refused("unprocessable", f"{told}: put it in quotes")
    return plain
