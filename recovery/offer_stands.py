"""How an offer stands, from the decision to the code's end; every change is compare-and-set.

```
none                          decided against; its reasons are kept
wanted   → made | failed | removed      an incentive: its code is to be made
made     → used | ended | removed       the code was read back from the shop, and may be named
failed   → wanted                       refused, or not made in time; a step that waits asks again
promised → earned | lapsed | void | removed    a reward, if this cart is ordered in time
earned   → ready | void                 ordered: its code is made, again and again until it is
ready    → used | ended | void          the code is made and told by a reminder of its own
ended    → used                         the code ran out (the order that used it may come late)
lapsed                                  not ordered in time
void     → earned | ready | used        the order was cancelled, or given back
removed  → used                         no message that names it left: it is called back
repeated                                names another offer (`repeats_id`) once more
```

`try_at` is when a row is next to be looked at, by the platform's connector or by a sweep: what
still lives has one, what is over has none. `coupon_key` is None before the shop was asked for
the code, "" while nobody knows whether it made it, and then the shop's own key. `removed_at`:
since when it is not there any more. `ends_at` is the end of the code, as asked for and then as
read back; while a reward is promised, the last moment of the order that earns it.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, update

from recovery import tables

_OFFERS = tables.offers


class Stand(StrEnum):
    """Where an offer stands; the value is what is stored."""

    NONE = "none"
    WANTED = "wanted"
    MADE = "made"
    FAILED = "failed"
    PROMISED = "promised"
    EARNED = "earned"
    READY = "ready"
    USED = "used"
    ENDED = "ended"
    LAPSED = "lapsed"
    VOID = "void"
    REMOVED = "removed"
    REPEATED = "repeated"


#: It may still cost the shop something.
LIVING = frozenset({Stand.WANTED, Stand.MADE, Stand.PROMISED, Stand.EARNED, Stand.READY})
TO_MAKE = frozenset({Stand.WANTED, Stand.EARNED})
#: A code of these that is in the shop has no business there any more.
TO_REMOVE = frozenset({Stand.FAILED, Stand.ENDED, Stand.VOID, Stand.REMOVED})


def change(
    db: Connection, offer_id: int, starts: Iterable[Stand], *only_if: Any, **values: Any
) -> bool:
    """Change an offer that stands in one of `starts`; True when it was we who changed it.

    `only_if` are further conditions (SQL expressions) that must hold.
    """
    changed = (
        update(_OFFERS)
        .where(_OFFERS.c.id == offer_id, _OFFERS.c.stand.in_(sorted(starts)), *only_if)
        .values(**values)
        .returning(_OFFERS.c.id)
    )
    return db.execute(changed).first() is not None
