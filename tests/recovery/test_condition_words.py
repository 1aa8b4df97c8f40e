"""Conditions in words, in French and English."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given

from recovery.condition_names import KINDS
from recovery.condition_words import _opposite, in_words, verdict_in_words
from recovery.conditions import Known, Verdict, holds
from recovery.programme_form import AllOf, AnyOf, Condition, Fact, Not
from tests.recovery.test_conditions import conditions, facts, knowns

LARGE = Fact("amount", "at_least", "100")
NEW = Fact("customer", "is", "new")
FRENCH = Fact("country", "any_of", ("FR", "BE"))


@pytest.mark.parametrize(
    ("name", "op", "value", "english", "french"),
    [
        ("amount", "at_least", "100", "cart of at least €100", "panier d’au moins 100 €"),
        ("amount", "below", "99.90", "cart below €99.90", "panier de moins de 99,90 €"),
        ("amount", "below", "99.90 CHF", "cart below CHF 99.90", "panier de moins de 99,90 CHF"),
        (
            "amount",
            "at_least",
            "1500 USD",
            "cart of at least $1,500",
            "panier d’au moins 1 500 $US",
        ),
        ("amount", "at_least", "17500 JPY", "cart of at least ¥17,500", None),
        ("amount", "below", "12.5 BHD", "cart below BHD 12.500", "panier de moins de 12,500 BHD"),
        ("lines", "at_least", 0, "at least 0 lines in the cart", "au moins 0 ligne dans le panier"),
        ("lines", "is", 1, "exactly 1 line in the cart", "exactement 1 ligne dans le panier"),
        ("items", "at_most", 2, "at most 2 items in the cart", "au plus 2 articles dans le panier"),
        ("orders", "at_least", 1, "at least 1 order so far", "au moins 1 commande à ce jour"),
        ("orders", "at_least", 1500, "at least 1,500 orders so far", None),
        (
            "days_since_order",
            "at_most",
            1,
            "last order at most 1 day ago",
            "dernière commande il y a au plus 1 jour",
        ),
        (
            "abandonments",
            "at_least",
            2,
            "at least 2 carts abandoned before",
            "au moins 2 paniers abandonnés auparavant",
        ),
        ("product", "any_of", ("p1",), "cart with the product p1", "panier avec le produit p1"),
        (
            "category",
            "none_of",
            ("Été", "Hats", "{0}"),
            "cart with nothing from Été, Hats, or {0}",
            "panier sans article de Été, Hats ou {0}",
        ),
        (
            "country",
            "any_of",
            ("FR", "BE"),
            "country: France or Belgium",
            "pays : France ou Belgique",
        ),
        (
            "country",
            "none_of",
            ("US",),
            "country other than United States",
            "pays autre que États-Unis",
        ),
        ("language", "any_of", ("de",), "language: German", "langue : allemand"),
        ("customer", "is", "new", "new customer", "client nouveau"),
        ("customer", "is", "returning", "returning customer", "client fidèle"),
        (
            "consent",
            "any_of",
            ("sms", "email"),
            "consent to SMS or e-mail",
            "accord pour SMS ou e-mail",
        ),
        ("consent", "none_of", ("sms",), "no consent to SMS", "pas d’accord pour SMS"),
        ("source", "any_of", ("checkout",), "left in the checkout", "abandonné à la caisse"),
    ],
)
def test_a_fact_in_words(name: str, op: str, value: Any, english: str, french: str | None) -> None:
    fact = Fact(name, op, value)
    assert _plain(in_words(fact, "en")) == english
    if french is not None:
        assert _plain(in_words(fact, "fr")) == french


@pytest.mark.parametrize(
    ("condition", "english", "french"),
    [
        (None, "every cart", "tous les paniers"),
        (AllOf(()), "every cart", "tous les paniers"),
        (AnyOf(()), "no cart", "aucun panier"),
        (
            AllOf((LARGE, NEW)),
            "cart of at least €100 and new customer",
            "panier d’au moins 100 € et client nouveau",
        ),
        (
            AnyOf((LARGE, AllOf((NEW, FRENCH)))),
            "cart of at least €100 or (new customer and (country: France or Belgium))",
            "panier d’au moins 100 € ou (client nouveau et (pays : France ou Belgique))",
        ),
        (AllOf((AnyOf((NEW,)),)), "new customer", "client nouveau"),
        (
            AllOf((LARGE, AnyOf((AllOf((NEW, LARGE)),)))),
            "cart of at least €100 and (new customer and cart of at least €100)",
            "panier d’au moins 100 € et (client nouveau et panier d’au moins 100 €)",
        ),
        (
            AllOf((LARGE, Not(AnyOf((NEW, FRENCH))))),
            "cart of at least €100 and not (new customer or (country: France or Belgium))",
            "panier d’au moins 100 € et non (client nouveau ou (pays : France ou Belgique))",
        ),
        (
            Fact("weather", "is", "fine"),
            "a question that cannot be asked",
            "une question qui ne peut pas être posée",
        ),
    ],
)
def test_what_belongs_together_stands_in_brackets(
    condition: Condition | None, english: str, french: str
) -> None:
    assert _plain(in_words(condition, "en")) == english
    assert _plain(in_words(condition, "fr-CA")) == french


@pytest.mark.parametrize(
    ("fact", "english"),
    [
        (FRENCH, "country other than France or Belgium"),
        (LARGE, "cart below €100"),
        (NEW, "returning customer"),
        (Fact("orders", "at_least", 1), "not (at least 1 order so far)"),
    ],
)
def test_a_denied_fact_is_said_by_its_opposite_where_it_has_one(fact: Fact, english: str) -> None:
    assert in_words(Not(fact), "en") == english
    joined = in_words(AllOf((Not(fact), NEW)), "en")
    assert joined == (f"({english})" if fact is FRENCH else english) + " and new customer"


@given(facts, knowns)
def test_an_opposite_answers_as_the_denied_fact_does(fact: Fact, known: Known) -> None:
    opposite = _opposite(fact)
    if opposite is not None:
        assert holds(opposite, known).truth is holds(Not(fact), known).truth


def test_another_language_gets_english() -> None:
    for language in ("de", "", "xx-rubbish"):
        assert in_words(NEW, language) == "new customer"


def test_a_verdict_tells_what_decided_it() -> None:
    known = Known(orders=3)
    assert verdict_in_words(holds(AllOf((NEW, LARGE)), known), "fr") == "client nouveau"
    unknown = verdict_in_words(holds(AllOf((LARGE,)), known), "fr")
    assert _plain(unknown) == "non connu : panier d’au moins 100 €"
    assert verdict_in_words(Verdict(True), "en") == "every cart"


def test_every_name_and_operator_has_words_in_both_languages() -> None:
    values: dict[str, Any] = {"amount": "5", "customer": "new", "country": ("FR",)}
    values |= {"language": ("fr",), "consent": ("sms",), "source": ("cart",)}
    values |= {"product": ("p",), "category": ("c",)}
    for name, kind in KINDS.items():
        for op in kind.ops:
            fact = Fact(name, op, values.get(name, 3))
            said = {in_words(fact, "en"), in_words(fact, "fr")}
            assert len(said) == 2
            assert not any("cannot be asked" in words or "{" in words for words in said)


@given(conditions, knowns)
def test_brackets_are_closed_and_nothing_is_raised(condition: Condition, known: Known) -> None:
    for language in ("en", "fr"):
        for words in (
            in_words(condition, language),
            verdict_in_words(holds(condition, known), language),
        ):
            assert words.count("(") == words.count(")")
            assert words.strip() == words != ""


def _plain(text: str) -> str:
    return text.replace("\u00a0", " ").replace("\u202f", " ")
