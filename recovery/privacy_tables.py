"""The rows of what is owed to people whose data is held: receipts, ends of keeping, what stays.

Everybody reads them as `tables.…`, with all the others.
"""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table

from recovery.columns import Amount, Id, Moment
from recovery.metadata import metadata

# Stops of people who were erased: the next message would break them. See recovery.stop_marks.
stop_marks = Table(
    "stop_marks",
    metadata,
    Column("shop_id", ForeignKey("shops.id"), primary_key=True),
    Column("mark", String(64), primary_key=True),  # of channel and address, salted
    Column("at", Moment, nullable=False),
    Column("source", String(60), nullable=False),
)

# A request for what is held, or to forget, and what was done. The marks go once they served.
privacy_receipts = Table(
    "privacy_receipts",
    metadata,
    Column("id", Id, primary_key=True),
    Column("shop_id", ForeignKey("shops.id"), nullable=False),
    Column("kind", String(12), nullable=False),  # "export", "erase", "erase_shop"
    Column("came_by", String(12), nullable=False),  # "shopify", "wordpress", "merchant", "clock"
    Column("member_id", Id),
    Column("asked_at", Moment, nullable=False),
    Column("done_at", Moment),
    Column("removed", Integer),  # rows that named the person
    Column("retained", Integer),  # stops that stay, as marks
    Column("customer_key", String(64)),
    Column("email", String(320)),
    Column("phone", String(20)),
    Index("ix_privacy_receipts_asked", "shop_id", "asked_at"),
)

# Orders older than a shop keeps people: when and how much, by a salted mark of whose.
past_orders = Table(
    "past_orders",
    metadata,
    Column("id", Id, primary_key=True),
    Column("shop_id", ForeignKey("shops.id"), nullable=False),
    Column("person", String(64), nullable=False),
    Column("placed_at", Moment, nullable=False),
    Column("amount", Amount, nullable=False),  # after refunds
    Column("currency", String(3), nullable=False),
    Index("ix_past_orders_person", "person", "shop_id"),
)

# How far the ends of keeping were carried out: everything begun before is done.
retentions = Table(
    "retentions",
    metadata,
    Column("shop_id", ForeignKey("shops.id"), primary_key=True),
    Column("cart_payloads", Moment),
    Column("order_payloads", Moment),
    Column("carts", Moment),
    Column("orders", Moment),
    Column("begun_at", Moment, nullable=False),  # of this round; rows may be written late
)
