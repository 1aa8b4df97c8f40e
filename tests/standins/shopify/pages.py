"""Connections: `first`, `after`, `last`, `before`, `reverse`, with cursors that stay put."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any, TypeVar

from graphql import GraphQLError

LARGEST_PAGE = 250
Item = TypeVar("Item")


def connection(
    items: Iterable[Item],
    key: Callable[[Item], tuple[Any, int]],
    show: Callable[[Item], dict[str, Any]],
    first: int | None = None,
    after: str | None = None,
    last: int | None = None,
    before: str | None = None,
    reverse: bool = False,
) -> dict[str, Any]:
    """One page of `items`, sorted by `key` (a value, then the id).

    A cursor remembers the key of its item, not its place, so that a page goes on rightly
    after items came, went or moved. Raises `GraphQLError` for a wrong page size or cursor.
    """
    _check_size(first, last)
    ranked = sorted(((_plain(key(item)), item) for item in items), key=lambda pair: pair[0])
    if reverse:
        ranked.reverse()
    start, stop = 0, len(ranked)
    if after is not None:
        edge = _read(after)
        start = next((i for i, (k, _) in enumerate(ranked) if _beyond(k, edge, reverse)), stop)
    if before is not None:
        edge = _read(before)
        stop = next((i for i, (k, _) in enumerate(ranked) if not _beyond(edge, k, reverse)), stop)
    low, high = start, max(start, stop)
    if first is not None:
        high = min(high, low + first)
    if last is not None:
        low = max(low, high - last)
    edges = [{"cursor": _cursor(k), "node": show(item)} for k, item in ranked[low:high]]
    return {
        "edges": edges,
        "nodes": [edge["node"] for edge in edges],
        "pageInfo": {
            "hasNextPage": high < len(ranked),
            "hasPreviousPage": low > 0,
            "startCursor": edges[0]["cursor"] if edges else None,
            "endCursor": edges[-1]["cursor"] if edges else None,
        },
    }


def _check_size(first: int | None, last: int | None) -> None:
    if first is None and last is None:
        raise GraphQLError("you must provide one of first or last")
    if first is not None and last is not None:
        raise GraphQLError("providing both first and last is not supported")
    size = first if first is not None else last
    name = "first" if first is not None else "last"
    if size is not None and not 0 <= size <= LARGEST_PAGE:
        raise GraphQLError(f"{name} cannot exceed {LARGEST_PAGE} nor be negative")


def _plain(key: tuple[Any, int]) -> tuple[Any, int]:
    value, number = key
    if isinstance(value, datetime):
        value = value.timestamp()
    elif isinstance(value, Decimal):
        value = float(value)
    return value, number


def _beyond(key: tuple[Any, int], edge: tuple[Any, int], reverse: bool) -> bool:
    return key < edge if reverse else key > edge


def _cursor(key: tuple[Any, int]) -> str:
    return base64.b64encode(json.dumps({"last_id": key[1], "last_value": key[0]}).encode()).decode()


def _read(cursor: str) -> tuple[Any, int]:
    try:
        said = json.loads(base64.b64decode(cursor, validate=True))
        return said["last_value"], said["last_id"]
    except (ValueError, KeyError, TypeError) as error:
        raise GraphQLError("Invalid cursor for current pagination sort.") from error
