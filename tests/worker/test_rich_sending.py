"""A worker and an RCS card: what is refused leaves as the text, once, in the same claim."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import update

from connectors.protocols import AccountStopped, Busy, NoAnswer, Refused
from recovery import tables
from recovery.database import Database
from recovery.model import Message, RichText
from recovery.reasons import Reason, read
from tests.conftest import SetClock
from tests.recovery.channel_stories import by_channel, stands
from tests.recovery.stories import rows
from tests.recovery.test_rich_texts import a_card_due
from tests.worker.conftest import Outside
from tests.worker.test_sending import tools_with
from worker.sending import send_batch


def sent(database: Database, clock: SetClock, outside: Outside) -> list[str]:
    """The references that the provider took."""
    with database.transaction() as db:
        db.execute(update(tables.accounts).values(rate=1000.0))
    ids = [row.id for row in rows(database, tables.reminders) if row.state == "scheduled"]
    account = next(row for row in rows(database, tables.accounts) if row.name == "service")
    send_batch(tools_with(database, outside, clock), account.id, ids)
    return [each.reference for each in outside.provider.taken]


def meets(outside: Outside, card: Exception, text: Exception | None = None) -> None:
    """The provider's answer to a card, and to a text."""

    def meet(message: Message) -> None:
        error = card if isinstance(message, RichText) else text
        if error is not None:
            raise error

    outside.provider.meet = meet  # type: ignore[method-assign]


def test_a_card_that_is_taken_is_all_that_leaves(
    database: Database, clock: SetClock, outside: Outside
) -> None:
    a_card_due(database, clock)
    (reference,) = sent(database, clock, outside)
    assert reference.endswith("-rcs")
    assert stands(database) == [(1, "sms", "sent")]


def test_a_refused_card_leaves_as_the_text_at_once(
    database: Database, clock: SetClock, outside: Outside
) -> None:
    a_card_due(database, clock)
    meets(outside, Refused("no RCS here"))
    (reference,) = sent(database, clock, outside)
    row = by_channel(database)[1, "sms"]
    assert (reference, row.provider_id) == (str(row.id), f"p{row.id}")
    assert (row.state, row.rich, row.refusal) == ("sent", "text", "no RCS here")


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        (NoAnswer("line broke"), "unconfirmed"),
        (ZeroDivisionError(), "unconfirmed"),
        (Busy("slow down", 60), "scheduled"),
        (AccountStopped("no credit", 60), "scheduled"),
    ],
    ids=lambda each: type(each).__name__,
)
def test_after_any_other_answer_no_text_follows(
    database: Database, clock: SetClock, outside: Outside, answer: Exception, state: str
) -> None:
    a_card_due(database, clock)
    meets(outside, answer)
    assert sent(database, clock, outside) == []
    row = by_channel(database)[1, "sms"]
    assert (row.state, row.rich) == (state, "rcs")


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        (Refused("no such number"), "failed"),
        (NoAnswer("line broke"), "unconfirmed"),
        (Busy("slow down", 60), "scheduled"),
    ],
    ids=lambda each: type(each).__name__,
)
def test_the_text_ends_as_every_text_does(
    database: Database, clock: SetClock, outside: Outside, answer: Exception, state: str
) -> None:
    a_card_due(database, clock)
    meets(outside, Refused("no RCS here"), answer)
    assert sent(database, clock, outside) == []
    row = by_channel(database)[1, "sms"]
    assert (row.state, row.rich) == (state, "text")


def test_an_order_while_the_card_is_refused_holds_the_text_back(
    database: Database, clock: SetClock, outside: Outside
) -> None:
    a_card_due(database, clock)

    def meet(message: Any) -> None:
        clock.forward(seconds=2)
        with database.transaction() as db:
            db.execute(update(tables.carts).values(state="ordered"))
        raise Refused("no RCS here")

    outside.provider.meet = meet  # type: ignore[method-assign]
    assert sent(database, clock, outside) == []
    row = by_channel(database)[1, "sms"]
    assert (row.state, read(row.reasons)) == ("skipped", [Reason.ORDERED])
