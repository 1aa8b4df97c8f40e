"""The ready programmes hold what every programme must, wherever the shop is."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from babel import Locale
from hypothesis import given
from hypothesis import strategies as st

from recovery.borders import BORDERS
from recovery.condition_names import is_country
from recovery.model import Channel
from recovery.presets import PRESETS, preset, with_offer
from recovery.programme_checks import problems
from recovery.programme_form import Incentive, Programme, Start, read, written
from recovery.sending_hours import rule_for
from recovery.step_checks import WORDS

TRADES = "fashion beauty food home electronics toys sport gifts travel considered b2b".split()
SLOW = ("travel", "considered")
COUNTRIES = sorted(code for code in Locale("en").territories if is_country(code))
TEN = Incentive("percent", Decimal(10))
DAY = 86_400


def offsets(programme: Programme, is_above: bool) -> list[int]:
    found = [0]
    for step in programme.steps:
        delay = step.delay.above if is_above and step.delay.above else step.delay.below
        found.append(delay + (found[-1] if step.since == "step" else 0))
    return found[1:]


def test_there_is_a_preset_for_each_trade() -> None:
    assert list(PRESETS) == TRADES


@given(
    st.sampled_from(TRADES),
    st.sampled_from([*COUNTRIES, "", None]),
    st.sampled_from(sorted(BORDERS)),
    st.integers(15, 6 * 60 - 30),
    st.booleans(),
)
def test_every_preset_passes_its_checks_in_every_country_and_currency(
    trade: str, country: str | None, currency: str, idle: int, is_offered: bool
) -> None:
    programme = preset(trade, country)
    if is_offered:
        programme = with_offer(programme, TEN)
    assert problems(programme, country, currency, idle=timedelta(minutes=idle)) == []


@pytest.mark.parametrize("country", COUNTRIES)
def test_no_preset_warns_in_any_country(country: str) -> None:
    assert {trade: problems(preset(trade, country), country, "EUR") for trade in TRADES} == {
        trade: [] for trade in TRADES
    }


@pytest.mark.parametrize("trade", TRADES)
def test_a_preset_is_kept_and_read_as_it_is(trade: str) -> None:
    programme = preset(trade)
    assert read(written(programme)) == programme
    assert programme.start is Start.CART
    assert programme.trade == trade
    assert programme.holdout == 0.10
    assert all(step.incentive is None for step in programme.steps)
    assert {step.words for step in programme.steps} <= WORDS


@pytest.mark.parametrize("trade", TRADES)
def test_in_the_united_states_one_step_is_a_text(trade: str) -> None:
    steps = preset(trade, "US").steps
    texts = [step for step in steps if Channel.SMS in (step.channel, step.fallback)]
    assert len(texts) == (0 if trade == "b2b" else 1)
    assert rule_for("US").texts_per_cart == 1
    assert [step.delay for step in steps] == [step.delay for step in preset(trade, "FR").steps]


@pytest.mark.parametrize("trade", TRADES)
def test_a_text_comes_first_and_an_e_mail_stands_in_for_it(trade: str) -> None:
    steps = preset(trade, "FR").steps
    assert steps[0].channel is (Channel.EMAIL if trade == "b2b" else Channel.SMS)
    assert all(step.fallback is Channel.EMAIL for step in steps if step.channel is Channel.SMS)


@pytest.mark.parametrize("trade", TRADES)
def test_later_above_the_border_and_never_sooner(trade: str) -> None:
    below, above = (offsets(preset(trade), is_above) for is_above in (False, True))
    assert above[0] > below[0]
    assert all(late >= soon for late, soon in zip(above, below, strict=True))
    assert above[0] <= 6 * 3_600


@pytest.mark.parametrize("trade", TRADES)
def test_slow_trades_take_several_days_and_stay_calm(trade: str) -> None:
    programme = preset(trade)
    assert (programme.steps[0].words == "calm") is (trade in SLOW)
    if trade in SLOW:
        assert {step.words for step in programme.steps} == {"calm"}
        assert offsets(programme, False)[-1] >= 6 * DAY
    if trade == "b2b":
        assert {step.words for step in programme.steps} == {"b2b"}


@pytest.mark.parametrize("trade", TRADES)
def test_each_says_in_two_languages_where_its_delays_come_from(trade: str) -> None:
    words = PRESETS[trade].words
    for pair in (words.name, words.line, words.source):
        assert pair[0] != pair[1]
        assert all(said.strip() == said != "" for said in pair)
    assert "Our judgement: " in preset(trade, "GB", "en").source
    assert "Notre jugement : " in preset(trade, "FR", "fr-FR").source
    assert "Measured elsewhere" in preset(trade, "DE", "de").source


def test_an_offer_goes_into_the_second_step_and_nowhere_else() -> None:
    plain, offering = preset("fashion"), with_offer(preset("fashion"), TEN)
    assert [step.incentive for step in offering.steps] == [None, TEN, None]
    assert offering.steps[1].words == "offer"
    assert [offering.steps[0], offering.steps[2]] == [plain.steps[0], plain.steps[2]]
    assert with_offer(plain, TEN, 9) == plain


def test_a_trade_that_does_not_exist_is_an_error() -> None:
    with pytest.raises(KeyError):
        preset("weapons")
