from __future__ import annotations

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from phonenumbers import SUPPORTED_REGIONS

from recovery.sms_prices import (
    DEAREST,
    EXAMPLES,
    LONGEST_TABLE,
    BadPrices,
    from_rows,
    read,
    with_examples,
    written,
)

_PRICES = st.dictionaries(
    st.sampled_from(sorted(SUPPORTED_REGIONS)), st.decimals(0, DEAREST, places=5), max_size=20
)


def _wrong(text: str) -> list[tuple[str, str]]:
    with pytest.raises(BadPrices) as told:
        read(text)
    return [(problem.where, problem.words_en) for problem in told.value.problems]


@pytest.mark.parametrize("text", ["", "  \n", "{}"])
def test_a_shop_without_a_table_has_no_rows_of_its_own(text: str) -> None:
    assert read(text) == {}
    assert with_examples(read(text)) == dict(EXAMPLES)


@given(_PRICES)
def test_what_is_written_is_read_again(prices: dict[str, Decimal]) -> None:
    assert read(written(prices)) == prices


def test_an_amount_is_exact_whether_text_or_number() -> None:
    text = '{"FR": "0.075", "de": 0.0745, " US ": 1, "ES": "0,08", "JP": "0"}'
    assert read(text) == {
        **{"FR": Decimal("0.075"), "DE": Decimal("0.0745"), "US": Decimal(1)},
        **{"ES": Decimal("0.08"), "JP": Decimal(0)},
    }


def test_the_merchants_rows_win_over_the_examples() -> None:
    own = read('{"FR": "0.0431", "JP": "0.06"}')
    prices = with_examples(own)
    assert prices["FR"] == Decimal("0.0431") != EXAMPLES["FR"]
    assert prices["JP"] == Decimal("0.06")
    assert prices["DE"] == EXAMPLES["DE"]


def test_a_country_that_nobody_priced_is_not_guessed() -> None:
    assert "JP" not in with_examples({})


def test_the_examples_are_rows_that_a_merchant_could_have_written() -> None:
    assert read(written(EXAMPLES)) == dict(EXAMPLES)
    assert all(price == round(price, 2) for price in EXAMPLES.values())


@pytest.mark.parametrize("text", ["{", "[1", "FR: 0.07", '{"FR": 0.07,}', "[" * 5000, "\x00"])
def test_what_is_no_json_is_told(text: str) -> None:
    assert _wrong(text) == [("", "The table is no JSON.")]


@pytest.mark.parametrize("text", ["[]", '[["FR", "0.07"]]', '"FR"', "0.07", "null", "NaN"])
def test_what_is_no_table_is_told(text: str) -> None:
    assert [where for where, _ in _wrong(text)] == [""]
    assert "one JSON object" in _wrong(text)[0][1]


@pytest.mark.parametrize(
    "amount",
    [
        *('""', '"x"', '"-0.07"', "-0.07", "null", "true", "NaN", "Infinity", '"NaN"', "{}"),
        *("[]", "1e-2", "1e999999999", '"0.0745.1"', '"1,000.5"', "0.0000001", '"٠.٠٧"', '"7 ct"'),
        *("9" * 3000, '{"FR": "0.07"}', '"0.07\\u00a0€"'),
    ],
)
def test_what_is_no_amount_is_told_beside_its_country(amount: str) -> None:
    wrong = _wrong(f'{{"FR": {amount}}}')
    assert wrong == [("FR", "A price is an amount such as 0.075; it has at most 5 decimals.")]


@pytest.mark.parametrize("country", ["XX", "FRA", "France", "", "33", "\\u0000", "é"])
def test_what_is_no_country_is_told(country: str) -> None:
    assert "no country code" in _wrong(f'{{"{country}": "0.07"}}')[0][1]


def test_the_code_of_the_united_kingdom_is_told() -> None:
    assert _wrong('{"UK": "0.05"}') == [("UK", "The code of the United Kingdom is GB.")]


@pytest.mark.parametrize("text", ['{"FR": "1", "FR": "2"}', '{"FR": "1", "fr": "1"}'])
def test_a_country_that_stands_there_twice_is_told(text: str) -> None:
    assert _wrong(text) == [("FR", "This country stands there twice.")]


def test_cents_typed_as_euros_are_told() -> None:
    assert read('{"FR": "5"}') == {"FR": Decimal(5)}
    assert _wrong('{"FR": "7.5"}') == [("FR", "More than 5 EUR for one part is a slip.")]


def test_a_table_without_end_is_not_read() -> None:
    assert "longer" in _wrong(" " * LONGEST_TABLE + "{}")[0][1]


def test_all_that_is_wrong_is_told_at_once_in_both_languages() -> None:
    with pytest.raises(BadPrices) as told:
        from_rows([("FR", "0,07"), ("XX", "0.07"), ("DE", "cheap"), ("ES", "75")])
    problems = told.value.problems
    assert [problem.where for problem in problems] == ["XX", "DE", "ES"]
    assert all(problem.words_fr != problem.words_en for problem in problems)
    assert "XX: " in str(told.value) and "DE: " in str(told.value)


@pytest.mark.parametrize("price", ["NaN", "-1", "6", "0.000001", "Infinity"])
def test_a_price_that_could_not_be_read_again_is_not_written(price: str) -> None:
    with pytest.raises(BadPrices):
        written({"FR": Decimal(price)})


def test_the_rows_are_written_as_amounts_in_order_of_the_countries() -> None:
    prices = {"FR": Decimal("0.0750"), "DE": Decimal("1E-2")}
    assert json.loads(written(prices)) == {"DE": "0.01", "FR": "0.0750"}
    assert written(prices).index("DE") < written(prices).index("FR")
    assert written({}) == ""
