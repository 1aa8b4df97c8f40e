"""Discount codes that nobody guesses and everybody can type: "ATEN-7K3M9-QXW2H".

Fifty bits less a little, twelve hours to a few days of life and one use: to find one, somebody
would have to try many millions an hour in the shop's own checkout.
"""

from __future__ import annotations

import secrets
import unicodedata

from recovery.shops import ShopRow

#: Without 0 and O, 1, I and L: in any case, and read aloud, each is only itself.
LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
LONGEST = 16
_PREFIX = 4
_GROUP = 5


def new_code(shop: ShopRow) -> str:
    """A code never given before (by chance), at most `LONGEST` characters, for this shop."""
    groups = ("".join(secrets.choice(LETTERS) for _ in range(_GROUP)) for _ in range(2))
    return "-".join(filter(None, (_prefix(shop.name or shop.address), *groups)))


def _prefix(name: str) -> str:
    """Up to four letters of the shop's name; of a name in other letters nothing is left."""
    plain = unicodedata.normalize("NFKD", name).upper()
    return "".join(letter for letter in plain if letter in LETTERS)[:_PREFIX]
