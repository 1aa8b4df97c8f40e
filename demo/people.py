"""Made-up shoppers: who they are, what they may be sent, and what moves them."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

_NAMES = (
    "Adèle Basile Céleste Dario Élise Félix Garance Hugo Inès Jules Karim Léonie Maël Nora Octave "
    "Paula Quentin Rose Samir Théa Ugo Violette Wendy Xavier Yasmine Zoé"
).split()
#: Country, language, and how many of a hundred.
_PLACES = (("FR", "fr", 72), ("BE", "fr-BE", 12), ("DE", "de", 9), ("GB", "en", 7))
#: The sandbox's own example numbers, 06 12 ## ## ##: nothing is ever sent to them.
_MOST = 1_000_000


@dataclass(frozen=True, slots=True)
class Person:
    """One shopper. Shares are of 1, for each cart or message."""

    number: int
    first_name: str
    email: str
    phone: str | None
    country: str
    locale: str
    may_be_texted: bool
    may_be_mailed: bool
    buys_anyway: float
    follows: float


def person(number: int, chance: Random) -> Person:
    """Shopper `number` of the year."""
    first = chance.choice(_NAMES)
    country, locale, _ = chance.choices(_PLACES, [share for *_, share in _PLACES])[0]
    phone = (
        f"+33612{(100_000 + number) % _MOST:06}"
        if country == "FR" and chance.random() < 0.8
        else None
    )
    return Person(
        number,
        first,
        f"shopper.{number}@example.com",
        phone,
        country,
        locale,
        may_be_texted=phone is not None and chance.random() < 0.75,
        may_be_mailed=chance.random() < 0.7,
        buys_anyway=chance.betavariate(1.2, 7),
        follows=chance.betavariate(1.6, 8),
    )
