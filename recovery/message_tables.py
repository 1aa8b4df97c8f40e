"""The rows of what is said to shoppers, by their leave, and of what they answer.

Everybody reads them as `tables.…`, with all the others: the keys of these tables point to
shops, accounts and carts there. Why `consents` has no foreign keys is said there too.
"""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from recovery.columns import Amount, Id, Moment
from recovery.metadata import metadata

reminders = Table(
    "reminders",
    metadata,
    Column("id", Id, primary_key=True),
    Column("shop_id", ForeignKey("shops.id"), nullable=False),
    Column("account_id", ForeignKey("accounts.id")),
    Column("cart_id", ForeignKey("carts.id"), nullable=False),
    Column("programme", String(40), nullable=False),
    Column("step", Integer, nullable=False),
    Column("channel", String(10), nullable=False),
    Column("state", String(12), nullable=False),
    Column("reasons", Text),  # JSON list: why it was not sent
    Column("due_at", Moment, nullable=False),
    Column("latest_at", Moment, nullable=False),  # nothing leaves after this
    Column("late", Boolean, nullable=False, default=False),
    Column("handed_out_at", Moment),
    Column("claimed_at", Moment),
    Column("sent_at", Moment),
    Column("settled_at", Moment),
    Column("recipient", String(320)),
    Column("sender", String(40)),
    Column("provider_id", String(80), index=True),
    Column("text", Text),
    Column("parts", Integer),
    Column("price", Amount),
    Column("price_currency", String(3)),
    Column("attempts", Integer, nullable=False, default=0),
    Column("created_at", Moment, nullable=False),
    UniqueConstraint("cart_id", "programme", "step", "channel"),
    Index(
        "ix_reminders_waiting",
        "shop_id",
        "due_at",
        "latest_at",
        sqlite_where=text("state = 'scheduled' AND handed_out_at IS NULL"),
        postgresql_where=text("state = 'scheduled' AND handed_out_at IS NULL"),
    ),
    Index(
        "ix_reminders_handed_out",
        "handed_out_at",
        sqlite_where=text("state = 'scheduled' AND handed_out_at IS NOT NULL"),
        postgresql_where=text("state = 'scheduled' AND handed_out_at IS NOT NULL"),
    ),
    Index(
        "ix_reminders_latest",
        "latest_at",
        sqlite_where=text("state = 'scheduled'"),
        postgresql_where=text("state = 'scheduled'"),
    ),
    Index(
        "ix_reminders_sending",
        "claimed_at",
        sqlite_where=text("state = 'sending'"),
        postgresql_where=text("state = 'sending'"),
    ),
    Index("ix_reminders_recipient", "recipient", "sender"),
)

links = Table(
    "links",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("purpose", String(10), nullable=False),  # "cart" or "stop"
    Column("shop_id", ForeignKey("shops.id"), nullable=False),
    Column("cart_id", ForeignKey("carts.id"), nullable=False, index=True),
    Column("reminder_id", ForeignKey("reminders.id"), nullable=False, index=True),
    Column("expires_at", Moment, nullable=False),
    Column("clicks", Integer, nullable=False, default=0),
    Column("first_clicked_at", Moment),
)

replies = Table(
    "replies",
    metadata,
    Column("id", Id, primary_key=True),
    Column("account_id", ForeignKey("accounts.id"), nullable=False),
    Column("provider_id", String(80), nullable=False),
    Column("shop_id", ForeignKey("shops.id")),
    Column("reminder_id", ForeignKey("reminders.id")),
    Column("sender", String(20), nullable=False),
    Column("text", Text, nullable=False),
    Column("at", Moment, nullable=False),
    UniqueConstraint("account_id", "provider_id"),
)

consents = Table(
    "consents",
    metadata,
    Column("id", Id, primary_key=True),
    Column("shop_id", Id, nullable=False),
    Column("channel", String(10), nullable=False),
    Column("address", String(320), nullable=False),
    Column("granted", Boolean, nullable=False),
    Column("source", String(60), nullable=False),
    Column("words", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("recorded_at", Moment, nullable=False),
    UniqueConstraint("address", "shop_id", "channel", "at", "source", "granted"),
)

suppressions = Table(
    "suppressions",
    metadata,
    Column("shop_id", ForeignKey("shops.id"), primary_key=True),
    Column("channel", String(10), primary_key=True),
    Column("address", String(320), primary_key=True, index=True),
    Column("at", Moment, nullable=False),
    Column("source", String(60), nullable=False),
    Column("lifted_at", Moment),
    Column("written_back_at", Moment),  # told to the platform, where it has a place for it
)

caps = Table(
    "caps",
    metadata,
    Column("shop_id", ForeignKey("shops.id"), primary_key=True),
    Column("address", String(320), primary_key=True),
    Column("channel", String(10), primary_key=True),
    Column("slot", String(20), primary_key=True),
    Column("taken_at", Moment, nullable=False),
    Column("reminder_id", Id, nullable=False, index=True),
)
