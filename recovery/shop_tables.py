"""The rows of the shops we work for, of their sender accounts, and of the doors they came by.

Everybody reads them as `tables.…`, with all the others.
"""

from __future__ import annotations

import secrets

from sqlalchemy import (
    Boolean,
    Column,
    Float,
    ForeignKey,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from recovery.columns import Id, Moment
from recovery.metadata import metadata


def _new_key() -> str:
    return secrets.token_hex(16)


accounts = Table(
    "accounts",
    metadata,
    Column("id", Id, primary_key=True),
    Column("name", String(80), nullable=False, unique=True),
    Column("messenger", String(20), nullable=False),
    Column("channel", String(10), nullable=False, default="sms"),
    Column("sender", String(40), nullable=False),  # a number or name; of e-mails, their first
    Column("mail_from", String(320)),  # the whole address that e-mails come from
    Column("credentials", Text, nullable=False, default=""),
    Column("application_id", String(80), index=True),
    Column("rate", Float, nullable=False, default=30.0),  # messages a second
    Column("rich", Text, nullable=False, default=""),  # see recovery.rich_kinds
    Column("rcs_agent", String(80)),  # that RCS cards come from
    Column("slots_until", Moment),  # the limiter's lease: sending time given away so far
    Column("served_until", Moment),  # a worker looks after its due reminders until then
    Column("stopped_at", Moment),
    Column("stopped_reason", Text),
    Column("try_again_at", Moment),
)

shops = Table(
    "shops",
    metadata,
    Column("id", Id, primary_key=True),
    Column("key", String(40), nullable=False, unique=True),
    Column("platform", String(20), nullable=False),
    Column("address", String(255), nullable=False),
    Column("other_addresses", Text, nullable=False, default=""),  # of the same shop, by spaces
    Column("domains", Text, nullable=False, default=""),  # as the platform tells, by spaces
    Column("state", String(20), nullable=False, default="active"),
    Column("held", String(10), nullable=False, default=""),  # see recovery.held
    Column("stand_in", Boolean, nullable=False, default=False),
    Column("name", String(255), nullable=False, default=""),
    Column("currency", String(3)),
    Column("country", String(2)),
    Column("timezone", String(64)),
    Column("locale", String(35)),
    Column("credentials", Text, nullable=False, default=""),
    Column("scopes", Text, nullable=False, default=""),
    Column("account_id", ForeignKey("accounts.id")),  # for texts
    Column("email_account_id", Id),  # of `accounts`, for e-mails
    Column("idle_seconds", Integer, nullable=False, default=1800),
    Column("delay_seconds", Integer, nullable=False, default=1800),
    Column("cap_seconds", Integer, nullable=False, default=86400),  # first text per number
    Column("any_hour", Boolean, nullable=False, default=False),
    # What the merchant wishes narrower than the law, in hours of the recipient's day; None: as it.
    Column("texts_from", Integer),
    Column("texts_until", Integer),
    Column("texts_on_sundays", Boolean, nullable=False, default=True),
    Column("texts_a_week", Integer, nullable=False, default=3),  # reminders, to one number
    Column("customers_may_be_texted", Boolean, nullable=False, default=False),
    Column("customers_may_be_mailed", Boolean, nullable=False, default=False),
    Column("double_opt_in", Boolean, nullable=False, default=False),  # of numbers
    Column("email_double_opt_in", Boolean, nullable=False, default=False),
    Column("order_texts", String(120), nullable=False, default=""),  # stages, comma-separated
    Column("welcome_code", String(40), nullable=False, default=""),  # "": no welcome text
    Column("draw_key", String(64), nullable=False, default=_new_key),  # who is held out
    Column("offer_policy", Text, nullable=False, default=""),  # JSON, see recovery.offer_policy
    Column("sms_prices", Text, nullable=False, default=""),  # JSON, see recovery.sms_prices
    Column("smart_encoding", Boolean, nullable=False, default=False),
    Column("credit_rule", Text, nullable=False, default=""),  # JSON, see recovery.attribution
    Column("guests_may_order", Boolean, nullable=False, default=True),
    Column("merchant_email", String(320)),  # where replies of shoppers go
    Column("postal_address", Text, nullable=False, default=""),
    Column("sender_name", String(60), nullable=False, default=""),  # of e-mails; "": the shop's
    Column("dkim_selector", String(63), nullable=False, default=""),
    Column("keep_months", Integer, nullable=False, default=13),  # people, after their last act
    Column("keep_payload_days", Integer, nullable=False, default=90),
    Column("erase_at", Moment),  # of a shop that left
    Column("colour", String(7)),  # "#2a6f4e"
    Column("logo", Text),  # an https address
    # What the platform last said of a code: of which, whether it works, and when.
    Column("code_read", String(40)),
    Column("code_works", Boolean),
    Column("code_read_at", Moment),
    Column("poll_seconds", Integer, nullable=False, default=300),
    Column("poll_cursor", Text),
    Column("next_poll_at", Moment),
    Column("poll_handed_out_at", Moment),
    Column("poll_claimed_at", Moment),
    Column("poll_failures", Integer, nullable=False, default=0),
    Column("poll_error", Text),
    Column("last_poll_at", Moment),
    Column("last_webhook_at", Moment),
    Column("plugin_seen_at", Moment),  # WordPress's plugin gave a sign of life
    Column("orders_known_until", Moment),
    Column("clock_offset", Float, nullable=False, default=0.0),  # ours minus theirs, seconds
    Column("refresh_until", Moment),  # who renews the token holds it until then
    Column("installed_at", Moment, nullable=False),
    Column("uninstalled_at", Moment),
    UniqueConstraint("platform", "address"),
)

installs = Table(
    "installs",
    metadata,
    Column("state_hash", String(64), primary_key=True),
    Column("platform", String(20), nullable=False),
    Column("address", String(255), nullable=False),
    Column("browser_hash", String(64), nullable=False),
    Column("at", Moment, nullable=False),
    Column("used_at", Moment),
)

# Codes by which a shop's plugin is joined to its shop here: used once, soon over.
pairings = Table(
    "pairings",
    metadata,
    Column("code_hash", String(64), primary_key=True),
    Column("shop_id", ForeignKey("shops.id"), nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("used_at", Moment),
)

nonces = Table(
    "nonces",
    metadata,
    Column("shop_id", ForeignKey("shops.id"), primary_key=True),
    Column("nonce", String(64), primary_key=True),
    Column("at", Moment, nullable=False, index=True),
)
