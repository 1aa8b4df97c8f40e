"""Who is held out of a programme, and which variant the others get: drawn, never chosen.

A draw is a keyed hash of the programme and the person: the same for every channel, cart and
device, without a row being read, and nobody can foretell it without the shop's key. It is
drawn once, when the first step is planned, and the answer is kept; from then on the kept one
counts. So a later change of shares or variants moves only people who are not yet kept, and
of them as few as it can:

- The holdout compares one number with the share. A larger share adds people to the held out
  and takes nobody from them; a smaller one lets some go and adds nobody.
- Variants hold slots of a hundred. A variant added at the end takes as many slots as it
  weighs, from the control alone; a variant that grows takes what it grows by.
- The two numbers are hashes with different words in front, so neither tells of the other, nor
  of those of another programme.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

HELD_OUT = "held_out"
CONTROL = "control"
SLOTS = 100
MOST_HELD_OUT = 0.5
_RESERVED = frozenset({HELD_OUT, CONTROL})
_BITS = 53  # what a float holds exactly


def drawn(key: bytes, programme: int, person: str, purpose: str) -> float:
    """A number in [0, 1), even over persons, the same for the same four for ever.

    `key` is a secret of the shop (at least 16 bytes), `person` the identity under which the
    person is kept; `purpose` sets draws apart from each other. Raises ValueError for a short
    key or nobody. HMAC-SHA256 (RFC 2104) over the parts, each with its length in front, so
    that no two sets of parts run together into one text.
    """
    if len(key) < 16:
        raise ValueError("a key of at least 16 bytes is needed")
    if not person:
        raise ValueError("nobody to draw for")
    parts = (purpose.encode(), str(programme).encode(), person.encode())
    text = b"".join(len(part).to_bytes(4, "big") + part for part in parts)
    digest = hmac.digest(key, text, "sha256")
    return float((int.from_bytes(digest[:8], "big") >> (64 - _BITS)) / 2**_BITS)


def arm_of(
    key: bytes,
    programme: int,
    person: str,
    held_out: float,
    variants: Sequence[tuple[str, int]] = (),
) -> str:
    """`HELD_OUT`, the name of a variant, or `CONTROL`: where `person` belongs, if not yet kept.

    `held_out` is a share of all (0–0.5); `variants` are names with weights of 100 among the
    others, and what they leave over is the control. Raises ValueError for other shares, for
    weights beyond 100, and for names twice or reserved.
    """
    if not 0 <= held_out <= MOST_HELD_OUT:
        raise ValueError(f"the share held out must be 0 to {MOST_HELD_OUT}, not {held_out}")
    slots = _slots(tuple(variants))
    if drawn(key, programme, person, "holdout") < held_out:
        return HELD_OUT
    return slots[int(drawn(key, programme, person, "variant") * SLOTS)]


@lru_cache(maxsize=256)
def _slots(variants: tuple[tuple[str, int], ...]) -> tuple[str, ...]:
    """Who holds which slot: each variant in turn takes the free ones it likes best.

    What a variant likes depends on its name alone, so it keeps its slots when another comes.
    """
    names = [name for name, _ in variants]
    weights = [weight for _, weight in variants]
    if len(set(names)) < len(names) or _RESERVED & set(names):
        raise ValueError("each variant needs a name of its own")
    if any(weight < 0 for weight in weights) or sum(weights) > SLOTS:
        raise ValueError(f"weights are 0 or more, and {SLOTS} together at most")
    held = [CONTROL] * SLOTS
    for name, weight in variants:
        free = [slot for slot in _liked(name) if held[slot] == CONTROL]
        for slot in free[:weight]:
            held[slot] = name
    return tuple(held)


def _liked(name: str) -> list[int]:
    """All slots, in an order of the name's own."""
    return sorted(range(SLOTS), key=lambda slot: hashlib.sha256(f"{slot}:{name}".encode()).digest())


@dataclass(frozen=True, slots=True)
class Kept:
    """An arm as it was kept: `at` is when the first step was planned (aware, UTC)."""

    person: str
    arm: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Merged:
    """The arm of one person who was held to be several.

    `in_conflict`: they were not all in the same arm. Such a person keeps the arm, but has
    lived in both, so is counted beside as well.
    """

    arm: str
    in_conflict: bool


def merged(kept: Iterable[Kept]) -> Merged:
    """The earliest arm wins; at the same instant, that of the person first in order.

    `kept` are the arms of one programme under each identity of one person, in any order; also
    those that came of an earlier merging. Raises ValueError when there are none.
    """
    rows = sorted(kept, key=lambda row: (row.at, row.person))
    if not rows:
        raise ValueError("no arm to merge")
    return Merged(rows[0].arm, any(row.arm != rows[0].arm for row in rows))
