"""What a query costs, and the bucket that it is paid from.

The published rule: an object 1, a scalar or an enum 0, a connection 2 and its nodes by
`first` or `last`, a mutation 10.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLNamedType,
    InlineFragmentNode,
    IntValueNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    VariableNode,
    get_named_type,
    is_composite_type,
    is_list_type,
)

from tests.standins.shopify.schema import admin_schema

MUTATION = 10
CONNECTION = 2
LARGEST_QUERY = 1000


class Bucket:
    """A leaky bucket of points: filled to the brim, `rate` points a second flow back."""

    def __init__(self, size: float, rate: float, now: Callable[[], datetime]) -> None:
        self.size, self.rate, self._now = size, rate, now
        self._left, self._at = size, now()

    @property
    def available(self) -> float:
        now = self._now()
        passed = max((now - self._at).total_seconds(), 0.0)
        self._left, self._at = min(self.size, self._left + passed * self.rate), now
        return self._left

    def take(self, points: float) -> bool:
        """Take `points`, or nothing at all when there are fewer."""
        if self.available < points:
            return False
        self._left -= points
        return True

    def give_back(self, points: float) -> None:
        self._left = min(self.size, self._left + points)

    def drain(self) -> None:
        """Another app's doing: the bucket is empty."""
        self._left = min(self.available, 0.0)

    def status(self) -> dict[str, float]:
        return {
            "maximumAvailable": self.size,
            "currentlyAvailable": float(int(self.available)),
            "restoreRate": self.rate,
        }


def requested_cost(
    document: DocumentNode, operation: OperationDefinitionNode, variables: Mapping[str, Any]
) -> int:
    """The most that `operation` can cost, before anything is looked up."""
    schema = admin_schema().graphql
    root = schema.get_root_type(operation.operation)
    assert root is not None
    if operation.operation is OperationType.MUTATION:
        fields = [s for s in operation.selection_set.selections if isinstance(s, FieldNode)]
        return MUTATION * len([f for f in fields if not f.name.value.startswith("__")])
    fragments = {
        d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)
    }
    return _Counting(fragments, variables).selections(operation.selection_set, root)


class _Counting:
    def __init__(
        self, fragments: dict[str, FragmentDefinitionNode], variables: Mapping[str, Any]
    ) -> None:
        self.fragments, self.variables = fragments, variables

    def selections(self, node: SelectionSetNode | None, parent: GraphQLNamedType) -> int:
        total = 0
        types = admin_schema().graphql.type_map
        for selection in node.selections if node else ():
            if isinstance(selection, FieldNode):
                total += self.field(selection, parent)
            elif isinstance(selection, InlineFragmentNode):
                on = selection.type_condition
                inner = types[on.name.value] if on else parent
                total += self.selections(selection.selection_set, inner)
            elif isinstance(selection, FragmentSpreadNode):
                fragment = self.fragments[selection.name.value]
                inner = types[fragment.type_condition.name.value]
                total += self.selections(fragment.selection_set, inner)
        return total

    def field(self, node: FieldNode, parent: GraphQLNamedType) -> int:
        fields = getattr(parent, "fields", {})
        definition = fields.get(node.name.value)
        if definition is None:  # __typename, __schema
            return 0
        of = get_named_type(definition.type)
        if not is_composite_type(of):
            return 0
        inner = self.selections(node.selection_set, of)
        if of.name.endswith("Connection"):
            return CONNECTION + self.size(node) * inner
        return inner + weight(parent.name, node.name.value, of)

    def size(self, node: FieldNode) -> int:
        for argument in node.arguments or ():
            if argument.name.value in ("first", "last"):
                if isinstance(argument.value, IntValueNode):
                    return int(argument.value.value)
                if isinstance(argument.value, VariableNode):
                    given = self.variables.get(argument.value.name.value)
                    if isinstance(given, int):
                        return given
        return 1


def weight(parent: str, field: str, of: GraphQLNamedType) -> int:
    """Points of one object in this place; a connection's own furniture is free."""
    return 0 if of.name == "PageInfo" or field == "edges" or parent == "Mutation" else 1


def counted(parent: str, field: str, of: GraphQLNamedType, declared: Any, value: Any) -> int:
    """Points for a value that was found, the other half of `requested_cost`."""
    if value is None or not is_composite_type(of):
        return 0
    if of.name.endswith("Connection"):
        return CONNECTION
    each = weight(parent, field, of)
    many = is_list_type(getattr(declared, "of_type", declared)) or is_list_type(declared)
    return each * len(value) if many else each
