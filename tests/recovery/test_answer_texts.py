"""Texts that answer a request: at which hours, in which words."""

from __future__ import annotations

from datetime import timedelta

import pytest

from recovery import timing
from recovery.answer_texts import WORDS, Answer, text_of, tracking_link
from recovery.reasons import Reason
from recovery.sms_parts import GSM_7, parts_of
from recovery.timing import ASKED, Due, NotInTime, asked_due
from tests.conftest import SetClock


@pytest.mark.parametrize(
    ("name", "hour", "leaves"),
    [
        ("confirmed", 2, "at once"),
        ("opt_in", 2, "at once"),
        ("shipped", 2, "at eight"),
        ("shipped", 12, "at once"),
        ("out_for_delivery", 23, "at eight"),
    ],
)
def test_hours_of_texts_that_were_asked_for(
    clock: SetClock, name: str, hour: int, leaves: str
) -> None:
    happened = clock().replace(hour=hour - 1)  # Paris is an hour ahead of UTC
    due = asked_due(ASKED[name], happened, ("Europe/Paris",), not_before=happened)
    assert isinstance(due, Due)
    if leaves == "at once":
        assert due.at == happened
    else:
        assert (due.at.hour, due.at > happened) == (7, True)
    assert due.latest == happened + ASKED[name].stale


def test_sundays_count_like_other_days_for_what_was_asked_for(clock: SetClock) -> None:
    sunday = clock.forward(days=4)
    due = asked_due(ASKED["shipped"], sunday, ("Europe/Paris",), not_before=sunday)
    assert isinstance(due, Due)
    assert due.at == sunday


def test_after_an_outage_it_is_late_by_the_event_never_by_the_present(clock: SetClock) -> None:
    happened = clock()
    rule = ASKED["confirmed"]
    in_time = asked_due(rule, happened, ("UTC",), not_before=happened + timedelta(hours=5))
    assert isinstance(in_time, Due)
    assert in_time.latest == happened + rule.stale
    late = asked_due(rule, happened, ("UTC",), not_before=happened + timedelta(hours=7))
    assert late == NotInTime(Reason.TOO_LATE)
    night = happened.replace(hour=20)
    asked = asked_due(rule, night, ("UTC",), not_before=night + timedelta(hours=2))
    assert asked == NotInTime(Reason.NO_DECENT_HOUR)


@pytest.mark.parametrize("language", sorted(WORDS))
@pytest.mark.parametrize("name", sorted(timing.ASKED))
@pytest.mark.parametrize("stop_link", ["", "https://r.example.com/stop/" + "x" * 16])
def test_every_text_is_one_gsm_7_part_with_usual_names(
    language: str, name: str, stop_link: str
) -> None:
    is_watch = name in ("back_in_stock", "price_drop")
    link = "https://nord.example/produit/tasse-bleue" if is_watch else None
    about = "Tasse bleue 30 cl" if is_watch else "#10017"
    answer = Answer(name, "Les Thés du Sud", (language,), about, link, is_watch)
    text = text_of(answer, stop_link)
    parts = parts_of(text)
    assert (parts.encoding, parts.parts) == (GSM_7, 1), (parts, text)
    assert text.startswith("Les Thés du Sud")
    assert ("STOP" in text) if not stop_link else text.endswith(stop_link)
    assert name == "opt_in" or about in text
    assert not is_watch or f" {link} " in text


def test_a_long_title_is_cut_before_a_second_part_is_paid(clock: SetClock) -> None:
    link = "https://nord.example/produit/theiere-en-fonte-emaillee-bleu-nuit"
    title = "Très grande théière en fonte émaillée bleu nuit avec son filtre et son couvercle"
    text = text_of(Answer("back_in_stock", "Nord", ("fr",), title, link, True))
    assert parts_of(text).parts == 1
    assert "... est de retour" in text
    assert link in text


def test_a_tracking_address_is_given_when_it_is_https_plain_and_short() -> None:
    good = "https://post.example/track?id=6A12345678901&lang=fr"
    assert tracking_link(good) == good
    for bad in (
        None,
        "",
        "http://post.example/x",
        "https://x.example/" + "a" * 90,
        "https://x.example/a b",
        "https://x.example/é",
        "https://a@b.example/x",
    ):
        assert tracking_link(bad) is None


def test_a_tracking_address_that_costs_a_second_part_is_left_out() -> None:
    link = "https://post.example/" + "x" * 60
    answer = Answer("out_for_delivery", "S" * 40, ("en",), "#1234567890123456789", link)
    text = text_of(answer, "https://r.example.com/stop/" + "x" * 16)
    assert link not in text
    assert parts_of(text).parts == 1


def test_a_language_we_do_not_write_gets_the_shops() -> None:
    assert text_of(Answer("confirmed", "Nord", ("sv", "fr"), "1")).startswith("Nord : votre")
    assert text_of(Answer("confirmed", "Nord", (None, None), "1")).startswith("Nord: we have")
