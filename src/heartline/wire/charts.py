"""The JSON records of charts over many runs: groups, bands, importance. Never holds a rule.

Names and units are those of `heartline.wire.api`.
"""

from typing import Any, Literal

import msgspec


class Selection(msgspec.Struct, kw_only=True, omit_defaults=True):
    """The runs of one project that match; `filters` as in `RunQuery`."""

    project: str
    entity: str = ""
    filters: dict[str, Any] | str = ""


class GroupQuery(Selection, kw_only=True, omit_defaults=True):
    """Runs by the values of one or more fields, with the spread of the selected values."""

    by: list[str]
    select: list[str] = []


class Spread(msgspec.Struct, kw_only=True):
    """A value over the runs of a group: `sd` is the sample's, null for a single run."""

    count: int
    mean: float
    sd: float | None
    min: float
    max: float


class RunGroup(msgspec.Struct, kw_only=True):
    """The runs that share these values; null stands for none."""

    values: list[Any]
    runs: int
    states: dict[str, int]
    fields: dict[str, Spread]


class RunGroups(msgspec.Struct, kw_only=True):
    """The largest groups first; `counted` of `total` runs were looked at, the newest."""

    groups: list[RunGroup]
    total: int
    counted: int


class GroupWindowQuery(Selection, kw_only=True, omit_defaults=True):
    """Lines of groups: the mean of all members, and how far they lie apart."""

    by: str
    keys: list[str]
    x: str = "_step"
    width: int = 300
    x_min: float | None = None
    x_max: float | None = None
    band: Literal["range", "deviation", "error", "quantiles"] = "range"


class RunsQuery(msgspec.Struct, kw_only=True):
    """Runs by their numbers."""

    runs: list[int]


class KeysQuery(msgspec.Struct, kw_only=True, omit_defaults=True):
    """The keys of many runs at once."""

    runs: list[int]
    system: bool = False


class SharedKey(msgspec.Struct, kw_only=True):
    """A key over `runs` runs: a number if it is one in any of them, as in `KeyView`."""

    key: str
    kind: str
    runs: int
    objects: int
    media: str


class ObjectsQuery(msgspec.Struct, kw_only=True, omit_defaults=True):
    """The newest `limit` values that are no numbers, of each run and key."""

    runs: list[int]
    keys: list[str]
    limit: int = 2_000


class ObjectsView(msgspec.Struct, kw_only=True):
    """Rows `[step, at, value]` by step; `total` were logged."""

    run: int
    key: str
    total: int
    rows: list[tuple[int, int, Any]]


class ImportanceQuery(Selection, kw_only=True, omit_defaults=True):
    """How much the configuration says about a metric's last value."""

    metric: str


class FieldImportance(msgspec.Struct, kw_only=True):
    """One field: Spearman's rank correlation for numbers, and its part in a random forest."""

    field: str
    importance: float
    correlation: float | None
    values: int


class ImportanceView(msgspec.Struct, kw_only=True):
    """The most important field first; `runs` of `total` have the metric and any configuration."""

    metric: str
    runs: int
    total: int
    fields: list[FieldImportance]
