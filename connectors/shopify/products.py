"""Products that somebody waits for, as the shop shows them now."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import suppress

from connectors.protocols import ODD, Unreadable, Watched
from connectors.shopify import documents
from connectors.shopify.admin import Admin
from connectors.shopify.news import page_path, variant_title
from connectors.shopify.reading import Json, amount, last_part, moment, part, parts, text
from recovery.model import Product, Variant


def shown(admin: Admin, watched: Sequence[Watched]) -> Iterator[tuple[Product, ...]]:
    """The products, a few at a time: within the shop's points, else `Busy`."""
    keys = list(dict.fromkeys(key for key, _ in watched if key.isdecimal()))
    for start in range(0, len(keys), documents.PRODUCTS_PAGE):
        ids = " OR ".join(f"id:{key}" for key in keys[start : start + documents.PRODUCTS_PAGE])
        answer = admin.ask(documents.PRODUCTS, {"query": ids}, documents.PAGE_COST)
        yield tuple(_read(parts(part(answer.data.get("products")).get("nodes"))))


def _read(nodes: list[Json]) -> Iterator[Product]:
    for node in nodes:
        with suppress(*ODD):
            yield product_from_node(node)


def product_from_node(node: Json) -> Product:
    """The product in a node of `products`, as `news.product_seen` has it from a webhook.

    Of its page's address only the path is told. Raises `Unreadable`.
    """
    key, changed_at = last_part(node.get("id")), moment(node.get("updatedAt"))
    if key is None or changed_at is None:
        raise Unreadable("a polled product without id or time")
    variants = tuple(map(_variant, parts(part(node.get("variants")).get("nodes"))))
    prices = [each.price for each in variants if each.price is not None]
    preview = part(part(node.get("featuredMedia")).get("preview"))
    return Product(
        key=key,
        title=text(node.get("title")) or "",
        changed_at=changed_at,
        address=page_path(text(node.get("handle"))),
        image=text(part(preview.get("image")).get("url")),
        price=min(prices, default=None),
        in_stock=any(each.in_stock for each in variants) if variants else None,
        categories=tuple(filter(None, (text(node.get("productType")),))),
        available=bool(node.get("publishedAt")) and node.get("status") == "ACTIVE",
        raw=json.dumps(node, separators=(",", ":"), default=str),
        variants=variants,
    )


def _variant(node: Json) -> Variant:
    key = last_part(node.get("id"))
    if key is None:
        raise Unreadable("a polled variant without an id")
    sold = node.get("availableForSale")
    return Variant(
        key=key,
        title=variant_title(node),
        price=amount(node.get("price")),
        in_stock=sold if isinstance(sold, bool) else None,
    )
