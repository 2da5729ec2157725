"""The filter language: a small tree, parsed from a document or text, checked and evaluated."""

from heartline.core.filters.tree import And, Compare, Filter, FilterError, Not, Or, Order

__all__ = ["And", "Compare", "Filter", "FilterError", "Not", "Or", "Order"]
