"""One GraphQL request: validated by the official schema, paid from the bucket, executed."""

from __future__ import annotations

import json
from typing import Any

from graphql import (
    DocumentNode,
    GraphQLError,
    OperationDefinitionNode,
    execute_sync,
)

from tests.standins.shopify.cost import LARGEST_QUERY, requested_cost
from tests.standins.shopify.records import Seen
from tests.standins.shopify.resolvers import Call, resolve, resolve_type
from tests.standins.shopify.schema import admin_schema, checked

RATE_LIMITS = "https://shopify.dev/api/usage/rate-limits"
Answer = dict[str, Any]


def answer(call: Call, body: bytes, seen: Seen) -> tuple[int, Answer]:
    """What Shopify says to this body: (HTTP status, JSON). Wrong queries are 200 with errors."""
    try:
        asked = json.loads(body)
        query, variables = asked["query"], asked.get("variables") or {}
    except (ValueError, KeyError, TypeError, AttributeError):
        return 400, {"errors": {"query": "Required parameter missing or invalid"}}
    if not isinstance(query, str) or not isinstance(variables, dict):
        return 400, {"errors": {"query": "Required parameter missing or invalid"}}
    seen.query, seen.variables = query, variables
    document, errors = checked(query)
    if document is None or errors:
        return 200, {"errors": [error.formatted for error in errors]}
    operation = _operation(document, asked.get("operationName"))
    if operation is None:
        return 200, {"errors": [{"message": "No operation with that name in the query"}]}
    cost = seen.cost = requested_cost(document, operation, variables)
    if cost > LARGEST_QUERY:
        return 200, _too_dear(cost)
    if not call.shop.bucket.take(cost):
        return 200, throttled(call, cost)
    return 200, _run(call, document, operation, variables, cost)


def throttled(call: Call, cost: int) -> Answer:
    """THROTTLED, as HTTP 200 with what the query would have cost."""
    extensions = {"code": "THROTTLED", "documentation": RATE_LIMITS}
    return {
        "errors": [{"message": "Throttled", "extensions": extensions}],
        "extensions": {"cost": _cost(call, cost, None)},
    }


def _run(
    call: Call,
    document: DocumentNode,
    operation: OperationDefinitionNode,
    variables: dict[str, Any],
    cost: int,
) -> Answer:
    result = execute_sync(
        admin_schema().graphql,
        document,
        context_value=call,
        variable_values=variables,
        operation_name=operation.name.value if operation.name else None,
        field_resolver=resolve,
        type_resolver=resolve_type,
    )
    is_mutation = operation.operation.value == "mutation"
    spent = cost if is_mutation else min(call.spent, cost)
    call.shop.bucket.give_back(cost - spent)
    said: Answer = {"data": result.data}
    if result.errors:
        said["errors"] = [_told(error) for error in result.errors]
    said["extensions"] = {"cost": _cost(call, cost, spent)}
    if call.warnings:
        said["extensions"]["search"] = call.warnings
    return said


def _operation(document: DocumentNode, name: str | None) -> OperationDefinitionNode | None:
    found = [d for d in document.definitions if isinstance(d, OperationDefinitionNode)]
    if name:
        found = [d for d in found if d.name and d.name.value == name]
    return found[0] if len(found) == 1 else None


def _told(error: GraphQLError) -> dict[str, Any]:
    cause = error.original_error
    if cause is not None and not isinstance(cause, GraphQLError):
        raise cause  # a fault of the stand-in itself must not look like Shopify's
    return dict(error.formatted)


def _cost(call: Call, requested: int, actual: int | None) -> dict[str, Any]:
    return {
        "requestedQueryCost": requested,
        "actualQueryCost": actual,
        "throttleStatus": call.shop.bucket.status(),
    }


def _too_dear(cost: int) -> Answer:
    message = (
        f"Query cost is {cost}, which exceeds the single query max cost limit ({LARGEST_QUERY})."
    )
    extensions = {
        "code": "MAX_COST_EXCEEDED",
        "cost": cost,
        "maxCost": LARGEST_QUERY,
        "documentation": RATE_LIMITS,
    }
    return {"errors": [{"message": message, "extensions": extensions}]}
