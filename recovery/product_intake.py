"""Products become rows; an older snapshot changes nothing."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from recovery import tables, watches
from recovery.answer_facts import written_variants
from recovery.model import Product
from recovery.shops import ShopRow
from recovery.upserts import insert_into

_PRODUCTS = tables.products


def record_product(db: Connection, shop: ShopRow, product: Product, now: datetime) -> None:
    """Store a product, or that it is gone (`available` false); who waited for it is told."""
    watching, earlier = watches.before(db, shop.id, product.key)
    values = _values(shop, product)
    insert = insert_into(db, _PRODUCTS).values(**values)
    upsert = insert.on_conflict_do_update(
        index_elements=[_PRODUCTS.c.shop_id, _PRODUCTS.c.key],
        set_={name: insert.excluded[name] for name in values if name not in ("shop_id", "key")},
        where=_PRODUCTS.c.changed_at <= insert.excluded.changed_at,
    ).returning(_PRODUCTS.c.id)
    if db.execute(upsert).first() is not None:
        watches.product_seen(db, shop, product.key, watching, earlier, now)


def _values(shop: ShopRow, product: Product) -> dict[str, Any]:
    return {
        "shop_id": shop.id,
        "key": product.key,
        "title": product.title,
        "address": product.address,
        "image": product.image,
        "price": product.price,
        "currency": product.currency or shop.currency,
        "in_stock": product.in_stock,
        "available": product.available,
        "categories": "\n".join(product.categories),
        "variants": written_variants(product.variants),
        "changed_at": product.changed_at,
        "raw": product.raw,
    }
