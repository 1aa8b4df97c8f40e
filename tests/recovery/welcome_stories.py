"""Words to tell stories of welcome texts."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from recovery import welcome
from recovery.database import Database
from recovery.model import Channel, Consent, ContactSeen, Shopper
from recovery.shops import ShopRow
from tests.conftest import SetClock
from tests.recovery.asked_stories import tick
from tests.recovery.stories import PHONE, a_shop, accept

TEXT = (
    "Atelier Nord : bienvenue ! Votre code HELLO10 s'utilise sur "
    "https://atelier-nord.myshopify.com Pour refuser, répondez STOP"
)


def a_box(at: datetime, granted: bool = True, **different: Any) -> ContactSeen:
    """Somebody ticked (or unticked) marketing in the shop's box, beside their cart."""
    source, keys = different.pop("source", "box"), different.pop("keys", ("cart:b1",))
    known = {"phone": PHONE, "country": "FR", "locale": "fr"} | different
    said = Consent(Channel.SMS, known["phone"], granted, source, at, "Offers by text")
    return ContactSeen(keys, Shopper(**known, consents=(said,)), at)


def a_welcoming_shop(database: Database, clock: SetClock, **settings: Any) -> ShopRow:
    """A shop whose welcome code is HELLO10."""
    return a_shop(database, clock(), **({"welcome_code": "HELLO10"} | settings))


def say(
    database: Database, shop: ShopRow, clock: SetClock, works: bool = True, code: str = "HELLO10"
) -> None:
    """As if the shop's platform had just said whether the code works."""
    database.run(lambda db: welcome.keep_answer(db, shop.id, code, works, clock()))


def left(database: Database, clock: SetClock) -> list[str]:
    """The texts that leave now, and are taken by the provider."""
    letters = tick(database, clock())
    accept(database, letters, clock())
    return [letter.message.text for letter in letters]


def welcomed(database: Database, shop: ShopRow, clock: SetClock) -> list[str]:
    """What leaves once the platform said that the code works."""
    say(database, shop, clock)
    return left(database, clock)
