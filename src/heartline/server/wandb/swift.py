"""Plain fields of objects, without the executor's ceremony for each: lists of runs are long.

Never tells an error: a field that fails is asked again in the executor's own way, which names it.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from graphql import GraphQLObjectType, OperationType, Undefined, get_nullable_type, is_leaf_type
from graphql.execution.executor_throwing_on_incremental import ExecutorThrowingOnIncremental
from graphql.pyutils import Path

Details = list[Any]


class Plain(NamedTuple):
    """A field without arguments whose value is a scalar; `null` is what none of it is told as."""

    resolve: Callable[..., Any]
    info: Any
    coerce: Callable[[Any], Any]
    null: Any


class Swift(ExecutorThrowingOnIncremental):
    """What is asked of an object is looked at once, not for every object of a list."""

    def execute_fields(
        self,
        parent_type: GraphQLObjectType,
        source_value: Any,
        path: Path | None,
        grouped_field_set: dict[str, Details],
        position_context: None,
    ) -> Any:
        """All fields of one object."""
        found: dict[str, Any] = {}
        for name, details, plain in self._plan(parent_type, path, grouped_field_set):
            if plain is not None:
                try:
                    value = plain.resolve(source_value, plain.info)
                    value = plain.null if value is None else plain.coerce(value)
                except Exception:  # noqa: BLE001 - told below, where it belongs
                    value = Undefined
                if value is not Undefined:
                    found[name] = value
                    continue
            place = Path(path, name, parent_type.name)
            value = self.execute_field(parent_type, source_value, details, place, position_context)
            if value is not Undefined:
                found[name] = value
        return found

    def _plan(
        self, parent_type: GraphQLObjectType, path: Path | None, asked: dict[str, Details]
    ) -> list[tuple[str, Details, Plain | None]]:
        """What is asked, with what makes each field plain.

        `asked` is one object for a whole list.
        """
        plans: dict[int, Any] = self.__dict__.setdefault("plans", {})
        known = plans.get(id(asked))
        if known is None or known[0] is not asked:
            reading = self.operation.operation is OperationType.QUERY
            plan = [(name, details, self._plain(parent_type, path, name, details) if reading else None)
                    for name, details in asked.items()]  # fmt: skip
            known = plans[id(asked)] = (asked, plan)
        found: list[tuple[str, Details, Plain | None]] = known[1]
        return found

    def _plain(
        self, parent_type: GraphQLObjectType, path: Path | None, name: str, details: Details
    ) -> Plain | None:
        nodes = [each.node for each in details]
        field = self.schema.get_field(parent_type, nodes[0].name.value)
        if field is None or field.args or nodes[0].arguments:
            return None
        kind = get_nullable_type(field.type)
        if not is_leaf_type(kind):
            return None
        place = Path(path, name, parent_type.name)
        info = self.build_resolve_info(field, nodes, parent_type, place)
        resolve, null = (
            field.resolve or self.field_resolver,
            None if kind is field.type else Undefined,
        )
        return Plain(resolve, info, kind.coerce_output_value, null)
