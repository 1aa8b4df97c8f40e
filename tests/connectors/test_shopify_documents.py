"""Every GraphQL document that is sent is valid by Shopify's own schema and fits its cost."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from graphql import GraphQLSchema, parse, validate
from graphql.language import FieldNode, InlineFragmentNode, IntValueNode, SelectionSetNode

from connectors.shopify import documents
from connectors.shopify.topics import FROM_THE_TOML, READERS, SUBSCRIBED
from tests.standins.shopify.schema import admin_schema

MOST_POINTS = 1000
LISTS = {
    "first": documents.PAGE,
    "lines": documents.LINES,
    "products": documents.MOST_PRODUCTS + 1,
}


def all_documents() -> Iterator[tuple[str, str]]:
    for name, value in vars(documents).items():
        if not name.startswith("_") and isinstance(value, str) and "{" in value:
            yield name, value
    yield "ORDERS 2026-07", documents.orders_document("2026-07")
    yield "ORDERS 2025-10", documents.orders_document("2025-10")


DOCUMENTS = dict(all_documents())


@pytest.fixture(scope="module")
def schema() -> GraphQLSchema:
    return admin_schema().graphql


def test_the_documents_are_all_here() -> None:
    assert len(DOCUMENTS) == 22


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_document_is_valid_by_the_official_schema(schema: GraphQLSchema, name: str) -> None:
    assert validate(schema, parse(DOCUMENTS[name])) == []


def test_tokens_are_asked_for_only_where_they_exist() -> None:
    assert "checkoutToken" in documents.orders_document("2026-07")
    assert "checkoutToken" in documents.orders_document("unstable")
    assert "checkoutToken" not in documents.orders_document("2026-04")


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_document_fits_what_one_query_may_cost(name: str) -> None:
    (operation,) = parse(DOCUMENTS[name]).definitions
    assert points(operation.selection_set) <= MOST_POINTS  # type: ignore[union-attr]


def points(selection: SelectionSetNode) -> int:
    """An object 1; a connection 2 and as many nodes as it is asked for."""
    total = 0
    for each in selection.selections:
        if isinstance(each, InlineFragmentNode):
            total += points(each.selection_set)
        elif isinstance(each, FieldNode) and each.selection_set:
            total += 1 + points(each.selection_set)
            total += (length(each) or 0) and 1 + (length(each) - 1) * nodes(each.selection_set)
    return total


def nodes(selection: SelectionSetNode) -> int:
    """What one node of a connection costs."""
    for each in selection.selections:
        if isinstance(each, FieldNode) and each.name.value == "nodes":
            assert each.selection_set
            return 1 + points(each.selection_set)
    return 0


def length(field: FieldNode) -> int:
    """How many nodes a connection is asked for; 0 for what is none."""
    for argument in field.arguments or ():
        value: Any = argument.value
        if argument.name.value == "first":
            return int(value.value) if isinstance(value, IntValueNode) else LISTS[value.name.value]
    return 0


def test_every_topic_we_read_is_one_that_the_schema_knows(schema: GraphQLSchema) -> None:
    known = schema.type_map["WebhookSubscriptionTopic"].values  # type: ignore[attr-defined]
    assert set(SUBSCRIBED) <= set(known)
    assert len(SUBSCRIBED) == len(READERS) - len(FROM_THE_TOML)
