"""Rows of history as pandas, polars or Arrow, where installed. Never a dependency of ours."""

import importlib
from collections.abc import Sequence
from typing import Any, Literal

from heartline.client.errors import InvalidRequest, MissingPackage

Format = Literal["list", "pandas", "polars", "arrow"]
PACKAGES = {"pandas": "pandas", "polars": "polars", "arrow": "pyarrow"}


def shaped(rows: list[dict[str, Any]], form: str) -> Any:
    """The rows in the form asked for; keys that a row lacks are null there."""
    if form == "list":
        return rows
    if form not in PACKAGES:
        raise InvalidRequest(f"format `{form}`: one of list, {', '.join(PACKAGES)}")
    package = imported(PACKAGES[form])
    if form == "pandas":
        return package.DataFrame(rows, columns=_keys(rows))
    columns = {key: _column([row.get(key) for row in rows]) for key in _keys(rows)}
    if form == "polars":
        return package.DataFrame(columns, strict=False)
    return package.table(columns)


def _keys(rows: Sequence[dict[str, Any]]) -> list[str]:
    """Every key in order of first sight."""
    return list(dict.fromkeys(key for row in rows for key in row))


def _column(values: list[Any]) -> list[Any]:
    """One type per column: integers beside floats become floats, anything else mixed is text."""
    kinds = {type(value) for value in values if value is not None}
    if len(kinds) <= 1:
        return values
    if kinds <= {int, float, bool}:
        return [None if value is None else float(value) for value in values]
    return [None if value is None else str(value) for value in values]


def imported(name: str) -> Any:
    """A package that is not ours, or how to get it."""
    try:
        return importlib.import_module(name)
    except ImportError:
        package = name.partition(".")[0]
        raise MissingPackage(f"{package} is not installed: pip install {package}") from None
