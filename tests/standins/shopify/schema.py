"""The official Admin schema, built once per process and only when it is first needed."""

from __future__ import annotations

import gzip
import json
import re
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from graphql import DocumentNode, GraphQLError, GraphQLSchema, build_client_schema, parse, validate

FILE = Path(__file__).parent / "schema" / "admin_2026-07.json.gz"
VERSION = "2026-07"


@dataclass(frozen=True)
class AdminSchema:
    """The schema, who may read what, and the filters that each connection knows.

    `type_scopes` and `field_scopes` hold alternatives: any one of them will do.
    """

    graphql: GraphQLSchema
    type_scopes: dict[str, tuple[str, ...]]
    field_scopes: dict[tuple[str, str], tuple[str, ...]]
    required_access: dict[tuple[str, str] | str, str]
    filters: dict[str, frozenset[str]]


@cache
def admin_schema() -> AdminSchema:
    """Read and build the schema: about 0.4 s and 70 MB, the first time."""
    content = json.loads(gzip.decompress(FILE.read_bytes()))
    # graphql-core 3.3 calls six of Shopify's own deprecations an error, hence assume_valid.
    schema = build_client_schema(content["data"], assume_valid=True)
    _check_scalars(schema)
    type_scopes: dict[str, tuple[str, ...]] = {}
    field_scopes: dict[tuple[str, str], tuple[str, ...]] = {}
    required: dict[tuple[str, str] | str, str] = {}
    for item in content["offline_scopes"]["items"]:
        scopes = tuple(item["offlineScopes"])
        if not scopes:
            continue
        if item["type"] == "type":
            type_scopes[item["typeName"]] = scopes
            required[item["typeName"]] = item["requiredAccess"]
        else:
            key = (item["typeName"], item["fieldName"])
            field_scopes[key] = scopes
            required[key] = item["requiredAccess"]
    return AdminSchema(schema, type_scopes, field_scopes, required, _filters(schema))


@lru_cache(maxsize=512)
def checked(query: str) -> tuple[DocumentNode | None, tuple[GraphQLError, ...]]:
    """Parse and validate `query`; the errors are graphql-core's own words."""
    try:
        document = parse(query)
    except GraphQLError as error:
        return None, (error,)
    return document, tuple(validate(admin_schema().graphql, document))


def _filters(schema: GraphQLSchema) -> dict[str, frozenset[str]]:
    """The filter names of every list, from the table in the description of its `query`."""
    found = {}
    assert schema.query_type is not None
    for name, field in schema.query_type.fields.items():
        argument = field.args.get("query")
        if argument is not None and argument.description:
            rows = re.findall(r"^\| ([a-z_0-9]+) \|", argument.description, re.MULTILINE)
            found[name] = frozenset(rows) - {"name", "default"}
    return found


def _check_scalars(schema: GraphQLSchema) -> None:
    """Custom scalars of an introspected schema let everything pass; check what comes in."""
    for name, check in {"DateTime": _date_time, "Decimal": _decimal, "Money": _decimal}.items():
        scalar = schema.type_map[name]
        for attribute in ("parse_value", "coerce_input_value"):  # graphql-core 3.2, 3.3
            setattr(scalar, attribute, check)


def _date_time(value: Any) -> str:
    try:
        datetime.fromisoformat(value)
    except (TypeError, ValueError) as error:
        raise GraphQLError(f"Invalid DateTime: {value!r}") from error
    return str(value)


def _decimal(value: Any) -> str:
    try:
        if not Decimal(str(value)).is_finite():
            raise GraphQLError(f"Invalid Decimal: {value!r}")
    except InvalidOperation as error:
        raise GraphQLError(f"Invalid Decimal: {value!r}") from error
    return str(value)
