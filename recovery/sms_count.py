"""What the editor shows of an SMS: parts, room left, what makes it dear, and what it costs."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from recovery.model import Money
from recovery.sms_parts import SIZES, UCS_2, in_gsm_7, letters_of, parts_of, plain, plain_form
from recovery.sms_prices import CURRENCY


@dataclass(frozen=True, slots=True)
class DearLetter:
    """What forces UCS-2: a character, with the marks and joiners that belong to it.

    `times` is how often it stands in the text; `plain` what may stand for it ("": nothing
    need), None where nothing says the same.
    """

    letter: str
    times: int
    plain: str | None

    @property
    def name(self) -> str:
        """In the words of Unicode, for what cannot be seen: "NO-BREAK SPACE (U+00A0)"."""
        return " + ".join(
            f"{unicodedata.name(char, 'no name')} (U+{ord(char):04X})" for char in self.letter
        )


@dataclass(frozen=True, slots=True)
class Count:
    """A text as it is sent. `units`, `used` and `left` are septets (GSM-7) or UTF-16 units.

    `used` and `left` are those of the last part, which together hold 160 or 153, 70 or 67.
    An empty text has no part. `plain_parts` is how many parts its plain form takes, where
    there is one to be offered: it is GSM-7, and takes no more parts.
    """

    text: str = field(repr=False)
    encoding: str
    parts: int
    units: int
    used: int
    left: int
    dear: tuple[DearLetter, ...]
    plain_parts: int | None


def count(text: str) -> Count:
    """Count `text` exactly as it stands, the dear letters in the order of the text."""
    counted = parts_of(text)
    alone, each = SIZES[counted.encoding]
    pure = plain(text)[0]
    return Count(
        text=text,
        encoding=counted.encoding,
        parts=counted.parts,
        units=counted.units,
        used=(alone if counted.parts <= 1 else each) - counted.left_in_part,
        left=counted.left_in_part,
        dear=_dear(text),
        plain_parts=parts_of(pure).parts if pure != text else None,
    )


def _dear(text: str) -> tuple[DearLetter, ...]:
    times = Counter(letter for letter in letters_of(text) if not in_gsm_7(letter))
    return tuple(DearLetter(letter, often, plain_form(letter)) for letter, often in times.items())


def worst(texts: Iterable[str]) -> Count:
    """The dearest of some samples: most parts, then UCS-2, then the least room left.

    The samples are the text filled as it may really leave: the longest link, the longest
    name and the name with most accents, the way to say STOP. Raises ValueError for none.
    """
    counts = [count(text) for text in texts]
    if not counts:
        raise ValueError("there is no text to count")
    return max(counts, key=lambda each: (each.parts, each.encoding == UCS_2, -each.left))


def cost(counted: Count, country: str | None, prices: Mapping[str, Decimal]) -> Money | None:
    """What all its parts cost in `country` (ISO 3166, two letters), not rounded.

    None where `prices` have no row for it: not known, and nothing is guessed.
    """
    price = prices.get((country or "").strip().upper())
    return None if price is None else Money(price * counted.parts, CURRENCY)
