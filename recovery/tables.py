"""The rows: what the database remembers. Times are aware UTC, amounts exact.

The four tables that webhooks fill in floods (shoppers, carts, cart_keys, consents) have no
foreign keys: PostgreSQL asks for each of them row by row, which was a fifth of an intake.
Only `intake` writes them, with ids that it read in the same transaction, and what
`privacy` erases it erases with what hangs on it.

What is said to shoppers, and by what leave, is listed in `message_tables`, and read from
here like the rest.
"""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from recovery.columns import Amount, Id, Moment, Word
from recovery.history_tables import history_imports
from recovery.merchant_tables import (
    alerts,
    changes,
    looks,
    members,
    tried_texts,
    written_answers,
)
from recovery.message_tables import (
    caps,
    consents,
    links,
    programme_versions,
    programmes,
    reminders,
    replies,
    requests,
    suppressions,
)
from recovery.metadata import metadata
from recovery.prepared_tables import marks, prepared_figures
from recovery.privacy_tables import past_orders, privacy_receipts, retentions, stop_marks
from recovery.programme_tables import (
    arms,
    clicks,
    forwards,
    leaving_reasons,
    offers,
    pauses,
    splits,
)
from recovery.shop_tables import accounts, installs, nonces, pairings, shops

__all__ = [
    "accounts",
    "alerts",
    "arms",
    "caps",
    "cart_keys",
    "cart_words",
    "carts",
    "changes",
    "clicks",
    "consents",
    "forwards",
    "history_imports",
    "installs",
    "leaving_reasons",
    "links",
    "looks",
    "marks",
    "members",
    "metadata",
    "name_words",
    "nonces",
    "notices",
    "offers",
    "order_cart_keys",
    "orders",
    "pairings",
    "parcels",
    "past_orders",
    "pauses",
    "prepared_figures",
    "privacy_receipts",
    "products",
    "programme_versions",
    "programmes",
    "pulses",
    "refunds",
    "reminders",
    "replies",
    "requests",
    "retentions",
    "shoppers",
    "shops",
    "splits",
    "stop_marks",
    "suppressions",
    "tried_texts",
    "unread",
    "written_answers",
]


shoppers = Table(
    "shoppers",
    metadata,
    Column("id", Id, primary_key=True),
    Column("identity", String(400), nullable=False, unique=True),  # "shop|customer:…"
    Column("shop_id", Id, nullable=False),
    Column("customer_key", String(64)),
    Column("first_name", String(120)),
    Column("last_name", String(120)),
    Column("email", String(320)),
    Column("phone", String(20)),
    Column("phone_raw", String(80)),
    Column("country", String(2)),
    Column("region", String(10)),
    Column("locale", String(35)),
    Column("orders", Integer),
    Column("raw", Text),  # of news about the customer alone; a checkout's stays with its cart
    Column("changed_at", Moment, nullable=False),
    Index("ix_shoppers_email", "email", "shop_id"),
    Index("ix_shoppers_phone", "phone", "shop_id"),
    Index(
        "ix_shoppers_raw",
        *("shop_id", "changed_at"),
        sqlite_where=text("raw IS NOT NULL"),
        postgresql_where=text("raw IS NOT NULL"),
    ),
    Index("ix_shoppers_changed", "shop_id", "changed_at"),  # whose time is over
)

carts = Table(
    "carts",
    metadata,
    Column("id", Id, primary_key=True),
    Column("shop_id", Id, nullable=False),
    Column("key", String(255), nullable=False),
    Column("name", String(80)),
    Column("state", String(12), nullable=False),
    Column("ended_because", String(40)),
    Column("origin", String(14), nullable=False),
    Column("bot", String(40)),  # why it is taken for a bot's; None: a person's
    Column("customer_key", String(64)),
    Column("email", String(320)),
    Column("phone", String(20)),  # E.164, or None: never texted
    Column("phone_raw", String(80)),
    Column("first_name", String(120)),
    Column("country", String(2)),
    Column("region", String(10)),
    Column("locale", String(35)),
    Column("hidden", String(200)),  # fields the platform withholds, comma-separated
    Column("currency", String(3), nullable=False),
    Column("total", Amount, nullable=False),
    Column("subtotal", Amount),
    Column("discounts", Amount),
    Column("shipping", Amount),
    Column("tax", Amount),
    Column("discount_codes", Text),
    Column("lines", Text, nullable=False),  # JSON, see recovery.lines
    Column("item_count", Integer, nullable=False),
    Column("way_back", Text),
    Column("platform_state", String(40)),
    Column("client", String(32)),  # the visitor's address, hashed
    Column("sources", String(60), nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("changed_at", Moment, nullable=False),  # the platform's clock
    Column("look_at", Moment, nullable=False),  # ours: when the clock asks whether it is abandoned
    Column("left_at", Moment, nullable=False),  # ours: the shopper's last change
    Column("abandoned_at", Moment),
    Column("recorded_at", Moment, nullable=False),
    Column("silenced_at", Moment),  # the merchant wants no reminder of it; None: they may leave
    Column("raw", Text, nullable=False),
    UniqueConstraint("shop_id", "key"),
    Index(
        "ix_carts_open",
        "look_at",
        sqlite_where=text("state = 'open'"),
        postgresql_where=text("state = 'open'"),
    ),
    Index("ix_carts_created", "shop_id", "created_at"),  # what reports ask by
    Index("ix_carts_state", "shop_id", "state", "created_at"),  # what lists ask by
    # Also by how an address begins, which PostgreSQL's own order of letters would not serve.
    Index("ix_carts_email", "email", "shop_id", postgresql_ops={"email": "varchar_pattern_ops"}),
    Index("ix_carts_phone", "phone", "shop_id", postgresql_ops={"phone": "varchar_pattern_ops"}),
    Index("ix_carts_customer_key", "customer_key", "shop_id"),
    Index(
        "ix_carts_client",
        "client",
        "recorded_at",
        sqlite_where=text("client IS NOT NULL"),
        postgresql_where=text("client IS NOT NULL"),
    ),
    # By what never changes, so that a browser's many changes leave this index alone.
    Index(
        "ix_carts_nobodys",
        "recorded_at",
        sqlite_where=text("sources = 'cart'"),
        postgresql_where=text("sources = 'cart'"),
    ),
)

# Every key a cart answers to, "<shop id>|<key>": joins webhook, poll, plugin and order.
cart_keys = Table(
    "cart_keys",
    metadata,
    Column("key", String(400), primary_key=True),
    Column("cart_id", Id, nullable=False, index=True),
    sqlite_with_rowid=False,
)


def _words(name: str, *more: Index) -> Table:
    """Words by which carts are searched; newest first, as they are listed."""
    return Table(
        name,
        metadata,
        Column("shop_id", Id, primary_key=True),
        Column("word", Word, primary_key=True),
        Column("created_at", Moment, primary_key=True),  # of the cart
        Column("cart_id", Id, primary_key=True),
        *more,
        sqlite_with_rowid=False,
    )


#: Of the titles and keys of products; and of the names of people, which an erasure takes out.
cart_words = _words("cart_words")
name_words = _words("name_words", Index("ix_name_words_cart", "cart_id"))

orders = Table(
    "orders",
    metadata,
    Column("id", Id, primary_key=True),
    Column("shop_id", ForeignKey("shops.id"), nullable=False),
    Column("key", String(255), nullable=False),
    Column("name", String(80)),
    Column("cart_id", ForeignKey("carts.id"), index=True),
    Column("reminder_id", ForeignKey("reminders.id"), index=True),
    Column("credited_by", String(8)),  # "click", "code", "window"
    Column("origin", String(14), nullable=False),
    Column("customer_key", String(64)),
    Column("email", String(320)),
    Column("phone", String(20)),
    Column("currency", String(3), nullable=False),
    Column("total", Amount, nullable=False),
    Column("subtotal", Amount),
    Column("discounts", Amount),
    Column("shipping", Amount),
    Column("tax", Amount),
    Column("refunded", Amount, nullable=False),
    Column("discount_codes", Text, nullable=False),
    Column("lines", Text, nullable=False),
    Column("paid", Boolean, nullable=False),
    Column("platform_state", String(40)),
    Column("placed_at", Moment, nullable=False),
    Column("cancelled_at", Moment),
    Column("changed_at", Moment, nullable=False),
    Column("recorded_at", Moment, nullable=False),
    Column("raw", Text, nullable=False),
    UniqueConstraint("shop_id", "key"),
    Index("ix_orders_placed", "shop_id", "placed_at"),
    Index("ix_orders_name", "shop_id", "name"),
    Index(
        "ix_orders_credited",
        *("shop_id", "cart_id"),
        sqlite_where=text("reminder_id IS NOT NULL"),
        postgresql_where=text("reminder_id IS NOT NULL"),
    ),
    Index("ix_orders_email", "email", "shop_id", "placed_at"),
    Index("ix_orders_phone", "phone", "shop_id", "placed_at"),
    Index("ix_orders_customer_key", "customer_key", "shop_id", "placed_at"),
)

# Keys of carts that an order closes, also of carts not seen yet.
order_cart_keys = Table(
    "order_cart_keys",
    metadata,
    Column("key", String(400), primary_key=True),
    Column("order_id", ForeignKey("orders.id"), primary_key=True, index=True),
    sqlite_with_rowid=False,
)

refunds = Table(
    "refunds",
    metadata,
    Column("id", Id, primary_key=True),
    Column("shop_id", ForeignKey("shops.id"), nullable=False),
    Column("key", String(255), nullable=False),
    Column("order_key", String(255), nullable=False),
    Column("amount", Amount, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("at", Moment, nullable=False),
    UniqueConstraint("shop_id", "key"),
    Index("ix_refunds_order", "shop_id", "order_key"),
)

products = Table(
    "products",
    metadata,
    Column("id", Id, primary_key=True),
    Column("shop_id", ForeignKey("shops.id"), nullable=False),
    Column("key", String(255), nullable=False),
    Column("title", Text, nullable=False),
    Column("address", Text),
    Column("image", Text),
    Column("price", Amount),
    Column("currency", String(3)),
    Column("in_stock", Boolean),
    Column("available", Boolean, nullable=False),
    Column("categories", Text, nullable=False),
    Column("variants", Text, nullable=False, default="[]"),  # JSON, see recovery.watches
    Column("changed_at", Moment, nullable=False),
    Column("raw", Text, nullable=False),
    UniqueConstraint("shop_id", "key"),
)

unread = Table(
    "unread",
    metadata,
    Column("id", Id, primary_key=True),
    Column("door", String(20), nullable=False),
    Column("shop_id", ForeignKey("shops.id")),
    Column("account_id", ForeignKey("accounts.id")),
    Column("headers", Text, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("error", Text, nullable=False),
    Column("digest", String(64)),  # of a polled row: met again, it is the same row here
    Column("at", Moment, nullable=False),
    Column("read_at", Moment),
    UniqueConstraint("shop_id", "door", "digest"),
)

notices = Table(
    "notices",
    metadata,
    Column("id", Id, primary_key=True),
    Column("subject", String(80), nullable=False, unique=True),  # told once per subject
    Column("shop_id", ForeignKey("shops.id")),
    Column("words", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("over_at", Moment),
)

pulses = Table(
    "pulses",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("at", Moment, nullable=False),
)

# Parcels of orders, each stage once.
parcels = Table(
    "parcels",
    metadata,
    Column("id", Id, primary_key=True),
    Column("shop_id", ForeignKey("shops.id"), nullable=False),
    Column("key", String(255), nullable=False),
    Column("order_key", String(255), nullable=False),
    Column("stage", String(20), nullable=False),
    Column("tracking_address", Text),
    Column("carrier", String(80)),
    Column("at", Moment, nullable=False),
    UniqueConstraint("shop_id", "key", "stage"),
    Index("ix_parcels_order", "shop_id", "order_key"),
)
