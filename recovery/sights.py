"""Sources that see little of a cart, and what they may change of what others saw better.

"cart" is a browser's cart before any checkout: lines and a token, nobody's name. "contact"
is what a shopper left in a box: no lines. A checkout, a poll or the plugin sees both.

1. A contact alone is filled by the first snapshot, whatever its time.
2. The first checkout of a browser's cart outranks it: newer, it replaces; older (webhooks
   overtake each other), it still fills what the browser's cart cannot show.
3. A browser's cart never takes from a checkout what it cannot know: the way back, whose it
   is, the sums of unchanged lines. What was ordered it does not touch at all.
4. A phone that was left for texts stays, unless a checkout brings one that was agreed to.
5. A browser's cart without a contact is never looked at: it is nobody's, so it is neither
   abandoned nor counted as one that could not be reached.
"""

from __future__ import annotations

from enum import Enum, auto
from typing import Any

from recovery.states import CartState

CART = "cart"
CONTACT = "contact"
_LITTLE = frozenset({CART, CONTACT})
_UNCHANGED = ("item_count", "subtotal")


class Weight(Enum):
    """How much a snapshot counts against what is held."""

    NONE = auto()
    FILLS = auto()  # what is blank
    FILLS_AND_LEADS = auto()  # what is blank, and its way back is the better one
    REPLACES = auto()


def joined(old: str, new: str) -> str:
    """The sources of a cart with one more."""
    return old if new in old.split(",") else f"{old},{new}"


def weight(old: dict[str, Any], new: dict[str, Any], source: str) -> Weight:
    """What a snapshot of that source may do to the cart held; both are values of a row."""
    held_since, at = old["changed_at"], new["changed_at"]
    if source == CART and old["state"] == CartState.ORDERED:
        return Weight.NONE
    if at > held_since or old["sources"] == CONTACT:
        return Weight.REPLACES
    if source not in _LITTLE and _LITTLE.issuperset(old["sources"].split(",")):
        return Weight.REPLACES if at == held_since else Weight.FILLS_AND_LEADS
    return Weight.FILLS if at == held_since else Weight.NONE


def less_than_a_checkout(old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    """A browser's cart, without what the cart it joins knows better; None: not shown."""
    if _LITTLE.issuperset(old["sources"].split(",")):
        return new
    less = new | {"way_back": None, "origin": None}
    if all(old[name] == new[name] for name in _UNCHANGED):
        less |= dict.fromkeys(("lines", "total", "subtotal"))
    return less


def keeps_its_phone(old: dict[str, Any], agreed: bool) -> bool:
    """Whether the phone held stays, though a snapshot shows another; `agreed`: to that one."""
    return not agreed and bool(old["phone_raw"]) and CONTACT in old["sources"].split(",")
