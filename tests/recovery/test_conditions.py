"""Whether a condition holds: tables of facts, and the laws of three values."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recovery.condition_names import KINDS, amount_of, fact_error, is_country, is_language
from recovery.conditions import Known, Verdict, holds
from recovery.model import Channel
from recovery.programme_form import AllOf, AnyOf, Condition, Fact, Not

KNOWN = Known(
    amount=Decimal("99.90"),
    currency="EUR",
    lines=2,
    items=3,
    products=frozenset({"p1", "p2"}),
    categories=frozenset({"Shoes", "Été"}),
    country="FR",
    language="fr-CA",
    orders=1,
    days_since_order=40,
    abandonments=0,
    consents=frozenset({Channel.SMS}),
    source="checkout",
)
NOTHING = Known()
YES = Fact("orders", "at_least", 0)
NO = Fact("orders", "is", 99)
OPEN = Fact("nothing", "is", 1)  # no such question: never known

TABLE: list[tuple[str, str, Any, bool]] = [
    ("amount", "at_least", "99.90", True),
    ("amount", "at_least", "99.91", False),
    ("amount", "below", "99.90", False),
    ("amount", "below", "99.91 EUR", True),
    ("amount", "at_least", "84.91 GBP", True),
    ("amount", "below", "84.92 GBP", True),
    ("lines", "is", 2, True),
    ("lines", "at_most", 1, False),
    ("lines", "at_most", 2, True),
    ("items", "at_least", 3, True),
    ("items", "at_least", 4, False),
    ("product", "any_of", ("p9", "p2"), True),
    ("product", "any_of", ("P2",), False),
    ("product", "none_of", ("p9",), True),
    ("product", "none_of", ("p9", "p1"), False),
    ("category", "any_of", (" shoes ",), True),
    ("category", "any_of", ("ÉTÉ",), True),
    ("category", "none_of", ("Hats",), True),
    ("country", "any_of", ("BE", "FR"), True),
    ("country", "none_of", ("FR",), False),
    ("language", "any_of", ("fr",), True),
    ("language", "none_of", ("de", "en"), True),
    ("customer", "is", "new", False),
    ("customer", "is", "returning", True),
    ("orders", "is", 1, True),
    ("orders", "at_most", 0, False),
    ("days_since_order", "at_least", 40, True),
    ("days_since_order", "at_least", 41, False),
    ("days_since_order", "at_most", 40, True),
    ("abandonments", "at_most", 0, True),
    ("abandonments", "at_least", 1, False),
    ("consent", "any_of", ("sms", "email"), True),
    ("consent", "any_of", ("email",), False),
    ("consent", "none_of", ("email",), True),
    ("source", "any_of", ("checkout",), True),
    ("source", "none_of", ("checkout", "cart"), False),
]


@pytest.mark.parametrize(("name", "op", "value", "expected"), TABLE)
def test_a_known_fact_is_yes_or_no_and_names_itself(
    name: str, op: str, value: Any, expected: bool
) -> None:
    fact = Fact(name, op, value)
    assert holds(fact, KNOWN) == Verdict(expected, (fact,))
    assert holds(Not(fact), KNOWN) == Verdict(not expected, (fact,))


@pytest.mark.parametrize(("name", "op", "value", "expected"), TABLE)
def test_an_unknown_fact_holds_neither_as_it_is_nor_denied(
    name: str, op: str, value: Any, expected: bool
) -> None:
    fact = Fact(name, op, value)
    for condition in (fact, Not(fact), Not(Not(fact))):
        verdict = holds(condition, NOTHING)
        assert verdict.truth is None
        assert not verdict.holds
        assert verdict.why == fact


def test_the_table_asks_every_name_and_every_operator() -> None:
    asked = {(name, op) for name, op, _, _ in TABLE}
    offered = {(name, op) for name, kind in KINDS.items() for op in kind.ops}
    assert {name for name, _ in offered} == {name for name, _ in asked}
    counted = {"lines", "items", "orders", "abandonments"}
    assert {pair for pair in offered if pair[0] not in counted} <= asked


def test_who_never_ordered_ordered_neither_long_ago_nor_lately() -> None:
    newcomer = Known(orders=0)
    for op in ("at_least", "at_most"):
        fact = Fact("days_since_order", op, 30)
        assert holds(fact, newcomer).truth is False
        assert holds(Not(fact), newcomer).truth is True


def test_a_line_that_is_not_told_leaves_only_the_no_open() -> None:
    known = Known(products=frozenset({"p1", None}))
    assert holds(Fact("product", "any_of", ("p1",)), known).truth is True
    assert holds(Fact("product", "none_of", ("p1",)), known).truth is False
    assert holds(Fact("product", "any_of", ("p2",)), known).truth is None
    assert holds(Fact("product", "none_of", ("p2",)), known).truth is None


@pytest.mark.parametrize(
    ("amount", "currency", "value", "expected"),
    [
        ("110", "USD", "100", True),
        ("109.99", "USD", "100", False),
        ("17500", "JPY", "100 EUR", True),
        ("17499", "JPY", "100 EUR", False),
        ("42", "BHD", "110 USD", True),
        ("50", "XYZ", "10 EUR", None),
        ("NaN", "EUR", "10 EUR", None),
        ("50", "EUR", "10 XYZ", None),
    ],
)
def test_an_amount_is_compared_in_the_carts_currency(
    amount: str, currency: str, value: str, expected: bool | None
) -> None:
    known = Known(amount=Decimal(amount), currency=currency)
    assert holds(Fact("amount", "at_least", value), known).truth is expected


@pytest.mark.parametrize(
    "text",
    ["", "-1", "1,5", "1e3", "NaN", "1.2345", "0.5 JPY", "5 eur", "5  EUR", "5 XYZ", "٣", "1" * 13],
)
def test_an_amount_that_cannot_be_read_is_none(text: str) -> None:
    assert amount_of(text) is None


@pytest.mark.parametrize(
    "fact",
    [
        Fact("weather", "is", "fine"),
        Fact("amount", "is", "100"),
        Fact("amount", "at_least", 100),
        Fact("orders", "at_least", True),
        Fact("orders", "at_least", -1),
        Fact("orders", "at_least", "1"),
        Fact("orders", "any_of", 1),
        Fact("country", "any_of", "FR"),
        Fact("country", "any_of", ()),
        Fact("country", "any_of", ("France",)),
        Fact("country", "any_of", ("EU",)),
        Fact("language", "any_of", ("fr-FR",)),
        Fact("customer", "is", "old"),
        Fact("customer", "is", ("new",)),
        Fact("consent", "any_of", ("pigeon",)),
        Fact("source", "any_of", ("poll",)),
        Fact("product", "any_of", (" ",)),
        Fact("product", "any_of", ("p",) * 51),
        Fact("category", "any_of", ("c" * 201,)),
    ],
)
def test_what_cannot_be_asked_is_told_of_and_never_holds(fact: Fact) -> None:
    said = fact_error(fact)
    assert said is not None
    assert said[0] != said[1]
    assert holds(fact, KNOWN).truth is None
    assert holds(Not(fact), KNOWN).truth is None


def test_countries_and_languages_are_codes_that_exist() -> None:
    assert [code for code in ("FR", "US", "RE", "fr", "ZZ", "F", "419") if is_country(code)] == [
        "FR",
        "US",
        "RE",
    ]
    assert [code for code in ("fr", "pt", "zz", "FR", "fr-CA") if is_language(code)] == ["fr", "pt"]


@pytest.mark.parametrize(
    ("condition", "truth", "because"),
    [
        (None, True, ()),
        (AllOf(()), True, ()),
        (AnyOf(()), False, ()),
        (Not(AnyOf(())), True, ()),
        (AllOf((YES, NO)), False, (NO,)),
        (AllOf((OPEN, NO)), False, (NO,)),
        (AllOf((YES, OPEN)), None, (OPEN,)),
        (AllOf((YES, YES)), True, (YES, YES)),
        (AnyOf((NO, YES)), True, (YES,)),
        (AnyOf((OPEN, YES)), True, (YES,)),
        (AnyOf((NO, OPEN)), None, (OPEN,)),
        (AnyOf((NO, NO)), False, (NO, NO)),
        (Not(AllOf((OPEN, NO))), True, (NO,)),
    ],
)
def test_the_fact_that_decides_is_named(
    condition: Condition | None, truth: bool | None, because: tuple[Fact, ...]
) -> None:
    assert holds(condition, KNOWN) == Verdict(truth, because)


# Laws


def _maybe(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | values


_keys = st.frozensets(st.sampled_from(["a", "b", None]), max_size=3)
knowns = st.builds(
    Known,
    amount=_maybe(st.sampled_from([Decimal(50), Decimal(100), Decimal("99.99")])),
    currency=_maybe(st.sampled_from(["EUR", "USD", "JPY", "XYZ"])),
    lines=_maybe(st.integers(0, 3)),
    items=_maybe(st.integers(0, 3)),
    products=_maybe(_keys),
    categories=_maybe(_keys),
    country=_maybe(st.sampled_from(["FR", "US"])),
    language=_maybe(st.sampled_from(["fr", "en-GB"])),
    orders=_maybe(st.integers(0, 2)),
    days_since_order=_maybe(st.integers(0, 3)),
    abandonments=_maybe(st.integers(0, 2)),
    consents=_maybe(st.frozensets(st.sampled_from(list(Channel)))),
    source=_maybe(st.sampled_from(["cart", "checkout"])),
).map(lambda known: replace(known, days_since_order=None) if known.orders == 0 else known)
_VALUES: dict[str, list[Any]] = {
    "amount": ["100", "100 USD", "1000000 JPY"],
    "product": [("a",), ("b", "c")],
    "category": [("A",), ("b", "c")],
    "country": [("FR",), ("US", "BE")],
    "language": [("fr",), ("en", "de")],
    "customer": ["new", "returning"],
    "consent": [("sms",), ("sms", "email")],
    "source": [("cart",), ("cart", "checkout")],
}
facts = st.sampled_from(
    [
        Fact(name, op, value)
        for name, kind in KINDS.items()
        for op in kind.ops
        for value in _VALUES.get(name, [0, 1, 2])
    ]
    + [OPEN]
)
conditions = st.recursive(
    facts,
    lambda inner: st.one_of(
        st.builds(Not, inner),
        st.builds(AllOf, st.lists(inner, max_size=3).map(tuple)),
        st.builds(AnyOf, st.lists(inner, max_size=3).map(tuple)),
    ),
    max_leaves=8,
)
several = st.lists(conditions, max_size=3).map(tuple)
_RANK: dict[bool | None, int] = {False: 0, None: 1, True: 2}
#: Name of a fact → what it looks at.
LOOKS_AT = {
    "amount": ("amount", "currency"),
    "product": ("products",),
    "category": ("categories",),
    "customer": ("orders",),
    "consent": ("consents",),
    "days_since_order": ("orders", "days_since_order"),
}


@given(knowns, conditions)
def test_no_and_yes_change_places_and_not_known_stays(known: Known, condition: Condition) -> None:
    once, twice = holds(Not(condition), known), holds(Not(Not(condition)), known)
    assert twice == holds(condition, known)
    assert _RANK[once.truth] == 2 - _RANK[twice.truth]


@given(knowns, several)
def test_all_is_as_true_as_its_least_and_any_as_its_most(
    known: Known, parts: tuple[Condition, ...]
) -> None:
    ranks = [_RANK[holds(part, known).truth] for part in parts]
    assert _RANK[holds(AllOf(parts), known).truth] == min(ranks, default=2)
    assert _RANK[holds(AnyOf(parts), known).truth] == max(ranks, default=0)


@given(knowns, several)
def test_not_all_is_any_not(known: Known, parts: tuple[Condition, ...]) -> None:
    denied = tuple(Not(part) for part in parts)
    assert holds(Not(AllOf(parts)), known) == holds(AnyOf(denied), known)
    assert holds(Not(AnyOf(parts)), known) == holds(AllOf(denied), known)


@given(knowns, conditions)
def test_the_facts_named_suffice_for_the_answer(known: Known, condition: Condition) -> None:
    verdict = holds(condition, known)
    if verdict.truth is None:
        assert verdict.because
        assert all(holds(fact, known).truth is None for fact in verdict.because)
        return
    names = {name for fact in verdict.because for name in LOOKS_AT.get(fact.name, (fact.name,))}
    rest = replace(NOTHING, **{name: getattr(known, name) for name in names})
    assert holds(condition, rest).truth is verdict.truth


@given(knowns, conditions, st.sampled_from(sorted(Known.__slots__)))
def test_forgetting_something_never_turns_a_no_into_a_yes(
    known: Known, condition: Condition, forgotten: str
) -> None:
    before = holds(condition, known).truth
    after = holds(condition, replace(known, **{forgotten: None})).truth
    assert after is None or after is before
