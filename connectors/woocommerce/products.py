"""Products that somebody waits for, as the shop shows them now.

The list of products leaves variations out: those are asked for at their product, which also
tells their name and whether it is for sale. Products of other languages may be left out of
the list by plugins, so one that is missing is not said to be gone.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

from connectors.protocols import ODD, Refused, Watched
from connectors.woocommerce.client import PER_PAGE, Rest
from connectors.woocommerce.fields import Row, rows, words
from connectors.woocommerce.polling import rows_of
from connectors.woocommerce.reading import product_from
from recovery.model import Product


def shown(rest: Rest, watched: Sequence[Watched]) -> Iterator[tuple[Product, ...]]:
    """The products, then the variations of one product after the other."""
    variants: dict[str, list[str]] = defaultdict(list)
    for product_key, variant_key in watched:
        if product_key.isdecimal():
            more = [variant_key] if variant_key and variant_key.isdecimal() else []
            variants[product_key] += more
    if not variants:
        return
    parents = {each.key: each for each in _asked(rest, "products", list(variants))}
    yield tuple(parents.values())
    for key, wanted in variants.items():
        parent = parents.get(key)
        if wanted and parent is not None:
            yield _variations(rest, parent, wanted)


def _variations(rest: Rest, parent: Product, keys: Sequence[str]) -> tuple[Product, ...]:
    try:
        return tuple(_asked(rest, f"products/{parent.key}/variations", keys, parent))
    except Refused:  # the product is gone since, or has none
        return ()


def _asked(
    rest: Rest, endpoint: str, keys: Sequence[str], parent: Product | None = None
) -> Iterator[Product]:
    answer = rest.get(endpoint, include=",".join(keys[:PER_PAGE]), per_page=PER_PAGE)
    wanted = set(keys)
    for row in rows_of(answer):
        with suppress(*ODD):
            product = _read(row, parent)
            if product.key in wanted:  # a plugin may answer with all there is
                yield product


def _read(row: Any, parent: Product | None) -> Product:
    product = product_from(row, json.dumps(row, default=str))
    if parent is None:
        return product
    # WooCommerce names a variation "Shirt - Blue, Large", but tells it without the product.
    title = f"{parent.title} - {choices}" if (choices := _choices(row)) else parent.title
    return replace(
        product,
        title=title,
        address=product.address or parent.address,
        image=product.image or parent.image,
        categories=parent.categories,
        available=product.available and parent.available,
    )


def _choices(row: Row) -> str:
    options = (words(one, "option") for one in rows(row, "attributes"))
    return ", ".join(each for each in options if each)
