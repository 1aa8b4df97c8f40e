"""What a shop platform and a messenger have in common, and what may go wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol, runtime_checkable

from recovery.model import (
    Cart,
    Channel,
    Coupon,
    Credit,
    Message,
    Offer,
    Page,
    Product,
    Receipt,
    Reply,
    Seen,
)

ProviderId = str
Url = str
Headers = Mapping[str, str]  # names in any case: read them with `header()`


#: Entered when everything is ready to be written, and left when it is written: entering
#: returns when that may be.
Gate = Callable[[], AbstractContextManager[None]]

open_gate: Gate = nullcontext  # nothing to wait for


class Forged(Exception):
    """The request does not come from whom it claims. Answer 401, change nothing."""


class Unreadable(Exception):
    """Genuine, but not in a shape we know. Kept for a later reading. No personal data in it."""


#: What reading a single row may raise: that it is odd, or a mistake of ours that it brings out.
#: Within a poll neither may hold up the other rows.
ODD = (Unreadable, ArithmeticError, AttributeError, LookupError, TypeError, ValueError)


def what_is_odd(error: Exception) -> str:
    """The error in words without personal data: of a mistake of ours only its name."""
    return str(error) if isinstance(error, Unreadable) else f"a defect: {type(error).__name__}"


class Refused(Exception):
    """The other side said no to this very thing; asking again changes nothing."""


class Busy(Exception):
    """Nothing happened over there; come back in `retry_after` seconds."""

    def __init__(self, reason: str, retry_after: float = 30.0) -> None:
        super().__init__(reason)
        self.retry_after = retry_after


class AccountStopped(Busy):
    """Nothing happened, and nothing will until the merchant mends the account.

    Bad key, no credit, app uninstalled, access withdrawn. The argument says which,
    in words a merchant can act on.
    """


class NoAnswer(Exception):
    """We do not know whether it happened: the line broke after we wrote."""


@dataclass(frozen=True, slots=True)
class Connection:
    """What a connector needs to speak to one shop or one sender account.

    `key` is our public name of the shop; `address` its domain ("x.myshopify.com")
    or its https address; `credentials` are decrypted and belong to this shop
    alone; `options` come from the settings and are the same for all.
    """

    key: str
    address: str
    credentials: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[str, str] = field(default_factory=dict)


class Shop(Protocol):
    """One shop on one platform. Speaks its HTTP and JSON; has never heard of our database."""

    def __init__(self, connection: Connection) -> None: ...

    def verify(self, headers: Headers, body: bytes) -> None:
        """Raise `Forged` unless the raw `body` was signed by this platform for this shop."""

    def read(self, headers: Headers, body: bytes, now: datetime) -> tuple[Seen, ...]:
        """Turn a verified webhook into our model; empty: not for us. Raises `Unreadable`."""

    def changed_since(self, cursor: str | None, now: datetime) -> Iterator[Page]:
        """Poll what changed. Raises `Busy`, `AccountStopped`, `NoAnswer`, `Unreadable`.

        A single row that cannot be read raises nothing: it goes into `Page.unread`, and
        the platform's own module reads it again by `read_row`.
        """

    def create_coupon(self, offer: Offer) -> Coupon:
        """Make a discount code and read it back. Raises `Refused`, `Busy`, `NoAnswer`."""

    def way_back(self, cart: Cart, coupon: Coupon | None) -> Url | None:
        """The shop's own checkout, refilled; None when the platform has none for this cart."""

    def keep_subscriptions(self, hooks_url: str) -> int:
        """See that webhooks to `hooks_url` are alive; make or revive them. How many were mended."""


@runtime_checkable
class EndsSubscriptions(Protocol):
    """A shop that can be told to send us nothing more. Optional."""

    def end_subscriptions(self, hooks_url: str) -> int:
        """Remove our webhooks to `hooks_url`; how many there were. Raises like `create_coupon`."""


Watched = tuple[str, str | None]  # a product's key, and its variant's where one is meant


@runtime_checkable
class ShowsProducts(Protocol):
    """A shop whose products can be asked for, should a webhook about one get lost. Optional."""

    def products(self, watched: Sequence[Watched]) -> Iterator[tuple[Product, ...]]:
        """How the shop shows these products now, some at a time. Raises like `changed_since`.

        What is not told, or cannot be read, is left out: that does not say that it is gone.
        """


class Past(StrEnum):
    """What a shop keeps of the time before we came."""

    ORDERS = "orders"
    CARTS = "carts"


@runtime_checkable
class ShowsPast(Protocol):
    """A shop that shows what was there before the install. Optional."""

    def past(
        self, what: Past, since: datetime, until: datetime, cursor: str | None, now: datetime
    ) -> Iterator[Page]:
        """What began from `since` to before `until`, page by page, from the last one's `cursor`.

        The cursor of the last page is "". Something may come twice; nothing is passed over.
        Raises like `changed_since`.
        """

    def how_many(self, what: Past, since: datetime, until: datetime) -> int | None:
        """About how many that will be; None: it is not told. Raises like `changed_since`."""


@runtime_checkable
class ReadsCodes(Protocol):
    """A shop whose discount codes can be looked up before a text promises one. Optional."""

    def code_works(self, code: str, now: datetime) -> bool:
        """Whether this code is there, in force at `now`, and not used up. Raises like
        `changed_since`, whenever the platform does not say so plainly.
        """


@runtime_checkable
class RemovesCoupons(Protocol):
    """A shop whose discount codes can be taken away again. Optional."""

    def remove_coupon(self, coupon_key: str) -> None:
        """Take the code with that `Coupon.key` away; gone already is fine. Raises like
        `create_coupon`.
        """


@runtime_checkable
class WritesConsents(Protocol):
    """A shop that keeps its customers' consents and can be told of a yes or a no. Optional."""

    def write_consent(
        self, customer_key: str, channel: Channel, granted: bool, at: datetime
    ) -> None:
        """Tell it of one, said at `at`. Raises `Refused`, `Busy`, `NoAnswer`."""


@runtime_checkable
class TellsCredit(Protocol):
    """A messenger whose account can be asked how much is left. Optional."""

    def credit(self) -> Credit | None:
        """What is left; None: what is kept of the account does not suffice to ask.

        Raises `Refused`, `Busy`, `NoAnswer`.
        """


class Messenger(Protocol):
    """One way to reach a shopper, through one sender account."""

    def __init__(self, connection: Connection) -> None: ...

    def be_ready(self) -> None:
        """Open this thread's line, so that the next message leaves when it is sent.

        Nothing is written. Raises `Busy`, `AccountStopped`.
        """

    def send(self, message: Message, gate: Gate = open_gate) -> ProviderId:
        """Hand a message over, once. Raises `Refused`, `Busy`, `AccountStopped`, `NoAnswer`.

        The message is written inside `gate`; an answer that takes a while is awaited outside.
        """

    def verify(self, headers: Headers, body: bytes, now: datetime) -> None:
        """Raise `Forged` unless the provider signed this webhook."""

    def read_receipt(self, body: bytes) -> Receipt | None:
        """What became of a message; None: a status that says nothing new. Raises `Unreadable`."""

    def read_reply(self, body: bytes) -> Reply | None:
        """What a shopper wrote; None: nothing that a person wrote. Raises `Unreadable`."""


def header(headers: Headers, name: str) -> str | None:
    """The header called `name` in whatever case it came, or None."""
    found = headers.get(name)
    if found is not None:
        return found
    wanted = name.lower()
    return next((value for key, value in headers.items() if key.lower() == wanted), None)
