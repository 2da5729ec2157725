"""The filter language: a small tree, parsed from a document or text, checked and evaluated."""

from collections.abc import Mapping
from typing import Any

from heartline.core.filters.document import from_document
from heartline.core.filters.evaluate import matches
from heartline.core.filters.fields import Naming, canonical, field_value
from heartline.core.filters.text import from_text
from heartline.core.filters.tree import (
    And,
    Compare,
    Filter,
    FilterError,
    Not,
    Or,
    Order,
    listed,
)

VALUES_MAX = 20_000
ORDERS_MAX = 5

__all__ = [
    "VALUES_MAX",
    "And",
    "Compare",
    "Filter",
    "FilterError",
    "Naming",
    "Not",
    "Or",
    "Order",
    "canonical",
    "field_value",
    "matches",
    "parse",
    "parse_order",
]


def parse(filters: Mapping[str, Any] | str, now_wall: int, named: Naming = canonical) -> Filter:
    """A Mongo-like document or the same as text; FilterError says what to mend."""
    if isinstance(filters, str):
        tree = from_text(filters, now_wall, named)
    else:
        tree = from_document(filters, now_wall, named)
    if listed(tree) > VALUES_MAX:
        raise FilterError(f"the lists of the filter hold more than {VALUES_MAX:,} values")
    return tree


def parse_order(order: str, named: Naming = canonical) -> tuple[Order, ...]:
    """`-created` is newest first, `+` or nothing is ascending; several are joined by commas."""
    parts = [part.strip() for part in order.split(",") if part.strip()]
    if len(parts) > ORDERS_MAX:
        raise FilterError(f"at most {ORDERS_MAX} fields to sort by")
    return tuple(Order(named(part.lstrip("+-")), part.startswith("-")) for part in parts)
