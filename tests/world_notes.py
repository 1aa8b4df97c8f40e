"""Who lives in the small world, and what it notes of them: all that texts are judged by."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from recovery.model import Cart, Consent, Shopper


@dataclass(frozen=True)
class Person:
    """One shopper with every mark one can be known by."""

    number: int

    @property
    def phone(self) -> str:
        return f"+3361234567{self.number}"

    @property
    def email(self) -> str:
        return f"ana{self.number}@example.com"

    def seen(self, by: str, *consents: Consent) -> Shopper:
        """The shopper as shown by a source that knows `by`."""
        national = " ".join(("06", "12", "34", "56", f"7{self.number}"))
        marks: dict[str, dict[str, Any]] = {
            "everything": {
                "customer_key": f"c{self.number}",
                "email": self.email,
                "phone": self.phone,
            },
            "email": {"email": f" ANA{self.number}@Example.COM"},
            "phone": {"phone": national},
            "customer": {"customer_key": f"c{self.number}"},
            "nothing": {},
        }
        orders = 0 if self.number == 1 else None  # of the others it is not told
        return Shopper(country="FR", locale="fr", consents=consents, orders=orders, **marks[by])


@dataclass
class CartStory:
    """What the world knows of one cart; `changes` are (note's number, platform's time)."""

    key: str
    person: Person
    snapshots: list[Cart] = field(default_factory=list)
    changes: list[tuple[int, datetime]] = field(default_factory=list)

    @property
    def newest(self) -> Cart:
        return max(self.snapshots, key=lambda each: each.changed_at)


@dataclass(frozen=True)
class Note:
    """Something that was committed: `kind`: "order", "stop", "start", "yes", "no" or "change".

    "wrote" is a reply that a person is to read. "mail yes" and "mail no" are about e-mails;
    "undelivered" names what was taken by `order_key`, the provider's id.
    """

    kind: str
    person: Person | None
    at: datetime
    cart_key: str | None = None
    order_key: str | None = None


@dataclass(frozen=True)
class Accepted:
    """A message that the provider took, and what had been committed when it was examined."""

    reminder_id: int
    channel: str
    recipient: str
    provider_id: str
    text: str
    codes: tuple[str, ...]  # that the shop had when it was taken
    claimed_at: datetime
    examined_at: datetime
    notes: int
    is_card: bool = False  # RCS, instead of the text


@dataclass
class Evidence:
    """What was so when a reminder was claimed and examined."""

    claimed_at: datetime
    examined_at: datetime
    notes: int
