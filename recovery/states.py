"""The tables of transitions and `move`: the only writer of a state.

```
cart      open ⇄ abandoned → ordered;   open, abandoned ⇄ expired (reopened as open);
          expired → ordered
reminder  scheduled → sending → sent → delivered | undelivered
          scheduled, sending → skipped;   skipped → scheduled (the cart changed)
          sending → failed | scheduled (busy, later) | unconfirmed (no answer)
          sending, unconfirmed → sent | delivered | undelivered   (a receipt)
          undelivered → delivered   (a receipt that comes late after all)
          sent, unconfirmed → scheduled   (an MMS or RCS card that was not delivered: its text)
          scheduled, skipped, failed → delivered   (that card was delivered after all)
```
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Table, bindparam, text, update

from recovery import tables


class CartState(StrEnum):
    """Where a cart stands."""

    OPEN = "open"
    ABANDONED = "abandoned"
    ORDERED = "ordered"
    EXPIRED = "expired"


#: Why a cart ended, where the shopper did not want to be known: see `recovery.forgetting`.
NO_THANKS = "the shopper said no thanks"
#: Why a cart is over that was left before we came: see `recovery.past_intake`.
BEFORE_THE_INSTALL = "left before the install"


class ReminderState(StrEnum):
    """Where a reminder stands."""

    SCHEDULED = "scheduled"
    SENDING = "sending"
    SENT = "sent"
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"
    SKIPPED = "skipped"
    FAILED = "failed"
    UNCONFIRMED = "unconfirmed"


#: A reminder in one of these may have reached the shopper, or will not any more.
FINAL = frozenset(
    {
        ReminderState.SENT,
        ReminderState.DELIVERED,
        ReminderState.UNDELIVERED,
        ReminderState.SKIPPED,
        ReminderState.FAILED,
        ReminderState.UNCONFIRMED,
    }
)

Transitions = Mapping[str, tuple[frozenset[str], str]]


def _from(*states: str) -> frozenset[str]:
    return frozenset(states)


#: event → (states it may start from, state it ends in)
CART: Transitions = {
    "abandon": (_from("open"), "abandoned"),
    "reopen": (_from("abandoned", "expired"), "open"),
    "order": (_from("open", "abandoned", "expired"), "ordered"),
    "expire": (_from("open", "abandoned"), "expired"),
}

REMINDER: Transitions = {
    "claim": (_from("scheduled"), "sending"),
    "skip": (_from("scheduled", "sending"), "skipped"),
    # Only when the cart changed: what was not sent is planned from the new time on.
    "plan_anew": (_from("scheduled", "skipped"), "scheduled"),
    "accept": (_from("sending"), "sent"),
    "refuse": (_from("sending"), "failed"),
    "postpone": (_from("sending"), "scheduled"),
    "lose_track": (_from("sending"), "unconfirmed"),
    "confirm": (_from("sending", "unconfirmed"), "sent"),
    "deliver": (_from("sending", "unconfirmed", "sent", "undelivered"), "delivered"),
    "bounce": (_from("sending", "unconfirmed", "sent"), "undelivered"),
    # Only of what was more than a plain text: see `rich_texts`.
    "go_plainly": (_from("sent", "unconfirmed"), "scheduled"),
    "arrive_after_all": (_from("scheduled", "skipped", "failed"), "delivered"),
}

_TABLES: dict[str, tuple[Table, Transitions]] = {
    "carts": (tables.carts, CART),
    "reminders": (tables.reminders, REMINDER),
}


def move(
    db: Connection, table: Table, row_id: int, event: str, also: Mapping[str, Any] | None = None
) -> bool:
    """Move one row by `event`; `also` is written with it. True when we moved it.

    Compare and set: of two who try at once, one gets True.
    """
    return bool(move_all(db, table, [row_id], event, also))


def move_all(
    db: Connection,
    table: Table,
    row_ids: Iterable[int],
    event: str,
    also: Mapping[str, Any] | None = None,
    only_if: Any = None,
) -> list[int]:
    """Move several rows by `event`; give the ids of those that we moved.

    `only_if` is a further condition (an SQL expression) that must hold.
    """
    starts, end = _TABLES[table.name][1][event]
    ids = list(row_ids)
    if not ids:
        return []
    # The states stand in the statement itself, so that partial indexes can serve.
    places = ", ".join(f"'{state}'" for state in sorted(starts))
    change = (
        update(table)
        .where(table.c.id.in_(ids), text(f"{table.name}.state IN ({places})"))
        .values(state=end, **(also or {}))
        .returning(table.c.id)
    )
    if only_if is not None:
        change = change.where(only_if)
    return [row.id for row in db.execute(change)]


def move_each(
    db: Connection, table: Table, event: str, changes: Sequence[Mapping[str, Any]]
) -> None:
    """Move many rows by one event, each with its own values; `changes` have `id` and values.

    Rows that stand in another state by now stay as they are.
    """
    starts, end = _TABLES[table.name][1][event]
    if not changes:
        return
    places = ", ".join(f"'{state}'" for state in sorted(starts))
    columns = [name for name in changes[0] if name != "id"]

    change = (
        update(table)
        .where(table.c.id == bindparam("row_id"), text(f"{table.name}.state IN ({places})"))
        .values(state=end, **{name: bindparam(f"new_{name}") for name in columns})
    )
    db.execute(
        change,
        [
            {"row_id": row["id"], **{f"new_{name}": row[name] for name in columns}}
            for row in changes
        ],
    )


def at_first(table: Table) -> str:
    """The state a new row of `table` starts in."""
    return CartState.OPEN if table is tables.carts else ReminderState.SCHEDULED
