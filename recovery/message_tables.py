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


def _of_some(name: str, *columns: str, only: str, unique: bool = False) -> Index:
    """An index of those rows alone for which `only` holds."""
    where = text(only)
    return Index(name, *columns, unique=unique, sqlite_where=where, postgresql_where=where)


# What a shopper asked to be texted about; `kind` "marketing" waits for a double opt-in.
requests = Table(
    "requests",
    metadata,
    Column("id", Id, primary_key=True),
    Column("shop_id", ForeignKey("shops.id"), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("phone", String(20), nullable=False),  # E.164
    Column("about", String(255), nullable=False, default=""),  # the watched thing, or the cart
    Column("cart_key", String(400)),  # as in `cart_keys`: the cart it was asked beside
    Column("product_key", String(64)),
    Column("variant_key", String(64)),
    Column("title", Text, nullable=False, default=""),
    Column("address", Text),
    Column("price", Amount),
    Column("currency", String(3)),
    Column("country", String(2)),
    Column("locale", String(35)),
    Column("customer_key", String(64)),
    Column("source", String(20), nullable=False),
    Column("words", Text, nullable=False),
    Column("asked_at", Moment, nullable=False),  # since when it stands, or stood
    Column("said_at", Moment, nullable=False),  # the person's last word on it, yes or no
    Column("recorded_at", Moment, nullable=False),
    Column("confirmed_at", Moment),  # by the double opt-in, where one is wanted
    Column("ended_at", Moment),
    Column("ended_because", String(40)),
    UniqueConstraint("shop_id", "kind", "phone", "about"),
    Index("ix_requests_phone", "phone", "shop_id"),
    _of_some("ix_requests_customer", "customer_key", "shop_id", only="customer_key IS NOT NULL"),
    _of_some("ix_requests_cart", "cart_key", only="cart_key IS NOT NULL"),
    _of_some("ix_requests_product", "product_key", "shop_id", only="product_key IS NOT NULL"),
    _of_some("ix_requests_variant", "variant_key", "shop_id", only="variant_key IS NOT NULL"),
    Index("ix_requests_recorded", "shop_id", "recorded_at"),
    _of_some("ix_requests_standing", "said_at", only="ended_at IS NULL"),
    _of_some("ix_requests_ended", "ended_at", only="ended_at IS NOT NULL"),
    _of_some("ix_requests_nameless", "id", only="ended_because = 'erased'"),
)

# What starts, for whom, in which steps. Its content is a version, which never changes.
programmes = Table(
    "programmes",
    metadata,
    Column("id", Id, primary_key=True),
    Column("shop_id", ForeignKey("shops.id"), nullable=False),
    Column("name", String(40), nullable=False),
    Column("start", String(10), nullable=False),
    Column("is_on", Boolean, nullable=False),
    Column("version_id", Id),  # of `programme_versions`, the newest
    Column("replan", Boolean, nullable=False, default=False),  # something is to follow it yet
    Column("split_at", Moment),  # when its shares are worked out next; None: they stay
    Column("created_at", Moment, nullable=False),
    UniqueConstraint("shop_id", "name"),
    _of_some("ix_programmes_replan", "id", only="replan"),
    _of_some("ix_programmes_split", "split_at", only="split_at IS NOT NULL"),
)

programme_versions = Table(
    "programme_versions",
    metadata,
    Column("id", Id, primary_key=True),
    Column("programme_id", ForeignKey("programmes.id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("form", Text, nullable=False),  # JSON, see recovery.programme_form
    Column("author", String(120), nullable=False),
    Column("at", Moment, nullable=False),
    UniqueConstraint("programme_id", "number"),
)

reminders = Table(
    "reminders",
    metadata,
    Column("id", Id, primary_key=True),
    Column("shop_id", ForeignKey("shops.id"), nullable=False),
    Column("account_id", ForeignKey("accounts.id")),
    Column("cart_id", ForeignKey("carts.id")),  # None: it answers a request
    Column("request_id", ForeignKey("requests.id")),  # what it answers, or has leave by
    Column("subject", String(120), nullable=False, default=""),  # "order:17:shipped"
    Column("programme", String(40), nullable=False),
    Column("version_id", Id),  # of `programme_versions`; None: a built-in programme
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
    Column("code", String(40)),  # the discount code that the text names
    Column("parts", Integer),
    Column("price", Amount),
    Column("price_currency", String(3)),
    Column("arm", String(40)),  # of `arms`, as it was when this was planned
    Column("fallback_of", Id),  # the reminder on the other channel that this stands in for
    Column("offer_id", Id),  # of `offers`: what was decided for this step
    Column("words", String(20)),  # the kind of text, where it is not the step's own
    Column("language", String(10)),  # it was written in
    Column("headline", Text),  # the subject of an e-mail
    Column("refusal", Text),  # why the provider refused it, or could not deliver
    Column("rich", String(4)),  # "mms", "rcs"; "text": what was one came to nothing
    Column("rich_id", String(80)),  # the provider's id of what came to nothing
    Column("attempts", Integer, nullable=False, default=0),
    Column("created_at", Moment, nullable=False),
    UniqueConstraint("cart_id", "programme", "step", "channel"),
    # Not a constraint: every reminder of a cart would have an entry in its index.
    _of_some(
        "ix_reminders_answers",
        *("request_id", "programme", "subject", "channel"),
        only="request_id IS NOT NULL",
        unique=True,
    ),
    Index(
        "ix_reminders_waiting",
        "shop_id",
        "channel",
        "due_at",
        "latest_at",
        sqlite_where=text("state = 'scheduled' AND handed_out_at IS NULL"),
        postgresql_where=text("state = 'scheduled' AND handed_out_at IS NULL"),
    ),
    # What was asked for waits for no orders: it is found past all that does.
    _of_some(
        "ix_reminders_asked",
        *("shop_id", "channel", "due_at", "latest_at"),
        only="state = 'scheduled' AND handed_out_at IS NULL AND cart_id IS NULL",
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
    # How many left lately, and what became of them.
    _of_some("ix_reminders_sent", "shop_id", "sent_at", only="sent_at IS NOT NULL"),
)

links = Table(
    "links",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("purpose", String(10), nullable=False),  # "cart", "stop", "confirm"
    Column("shop_id", ForeignKey("shops.id"), nullable=False),
    Column("cart_id", ForeignKey("carts.id"), index=True),
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
    Index("ix_replies_at", "shop_id", "at"),
    Index("ix_replies_sender", "sender", "shop_id"),
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
    Column("language", String(10)),  # in which they were shown
    Column("page", Text),  # where, for a yes that we collected ourselves
    Column("ip", String(45)),  # from where, likewise
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
