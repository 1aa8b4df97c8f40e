"""The rows of those who look after a shop: who they are, what they changed, whom they looked at."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table, Text, UniqueConstraint

from recovery.columns import Amount, Id, Moment
from recovery.metadata import metadata

members = Table(
    "members",
    metadata,
    Column("id", Id, primary_key=True),
    Column("shop_id", ForeignKey("shops.id"), nullable=False),
    Column("subject", String(120), nullable=False),  # as the platform proves it: "wordpress:7"
    Column("name", String(80), nullable=False, default=""),  # as they call themselves here
    Column("language", String(5), nullable=False, default=""),  # "": as the browser asks
    Column("role", String(10), nullable=False),
    Column("added_at", Moment, nullable=False),
    Column("last_seen_at", Moment),
    Column("removed_at", Moment),
    UniqueConstraint("shop_id", "subject"),
)

# Append-only: what was changed in the settings. `member_id` None: by a command on the server.
changes = Table(
    "changes",
    metadata,
    Column("id", Id, primary_key=True),
    Column("shop_id", ForeignKey("shops.id"), nullable=False),
    Column("member_id", Id),
    Column("at", Moment, nullable=False),
    Column("subject", String(60), nullable=False),  # "shop", "programme:main"
    Column("before", Text, nullable=False),  # JSON of what was changed, and nothing else
    Column("after", Text, nullable=False),
    Column("undoes", Id),  # of `changes`
    Index("ix_changes_at", "shop_id", "at"),
)

# Texts that a merchant sent to a telephone of their own, to see one; they count nowhere.
tried_texts = Table(
    "tried_texts",
    metadata,
    Column("id", Id, primary_key=True),
    Column("shop_id", ForeignKey("shops.id"), nullable=False),
    Column("account_id", Id, nullable=False),
    Column("member_id", Id),
    Column("at", Moment, nullable=False),
    Column("mark", String(64), nullable=False),  # of the number, under the shop's salt
    Column("language", String(5), nullable=False),
    Column("outcome", String(20), nullable=False),  # see recovery.tried_texts
    Column("provider_id", String(80)),
    Column("refusal", Text),
    Column("price", Amount),
    Column("price_currency", String(3)),
    Column("told_at", Moment),  # when the provider last told of it
    Index("ix_tried_texts_at", "shop_id", "at"),
)

# Append-only: who looked at which person. `what`: a page; `key`: of the row that it showed.
looks = Table(
    "looks",
    metadata,
    Column("id", Id, primary_key=True),
    Column("shop_id", ForeignKey("shops.id"), nullable=False),
    Column("member_id", Id, nullable=False),
    Column("at", Moment, nullable=False),
    Column("what", String(20), nullable=False),
    Column("key", String(60), nullable=False),
    Index("ix_looks_at", "shop_id", "at"),
    Index("ix_looks_key", "shop_id", "what", "key"),
)

# What a member answered a shopper. `once`: of the form it was written in, sent again or not.
written_answers = Table(
    "written_answers",
    metadata,
    Column("id", Id, primary_key=True),
    Column("shop_id", ForeignKey("shops.id"), nullable=False),
    Column("member_id", Id, nullable=False),
    Column("reply_id", Id, nullable=False),  # the latest reply when it was written
    Column("reminder_id", Id, nullable=False, index=True),
    Column("once", String(40), nullable=False),
    Column("at", Moment, nullable=False),
    UniqueConstraint("shop_id", "once"),
)

# E-mails that tell a merchant of a notice. `try_at` as in `forwards`: None means sent or given up.
alerts = Table(
    "alerts",
    metadata,
    Column("id", Id, primary_key=True),
    Column("shop_id", ForeignKey("shops.id"), nullable=False),
    Column("subject", String(80), nullable=False),  # of `notices`
    Column("at", Moment, nullable=False),  # since when the trouble stands
    Column("try_at", Moment),
    Column("sent_at", Moment),
    Column("attempts", Integer, nullable=False, default=0),
    Column("error", Text),
    UniqueConstraint("shop_id", "subject", "at"),
    Index("ix_alerts_due", "try_at"),
)
