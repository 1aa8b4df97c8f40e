"""What passes between us and the shoppers: texts, e-mails, receipts, replies.

Read it through `recovery.model`, which gives it on: the rest of the house knows that one only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from recovery.model_parts import Channel, Money


@dataclass(frozen=True, slots=True)
class Message:
    """One text for one person. `reference` is the reminder's id as it travels."""

    reference: str
    channel: Channel
    sender: str
    recipient: str
    text: str
    status_url: str | None = None


@dataclass(frozen=True, slots=True)
class Credit:
    """What is left at a provider. `reloads`: it fills itself up before it is empty."""

    amount: Decimal
    currency: str
    reloads: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RichText(Message):
    """A text with a picture: an MMS, or an RCS card with a button; `text` is the same.

    `kind`: "mms" (from `sender`) or "rcs" (from `agent`). `picture` is an https address. The
    card has a `title`, and a `button` that leads to `link`. Its `reference` is that of the
    plain text, then "-" and the kind, so that a receipt says which of them it is about.
    """

    kind: str
    agent: str
    picture: str
    title: str
    button: str
    link: str

    def plain(self) -> Message:
        """The text alone, should the rich form be refused."""
        reference = self.reference.removesuffix(f"-{self.kind}")
        return Message(
            reference, self.channel, self.sender, self.recipient, self.text, self.status_url
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Email(Message):
    """A message with what an e-mail needs beside it; `text` is its plain part.

    `sender`, `recipient`, `reply_to` and `bounces_to` are bare addresses, `sender_name` is
    the shop's. `bounces_to` is the envelope's sender, `sender` where it is None.
    `unsubscribe_link` (https) must unsubscribe by a bare POST (RFC 8058);
    `unsubscribe_mailto` is a whole "mailto:…" address. `written_at` is what its Date header
    tells, by the clock of who wrote it; None: the moment it leaves.
    """

    subject: str
    html: str
    sender_name: str = ""
    reply_to: str | None = None
    bounces_to: str | None = None
    unsubscribe_link: str | None = None
    unsubscribe_mailto: str | None = None
    written_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a provider says became of a message.

    `state`: "sent" (taken over), "delivered", "undelivered".
    `price` is what the provider charged, where told.
    """

    provider_id: str
    state: str
    at: datetime
    reference: str | None = None
    price: Money | None = None
    reason: str | None = None
    raw: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reply:
    """A text that a shopper sent to a sender number."""

    provider_id: str
    sender: str  # the shopper's number
    recipient: str  # our number
    text: str
    at: datetime
