"""The words by which a cart is found: of the titles and keys of its products, and of its person.

They are written in the transaction that writes the cart. Those of people lie in a table of
their own, which an erasure empties; titles name nobody and stay. A word has no accents and no
capitals; addresses are no words: carts are found by them through the columns that hold them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, Protocol

import msgspec
from sqlalchemy import Connection, bindparam, delete

from recovery import tables
from recovery.bulk import insert_rows

LONGEST = 40
_CARTS, _NAMES = tables.cart_words, tables.name_words
_MOST_LINES, _OF_A_TITLE, _OF_A_NAME = 10, 8, 6


class _Line(msgspec.Struct):
    """So much of a line of `recovery.lines` as is searched."""

    title: str
    product_key: str | None = None


_LINES = msgspec.json.Decoder(list[_Line])
_WORD = re.compile(r"[^\W_]+")


class Cart(Protocol):
    """A cart that was just stored: its row, the row before (None: it is new), last names seen."""

    values: dict[str, Any]
    before: dict[str, Any] | None
    last_names: set[str]


@lru_cache(maxsize=4_000)  # a shop has few titles, and shows them again and again
def apart(text: str) -> tuple[str, ...]:
    """The words of a text as they are kept: "L'Été à Brest" is l, ete, a, brest, of two letters on.

    One letter alone is no word.
    """
    if text.isascii():
        bare = text[:500].lower()
    else:
        whole = unicodedata.normalize("NFKD", text[:500]).casefold()
        bare = "".join(char for char in whole if not unicodedata.combining(char))
    return tuple(word[:LONGEST] for word in _WORD.findall(bare) if len(word) > 1)


def keep(db: Connection, carts: Iterable[Cart]) -> None:
    """Write the words of these carts, and take out those that they lost."""
    of_lines: list[dict[str, Any]] = []
    of_names: list[dict[str, Any]] = []
    gone: list[dict[str, Any]] = []
    for cart in carts:
        was, now = cart.before or {}, cart.values
        if was.get("lines") != now["lines"]:
            held, new = _of_lines(was.get("lines")), _of_lines(now["lines"])
            of_lines += _rows(now, new - held)
            gone += _rows(now, held - new)
        held = _of_name(was.get("first_name"))
        new = _of_name(now["first_name"], *cart.last_names)
        of_names += _rows(now, new - held)
    insert_rows(db, _CARTS, of_lines, "DO NOTHING")
    insert_rows(db, _NAMES, of_names, "DO NOTHING")
    if gone:
        same = (_CARTS.c[name] == bindparam(f"its_{name}") for name in _COLUMNS)
        its = [{f"its_{name}": row[name] for name in _COLUMNS} for row in gone]
        db.execute(delete(_CARTS).where(*same), its)


def forget_carts(db: Connection, cart_ids: Collection[int]) -> None:
    """Nobody finds these carts by a name any more."""
    if cart_ids:
        db.execute(delete(_NAMES).where(_NAMES.c.cart_id.in_(cart_ids)))


def forget_shop(db: Connection, shop_id: int) -> None:
    """Nobody finds a cart of that shop by a name any more."""
    db.execute(delete(_NAMES).where(_NAMES.c.shop_id == shop_id))


_COLUMNS = ("shop_id", "word", "created_at", "cart_id")


def _rows(cart: Mapping[str, Any], words: Collection[str]) -> list[dict[str, Any]]:
    same = {"shop_id": cart["shop_id"], "created_at": cart["created_at"], "cart_id": cart["id"]}
    return [{**same, "word": word} for word in words]


def _of_lines(text: str | None) -> set[str]:
    found: list[str] = []
    for line in _LINES.decode(text)[:_MOST_LINES] if text else ():
        found += apart(line.title)[:_OF_A_TITLE]
        found += apart(line.product_key or "")[:1]
    return set(found)


def _of_name(*names: str | None) -> set[str]:
    found: Sequence[str] = [word for name in names for word in apart(name or "")[:_OF_A_NAME]]
    return set(found)
