"""Programmes by chance: every form that can be read, and mostly ones that may be saved."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import strategies as st

from recovery.condition_names import SOURCES
from recovery.model import Channel
from recovery.programme_form import (
    AllOf,
    AnyOf,
    Delay,
    End,
    Fact,
    Incentive,
    Not,
    Programme,
    Start,
    Step,
    Variant,
)
from recovery.ready_texts import CHOSEN

WORDS = st.text("abc é,“\n", min_size=1, max_size=12).filter(str.strip)
SECONDS = st.sampled_from([0, 1, 59, 60, 2700, 5400, 86_400]) | st.integers(0, 90 * 86_400)
MONEY = st.decimals("0.01", "100000", places=2) | st.sampled_from([Decimal("1E+2"), Decimal(7)])
TEXTS = st.dictionaries(st.sampled_from(["fr", "en", "de"]), WORDS, max_size=2)


def _tuples(each: st.SearchStrategy[str]) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(each, min_size=1, max_size=3).map(tuple)


_CHOICE = st.sampled_from(["any_of", "none_of"])
FACTS = st.one_of(
    st.builds(
        Fact,
        st.just("amount"),
        st.sampled_from(["at_least", "below"]),
        st.sampled_from(["100", "99.90", "100 EUR", "99.90 CHF", "20000 JPY"]),
    ),
    st.builds(
        Fact,
        st.sampled_from(["lines", "items", "orders", "abandonments"]),
        st.sampled_from(["at_least", "at_most", "is"]),
        st.integers(0, 100_000),
    ),
    st.builds(
        Fact,
        st.just("days_since_order"),
        st.sampled_from(["at_least", "at_most"]),
        st.integers(0, 400),
    ),
    st.builds(Fact, st.sampled_from(["product", "category"]), _CHOICE, _tuples(WORDS)),
    st.builds(
        Fact, st.just("country"), _CHOICE, _tuples(st.sampled_from(["FR", "DE", "US", "JP"]))
    ),
    st.builds(Fact, st.just("language"), _CHOICE, _tuples(st.sampled_from(["fr", "de", "ja"]))),
    st.builds(Fact, st.just("customer"), st.just("is"), st.sampled_from(["new", "returning"])),
    st.builds(Fact, st.just("consent"), _CHOICE, _tuples(st.sampled_from(["sms", "email"]))),
    st.builds(Fact, st.just("source"), _CHOICE, _tuples(st.sampled_from(sorted(SOURCES)))),
)
CONDITIONS = st.recursive(
    FACTS,
    lambda parts: st.one_of(
        st.builds(AllOf, st.lists(parts, max_size=3).map(tuple)),
        st.builds(AnyOf, st.lists(parts, max_size=3).map(tuple)),
        st.builds(Not, parts),
    ),
    max_leaves=8,
)
INCENTIVES = st.builds(
    Incentive,
    st.sampled_from(["percent", "amount", "free_shipping"]),
    value=MONEY,
    days=st.integers(1, 60),
    minimum=st.none() | MONEY,
    lines=st.just("cart") | st.just(()) | _tuples(WORDS),
    unless_made=st.sampled_from(["send_without", "wait"]),
)


def steps(number: int) -> st.SearchStrategy[Step]:
    return st.builds(
        Step,
        st.just(number),
        st.sampled_from(list(Channel)),
        st.builds(Delay, SECONDS, st.none() | SECONDS),
        st.sampled_from(["start", "step"]),
        st.none() | st.sampled_from(list(Channel)),
        st.sampled_from(sorted(CHOSEN)),
        TEXTS,
        TEXTS,
        st.booleans(),
        st.booleans(),
        st.sampled_from([None, "mms", "rcs"]),
        st.none() | INCENTIVES,
        st.none() | CONDITIONS,
    )


@st.composite
def programmes(draw: st.DrawFn) -> Programme:
    many = draw(st.integers(1, 4))
    numbers = st.sets(st.integers(1, many), min_size=1)
    variants = [
        Variant(
            name, draw(st.integers(1, 40)), tuple(draw(steps(n)) for n in sorted(draw(numbers)))
        )
        for name in draw(st.lists(WORDS, max_size=2, unique=True))
    ]
    return Programme(
        Start.CART,
        tuple(draw(steps(number)) for number in range(1, many + 1)),
        when=draw(st.none() | CONDITIONS),
        holdout=draw(st.floats(0, 0.5) | st.sampled_from([0.1, 0.07, 1 / 3])),
        variants=tuple(variants),
        ends=tuple(draw(st.permutations(list(End)))[: draw(st.integers(2, 5))]),
        ends_after_days=draw(st.integers(1, 90)),
        border=draw(MONEY),
        adaptive=draw(st.booleans()),
        source=draw(st.text(max_size=5)),
    )
