"""Whatever happens in whatever order: no text twice, none after an order or a stop, none lost.

The histories are told by `tests.any_order`.
"""

from __future__ import annotations

from datetime import timedelta
from itertools import product
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings, stateful

from recovery.database import Database
from tests.any_order import HISTORIES, PLACES, AnyOrder
from tests.promises import step_in
from tests.weather import MOODS
from tests.world import World
from tests.world_notes import Person

#: How many of all histories must see a text accepted, lest nothing be tested.
AT_LEAST = 1 / 3

_SOME_HISTORIES = settings(
    max_examples=10,
    stateful_step_count=14,
    derandomize=False,  # as it is by default where CI is set: every run would tell the same
    # A history is short enough to be read as it was; making it shorter takes minutes.
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    report_multiple_bugs=False,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


def test_in_any_order_nobody_is_texted_twice_or_after_an_order(
    database: Database, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    kind = database.engine.dialect.name
    for _ in range(
        6 if kind == "sqlite" else 3
    ):  # one run varies its first histories only a little
        stateful.run_state_machine_as_test(
            lambda: AnyOrder(World(database, monkeypatch)), settings=_SOME_HISTORIES
        )
    counts = HISTORIES[kind]
    with capsys.disabled():
        print(f"\n{kind}: {dict(sorted(counts.items()))}")
    assert counts["a text accepted"] >= AT_LEAST * counts["histories"]
    # How many fallbacks chance brings is told above; the histories below bring them for sure.


def test_a_death_an_order_or_a_stop_at_every_step_of_a_worker(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    accepted = 0
    for fate in product(("death", "order", "stop"), PLACES):
        history = AnyOrder(World(database, monkeypatch))
        history.some_carts_are_left(2, 1, "accepts", fate, 0)
        history.the_promises_hold()
        history.calm()
        accepted += len(history.world.accepted)
    assert accepted > 0  # a promise holds for nothing where no text ever leaves


_LEFT = ("some_carts_are_left", 1, 1, "accepts", None, 0)  # for an hour; no worker came yet
_WORK = ("the_workers_work", "accepts", None, 0)
_NO, _OLDER_YES = (("a_consent_is_told", Person(1), *told) for told in ((False, 0), (True, 1)))
_STARTED = (
    ("a_shopper_replies", Person(1), "START", False),
    ("change_a_cart", 0, True),
    ("an_hour_passes_and_the_workers_work", "accepts", None, 0),
)
#: What would end otherwise if one line of the code were broken: the texts that leave, the steps.
TOLD: dict[str, tuple[int, tuple[Any, ...]]] = {
    "ordered and touched": (0, (_LEFT, ("an_order_is_placed", 0, "cart", 0, True, True))),
    "order not heard of": (0, (_LEFT, ("an_order_is_not_heard_of", 0, "email"))),
    "old snapshot": (1, (_LEFT, ("an_old_or_same_snapshot_comes", 0, 40, False))),
    "a no again": (0, (_LEFT, _NO, ("minutes_pass", 31, True), _NO, _OLDER_YES)),
    "started again after a no": (
        1,
        (_LEFT, ("a_shopper_replies", Person(1), "STOP", False), _NO, *_STARTED, _WORK, _WORK),
    ),
    "two carts": (1, (_LEFT, _WORK, ("a_cart_is_left_alone", Person(1), "accepts", None, 0))),
    "sent and changed": (1, (_LEFT, _WORK, ("change_a_cart", 0, False))),
    "backwards": (1, (_LEFT, _WORK, ("receipts_come", 0, ("delivered", "undelivered", "sent")))),
} | {
    f"provider {mood}": (texts, (_LEFT, ("the_workers_work", mood, None, 0)))
    for mood, texts in zip(MOODS, (1, 0, 1, 1, 0, 1, 1), strict=True)
}


_SEQUENCE = (*_LEFT, True)
_CANNOT = ("a_text_cannot_be_delivered", 0, False)
_TEXT_CANNOT = ("a_text_cannot_be_delivered", 1, False)
_FAILS = ("receipts_come", 0, ["undelivered"])
_NO_CARDS = ("the_provider_takes_cards_or_not", False)
_AFTER_ALL = ("a_text_cannot_be_delivered", 0, True)
_STOP = ("a_shopper_replies", Person(1), "STOP", False)
_MAIL_NO = ("a_consent_to_e_mails_is_told", Person(1), False, 0)
#: Of a sequence: how many texts and e-mails leave in all.
TOLD_OF_A_SEQUENCE: dict[str, tuple[tuple[int, int], tuple[Any, ...]]] = {
    "all well": ((2, 1), (_SEQUENCE, _WORK)),
    "a text refused": ((1, 2), (_SEQUENCE, ("the_workers_work", "refuses", None, 0))),
    "card undeliverable": ((3, 1), (_SEQUENCE, _WORK, _CANNOT)),
    "card delivered after all": ((2, 1), (_SEQUENCE, _WORK, _AFTER_ALL)),
    "card delivered after its text": ((3, 1), (_SEQUENCE, _WORK, _CANNOT, _AFTER_ALL)),
    "card stopped before its text": ((1, 1), (_SEQUENCE, _WORK, _FAILS, _STOP)),
    "card and text undeliverable": ((3, 1), (_SEQUENCE, _WORK, _CANNOT, _TEXT_CANNOT)),
    "card refused": ((2, 1), (_SEQUENCE, _NO_CARDS, _WORK)),
    "undeliverable": ((2, 2), (_SEQUENCE, _NO_CARDS, _WORK, _CANNOT)),
    "no more texts": ((0, 3), (_SEQUENCE, _NO, _WORK)),
    "stopped by reply": (
        (0, 1),
        (_SEQUENCE, ("a_shopper_replies", Person(1), "STOP", False), _WORK),
    ),
    "no e-mails": ((2, 0), (_SEQUENCE, _MAIL_NO, _WORK)),
    "no answer": ((2, 1), (_SEQUENCE, ("the_workers_work", "drops after", None, 0))),
    "ordered": ((1, 0), (_SEQUENCE, _WORK, ("an_order_is_placed", 0, "email", 0, True, False))),
}


@pytest.mark.parametrize("name", TOLD_OF_A_SEQUENCE)
def test_a_told_sequence_ends_with_the_messages_it_should(
    name: str, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted, steps = TOLD_OF_A_SEQUENCE[name]
    history = AnyOrder(World(database, monkeypatch))
    for step, *told in steps:
        getattr(history, step)(*told)
        history.the_promises_hold()
    history.calm()
    channels = [each.channel for each in history.world.accepted]
    assert (channels.count("sms"), channels.count("email")) == wanted


_A_DAY = ("hours_pass", 24)


@pytest.mark.parametrize("on_lines", [False, True])
def test_a_prospects_second_step_names_a_code_and_a_customers_a_reward(
    database: Database, monkeypatch: pytest.MonkeyPatch, on_lines: bool
) -> None:
    history = AnyOrder(World(database, monkeypatch))
    history.some_carts_are_left(1, 2, "accepts", None, 0, sequence=True, on_lines=on_lines)
    told = [_WORK, _A_DAY, _WORK, ("minutes_pass", 1, True), _WORK]
    for step, *given in told:
        getattr(history, step)(*given)
        history.the_promises_hold()
    mails = {each.recipient: each for each in history.world.accepted if each.channel == "email"}
    assert set(mails) == {Person(1).email, Person(2).email}
    (code,) = mails[Person(1).email].codes
    assert code in mails[Person(1).email].text
    assert code not in mails[Person(2).email].text
    history.an_order_is_placed(1, "cart", 0, True, False)
    history.calm()
    rewards = [
        each
        for each in history.world.accepted
        if step_in(history.world, each.reminder_id)[0] == "reward"
    ]
    assert [each.recipient for each in rewards] == [Person(2).email]
    assert any(code in rewards[0].text for code in rewards[0].codes)
    lines = {offer.product_keys for offer in history.world.asked_for.values()}
    assert lines == {("1",) if on_lines else ()}


@pytest.mark.parametrize(
    ("answer", "texts"), [("1", 1), ("2", 1), ("3", 1), ("demain 18h", 1), ("?!", 0)]
)
def test_an_answer_is_followed_by_one_text(
    database: Database, monkeypatch: pytest.MonkeyPatch, answer: str, texts: int
) -> None:
    history = AnyOrder(World(database, monkeypatch))
    history.some_carts_are_left(1, 1, "accepts", None, 0, sequence=True)
    for _ in range(60):
        history._later(timedelta(hours=1))
        history.the_workers_work("accepts", None, 0)
        if history._surveys():
            break
    history.world.answer(Person(1), answer)
    history.calm()
    found = [step_in(history.world, each.reminder_id) for each in history.world.accepted]
    assert [programme for programme, _ in found].count("reply") == texts


@pytest.mark.parametrize("name", TOLD)
def test_a_told_history_ends_with_the_texts_it_should(
    name: str, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts, steps = TOLD[name]
    history = AnyOrder(World(database, monkeypatch))
    for step, *told in steps:
        getattr(history, step)(*told)
        history.the_promises_hold()
    history.calm()
    assert len(history.world.accepted) == texts
