"""A programme as a form and back: nothing is lost, and what is typed is what comes of it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from recovery import condition_fields, programme_fields, step_fields
from recovery.condition_names import fact_error
from recovery.condition_words import in_words
from recovery.model import Channel
from recovery.presets import PRESETS
from recovery.programme_form import AllOf, AnyOf, Condition, Delay, Fact, Incentive, Not, Step
from recovery.typed import Typed
from tests.recovery.programme_chances import CONDITIONS, FACTS, programmes

STEP = Step(2, Channel.SMS, Delay(2700, 7200), texts={"fr": "{{ shop }}"})


def as_browsers_send(fields: dict[str, str]) -> dict[str, str]:
    return {name: value.replace("\n", "\r\n") for name, value in fields.items()}


def unchanged(form):  # type: ignore[no-untyped-def]
    """A programme, every one of its forms sent back as it was shown."""

    def again(step: Step) -> Step:
        typed = Typed(as_browsers_send(step_fields.fields(step)))
        read = step_fields.read(typed, step, "EUR")
        assert typed.wrong == []
        return read

    form = replace(form, steps=tuple(map(again, form.steps)))
    variants = [replace(each, steps=tuple(map(again, each.steps))) for each in form.variants]
    typed = Typed(as_browsers_send(programme_fields.fields(form)))
    form = programme_fields.read(typed, replace(form, variants=tuple(variants)), "CHF")
    also = Typed(programme_fields.variant_fields(form))
    form = programme_fields.read_variants(also, form)
    assert typed.wrong + also.wrong == []
    return form


@settings(max_examples=150, deadline=None)
@given(programmes())
def test_a_programme_that_is_sent_back_as_it_was_shown_stays_as_it_is(form) -> None:  # type: ignore[no-untyped-def]
    assert unchanged(form) == form


@pytest.mark.parametrize("trade", PRESETS)
def test_a_preset_that_is_sent_back_as_it_was_shown_stays_as_it_is(trade: str) -> None:
    assert unchanged(PRESETS[trade].programme) == PRESETS[trade].programme


@settings(max_examples=150, deadline=None)
@given(CONDITIONS)
def test_a_condition_needs_nothing_but_its_own_fields(condition: Condition) -> None:
    typed = Typed(as_browsers_send(condition_fields.fields(condition)))
    read = condition_fields.read(typed, None)
    assert typed.wrong == []
    assert in_words(read, "en") == in_words(condition, "en")


@settings(max_examples=150, deadline=None)
@given(FACTS)
def test_what_a_row_shows_means_the_same_when_typed_anew(fact: Fact) -> None:
    shown = condition_fields.shown_as(fact)
    if shown is None:
        return
    typed = Typed({"join": "all", "what-0": shown[0], "value-0": shown[1]})
    assert condition_fields.read(typed, None) == fact


@pytest.mark.parametrize(
    ("what", "value", "currency", "fact"),
    [
        ("amount.at_least", "100", "EUR", Fact("amount", "at_least", "100")),
        ("amount.at_least", "99,90", "CHF", Fact("amount", "at_least", "99.90 CHF")),
        ("amount.below", "80 usd", "EUR", Fact("amount", "below", "80 USD")),
        ("orders.is", "2", None, Fact("orders", "is", 2)),
        ("country.any_of", "fr, De", None, Fact("country", "any_of", ("FR", "DE"))),
        ("customer.is.new", "", None, Fact("customer", "is", "new")),
        ("consent.none_of.sms", "", None, Fact("consent", "none_of", ("sms",))),
    ],
)
def test_a_question_is_read_as_it_is_typed(
    what: str, value: str, currency: str | None, fact: Fact
) -> None:
    typed = Typed({"join": "all", "what-3": what, "value-3": value})
    assert condition_fields.read(typed, None, currency) == fact
    assert typed.wrong == []
    assert fact_error(fact) is None


@pytest.mark.parametrize(
    ("what", "value", "where"),
    [
        ("amount.at_least", "a lot", "value-0"),
        ("amount.at_least", "10 XXX", "value-0"),
        ("orders.is", "1.5", "value-0"),
        ("orders.is", "", "value-0"),
        ("country.any_of", "France", "value-0"),
        ("language.any_of", "français", "value-0"),
        ("consent.any_of", "", "what-0"),
        ("customer.is.old", "", "what-0"),
        ("weather.is", "1", "what-0"),
        ("kept", "1", "what-0"),
    ],
)
def test_a_question_that_cannot_be_asked_is_told_at_its_field(
    what: str, value: str, where: str
) -> None:
    typed = Typed({"join": "all", "what-0": what, "value-0": value})
    assert condition_fields.read(typed, None) is None
    assert [each.where for each in typed.wrong] == [where]


def test_a_group_within_a_group_is_kept_or_let_go_as_a_whole() -> None:
    inner = AnyOf((Fact("orders", "is", 0), Fact("country", "any_of", ("FR",))))
    whole = AllOf((Fact("items", "at_least", 2), inner, Not(inner)))
    shown = condition_fields.fields(whole)
    assert shown["what-1"] == shown["what-2"] == "kept"
    assert condition_fields.was_in_words(shown["was-1"], "en") == (
        "exactly 0 orders so far or country: France"
    )
    without = shown | {"what-2": "", "value-0": "3"}
    wanted = AllOf((Fact("items", "at_least", 3), inner))
    assert condition_fields.read(Typed(without), whole) == wanted
    off = {name: value for name, value in shown.items() if name != "value-1"}  # no tick
    assert condition_fields.read(Typed(off), whole) == AllOf((whole.of[0], whole.of[2]))


def test_a_condition_that_never_holds_is_not_shown_as_one_that_always_does() -> None:
    shown = condition_fields.fields(AnyOf(()))
    assert shown["what-0"] == "kept"
    assert condition_fields.was_in_words(shown["was-0"], "en") == "no cart"


@pytest.mark.parametrize("was", ['{"type":"not","of":' * 900, "[" * 5000, "x", '{"type":"all"}'])
def test_a_planted_part_is_no_part(was: str) -> None:
    typed = Typed({"join": "all", "what-0": "kept", "value-0": "1", "was-0": was})
    assert condition_fields.read(typed, None) is None
    assert condition_fields.was_in_words(was, "en") == ""


@dataclass(frozen=True)
class Change:
    field: str
    value: str
    name: str
    wanted: object


CHANGES = [
    Change("delay", "1,5", "delay", Delay(90, 7200)),
    Change("above", "", "delay", Delay(2700)),
    Change("above_unit", "86400", "delay", Delay(2700, 2 * 86_400)),
    Change("since", "step", "since", "step"),
    Change("channel", "email", "channel", Channel.EMAIL),
    Change("fallback", "email", "fallback", Channel.EMAIL),
    Change("words", "calm", "words", "calm"),
    Change("asks_why", "1", "asks_why", True),
    Change("page", "1", "page", True),
    Change("rich", "mms", "rich", "mms"),
]


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.field)
def test_one_field_changes_one_thing(change: Change) -> None:
    fields = step_fields.fields(STEP) | {change.field: change.value}
    if change.field == "delay":
        fields["delay_unit"] = "60"
    typed = Typed(fields)
    read = step_fields.read(typed, STEP)
    assert typed.wrong == []
    assert read == replace(STEP, **{change.name: change.wanted})


def test_an_offer_is_read_as_it_is_typed() -> None:
    fields = step_fields.fields(STEP) | {
        **{"gift": "amount", "value": "7,50", "days": "5", "minimum": "40", "lines": "some"},
        **{"products": "12\r\n 13 \r\n", "unless_made": "wait"},
    }
    typed = Typed(fields)
    read = step_fields.read(typed, STEP)
    assert typed.wrong == []
    amount, least = Decimal("7.5"), Decimal(40)
    assert read.incentive == Incentive("amount", amount, 5, least, ("12", "13"), "wait")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *[("delay", each) for each in ("", "soon", "1e9", "999999999999", "0.001", "NaN", "½")],
        *[("delay_unit", "7"), ("above", "x"), ("channel", "fax"), ("channel", "")],
        *[("since", "dawn"), ("fallback", "fax"), ("words", "shout"), ("rich", "video")],
        *[("gift", "gold"), ("value", "Infinity"), ("value", ""), ("days", "2.5"), ("days", "")],
        *[("minimum", "-"), ("lines", ""), ("unless_made", "x"), ("join", "xor")],
    ],
)
def test_what_cannot_be_read_is_told_at_its_field_and_stays(field: str, value: str) -> None:
    step = replace(STEP, incentive=Incentive("percent", Decimal(10)))
    typed = Typed(step_fields.fields(step) | {field: value})
    read = step_fields.read(typed, step)
    assert [each.where for each in typed.wrong] == [field]
    assert read.channel == step.channel


@settings(max_examples=200, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(
            [
                *step_fields.fields(
                    replace(STEP, incentive=Incentive("percent"), when=Fact("orders", "is", 1))
                ),
                "end-order",
                "holdout",
                "border",
                "ends_after_days",
                "weight-1",
            ]
        ),
        st.text(max_size=30)
        | st.sampled_from(["1", "kept", "any", "some", "amount", "sms", "-9", "1e9"]),
    )
)
def test_whatever_is_sent_is_read_or_told(fields: dict[str, str]) -> None:
    form = replace(PRESETS["fashion"].programme, holdout=0.1)
    typed = Typed(fields)
    step_fields.read(typed, STEP, "EUR")
    programme_fields.read(typed, form, "EUR")
    programme_fields.read_variants(typed, form)
    assert all(each.words_fr and each.where for each in typed.wrong)


def test_a_value_of_two_lines_is_kept_since_a_field_has_one() -> None:
    assert condition_fields.shown_as(Fact("product", "any_of", ("a\nb",))) is None
    assert condition_fields.shown_as(Fact("product", "any_of", ("a b",))) == (
        "product.any_of",
        "a b",
    )
