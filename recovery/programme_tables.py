"""The rows by which programmes are explained: arms, offers, clicks, and what shoppers answered.

Everybody reads them as `tables.…`, with all the others.
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


def _of_some(name: str, *columns: str, only: str) -> Index:
    """An index of those rows alone for which `only` holds."""
    where = text(only)
    return Index(name, *columns, sqlite_where=where, postgresql_where=where)


# In which arm of a programme a person is, by each mark that they are known by. `person` is
# the same for all marks of one person: the id of the row that was kept first.
arms = Table(
    "arms",
    metadata,
    Column("id", Id, primary_key=True),
    Column("shop_id", ForeignKey("shops.id"), nullable=False),
    Column("programme", String(40), nullable=False),
    Column("kind", String(12), nullable=False),  # "customer_key", "email", "phone"
    Column("mark", String(320), nullable=False),
    Column("person", Id),  # None: itself
    Column("arm", String(40), nullable=False),
    Column("version_id", Id),
    Column("cart_id", Id, nullable=False),  # whose first step was planned then
    Column("at", Moment, nullable=False),
    Column("in_conflict", Boolean, nullable=False, default=False),
    Column("split_id", Id),  # of `splits`: the shares drawn by; None: the version's own
    Column("weight", Integer),  # this arm's share of 100 treated, when it was drawn
    UniqueConstraint("shop_id", "programme", "kind", "mark"),
    Index("ix_arms_person", "person"),
    Index("ix_arms_mark", "mark", "shop_id"),
    Index("ix_arms_at", "shop_id", "programme", "at"),
    Index("ix_arms_cart", "cart_id", "shop_id"),  # an erasure asks by it
)

# The shares of an adaptive programme, as they were worked out: a row each time, never changed.
splits = Table(
    "splits",
    metadata,
    Column("id", Id, primary_key=True),
    Column("shop_id", ForeignKey("shops.id"), nullable=False),
    Column("programme", String(40), nullable=False),
    Column("version_id", Id, nullable=False),
    Column("at", Moment, nullable=False),
    Column("weights", Text, nullable=False),  # JSON, by variant: of 100 treated people
    Column("reminders", Integer, nullable=False),  # sent until then
    Column("matured", Text, nullable=False),  # JSON, by variant: [people, who ordered]
    Column("seed", Integer, nullable=False),
    Index("ix_splits_version", "version_id", "id"),
)

# What was decided about an incentive, and what became of it: a code, or a promised reward.
offers = Table(
    "offers",
    metadata,
    Column("id", Id, primary_key=True),
    Column("shop_id", ForeignKey("shops.id"), nullable=False),
    Column("cart_id", Id, nullable=False, index=True),
    Column("reminder_id", Id, nullable=False, index=True),  # the step that asked for it
    Column("customer_key", String(64)),  # whose it is, as the cart said then
    Column("email", String(320)),
    Column("phone", String(20)),
    Column("gift", String(10), nullable=False),  # "incentive", "reward", "none"
    Column("stand", String(12), nullable=False),  # see `recovery.offer_rows`
    Column("reasons", Text, nullable=False),  # JSON list of `offer_words.Why`
    Column("kind", String(14)),
    Column("value", Amount),
    Column("currency", String(3)),
    Column("days", Integer),
    Column("minimum", Amount),
    Column("lines", Text, nullable=False, default="[]"),  # JSON, product keys
    Column("left_out", Text, nullable=False, default="[]", server_default="[]"),  # likewise
    Column("cost", Amount),  # the most it costs, in the shop's currency
    Column("ends_at", Moment),  # of the code, as read back
    Column("code", String(40)),
    Column("coupon_key", String(80)),
    Column("repeats_id", Id),  # the offer whose code is named again
    Column("decided_at", Moment, nullable=False),
    Column("announced_at", Moment),  # the message that promises it left, or may have left
    Column("made_at", Moment),
    Column("used_at", Moment),
    Column("used_by", Id),  # the order that took it
    Column("earned_by", Id),  # the order that earned a reward
    Column("took_off", Amount),  # what it cost in the end, in the shop's currency
    Column("removed_at", Moment),
    Column("attempts", Integer, nullable=False, default=0),
    Column("try_at", Moment),  # when the platform is asked (again); None: nothing to do
    Column("claimed_at", Moment),
    Column("error", Text),  # the last trouble, in words for the merchant
    _of_some("ix_offers_to_do", "try_at", only="try_at IS NOT NULL"),
    Index("ix_offers_decided", "shop_id", "decided_at"),
    Index("ix_offers_email", "email", "shop_id"),
    Index("ix_offers_phone", "phone", "shop_id"),
    Index("ix_offers_customer", "customer_key", "shop_id"),
    _of_some("ix_offers_code", "shop_id", "code", only="code IS NOT NULL"),
)

# Who followed a link, once a visit; `who` "person", "preview" (of a message app) or "bot".
clicks = Table(
    "clicks",
    metadata,
    Column("id", Id, primary_key=True),
    Column("link_hash", String(64), nullable=False),
    Column("shop_id", ForeignKey("shops.id"), nullable=False),
    Column("reminder_id", Id, nullable=False, index=True),
    Column("who", String(8), nullable=False),
    Column("visit", String(64), nullable=False),  # a keyed hash, of no use after its day
    Column("at", Moment, nullable=False),
    UniqueConstraint("link_hash", "visit"),
    Index("ix_clicks_at", "shop_id", "at"),
)

# What was answered to "why was it left?", and what followed.
leaving_reasons = Table(
    "leaving_reasons",
    metadata,
    Column("id", Id, primary_key=True),
    Column("shop_id", ForeignKey("shops.id"), nullable=False),
    Column("cart_id", Id, nullable=False, index=True),
    Column("reminder_id", Id, nullable=False),  # the survey that was answered
    Column("reply_id", Id, nullable=False, unique=True),
    Column("reason", String(12)),  # see `survey_words.Left`; None: not understood
    Column("follow", String(12), nullable=False),  # see `survey_rules.Follow`
    Column("follow_at", Moment),
    Column("at", Moment, nullable=False),
    Index("ix_leaving_reasons_at", "shop_id", "at"),
)

# For whom a shop's programmes stand still: somebody is to read what they wrote.
pauses = Table(
    "pauses",
    metadata,
    Column("shop_id", ForeignKey("shops.id"), primary_key=True),
    Column("address", String(320), primary_key=True),  # E.164, or an e-mail
    Column("at", Moment, nullable=False),
    Column("because", String(40), nullable=False),
    Column("lifted_at", Moment),
)

# Replies on their way to the merchant's e-mail.
forwards = Table(
    "forwards",
    metadata,
    Column("id", Id, primary_key=True),
    Column("shop_id", ForeignKey("shops.id"), nullable=False),
    Column("reply_id", Id, nullable=False, unique=True),
    Column("at", Moment, nullable=False),
    Column("sent_at", Moment),
    Column("try_at", Moment),  # None: sent, or given up
    Column("attempts", Integer, nullable=False, default=0),
    Column("error", Text),
    Column("done_at", Moment),  # somebody answered it, or said that nothing is to be done
    Column("done_by", Id),  # of `members`
    _of_some("ix_forwards_waiting", "shop_id", "at", only="done_at IS NULL"),
    _of_some("ix_forwards_to_do", "try_at", only="try_at IS NOT NULL"),
)
