"""What a programme added: both arms, an interval, or how many people are missing."""

from __future__ import annotations

import random
from decimal import Decimal

import pytest

from bench.added import a_shop, lived, measured
from recovery.added import Arm, Figure, NotEnough, added, held_out_needed


def _arm(people: int, orders: int, basket: str = "50.00") -> Arm:
    return Arm(people, (Decimal(basket),) * orders)


def test_a_figure_shows_both_arms_with_their_denominators() -> None:
    told = added(_arm(9_000, 540), _arm(1_000, 40))
    assert isinstance(told.conversion, Figure)
    assert (told.conversion.treated.people, told.conversion.treated.sum) == (9_000, 540)
    assert told.conversion.treated.per_person == Decimal("0.0600")
    assert (told.conversion.held_out.people, told.conversion.held_out.sum) == (1_000, 40)
    assert told.conversion.difference == Decimal("0.0200")
    assert told.conversion.low < told.conversion.difference < told.conversion.high
    assert isinstance(told.revenue, Figure)
    assert told.revenue.held_out.sum == Decimal("2000.00")
    assert told.revenue.difference == Decimal("1.0000")


def test_a_clear_lift_is_told_apart_and_none_is_not() -> None:
    clear = added(_arm(45_000, 2_700), _arm(5_000, 200)).conversion
    none = added(_arm(45_000, 1_800), _arm(5_000, 200)).conversion
    harm = added(_arm(45_000, 1_800), _arm(5_000, 300)).conversion
    assert isinstance(clear, Figure) and isinstance(none, Figure) and isinstance(harm, Figure)
    assert (clear.is_told_apart, none.is_told_apart, harm.is_told_apart) == (True, False, True)


def test_few_people_get_the_number_still_needed_and_no_percentage() -> None:
    told = added(_arm(900, 45), _arm(100, 5))
    # 5 % of a tenth of 2,400 people are twelve orders; 1,000 are there.
    assert told.conversion == NotEnough(900, 100, 1_400)
    assert told.revenue == NotEnough(900, 100, 1_400)
    enough = added(_arm(2_160, 108), _arm(240, 12))
    assert isinstance(enough.conversion, Figure) and isinstance(enough.revenue, Figure)


def test_luck_among_the_held_out_hardly_shows_a_figure_sooner() -> None:
    assert isinstance(added(_arm(900, 27), _arm(100, 14)).conversion, NotEnough)


def test_held_out_people_without_an_order_have_a_rate_and_no_revenue_yet() -> None:
    told = added(_arm(9_000, 450), _arm(1_000, 0))
    assert isinstance(told.conversion, Figure)
    assert told.conversion.is_told_apart
    assert isinstance(told.revenue, NotEnough) and told.revenue.needed == 445  # two orders


def test_nobody_yet_is_answered_by_the_number_from_an_assumed_rate() -> None:
    told = added(_arm(0, 0), _arm(0, 0), share=0.1)
    assert told.conversion == NotEnough(0, 0, 2_400)  # twelve orders at 5 % of a tenth


def test_one_empty_arm_shows_nothing_however_many_the_other_has() -> None:
    told = added(_arm(90_000, 9_000), _arm(0, 0))
    assert told.conversion == NotEnough(90_000, 0, 1_200)  # from now on, of whom a tenth held out
    assert isinstance(told.revenue, NotEnough)


def test_without_a_holdout_no_number_is_enough() -> None:
    told = added(_arm(90_000, 9_000), _arm(0, 0), share=0.0)
    assert told.conversion == NotEnough(90_000, 0, None)
    assert told.to_tell is None


def test_the_number_for_a_lift_is_the_published_one() -> None:
    # Fleiss: 0.60 against 0.70, 5 % two-sided, power 80 %, equal arms: 356 each.
    assert held_out_needed(0.60, 0.10, ratio=1) == 356


def test_a_smaller_lift_takes_more_people_and_enough_are_none_more() -> None:
    two, one = (added(_arm(900, 45), _arm(100, 5), worth=worth).to_tell for worth in (0.02, 0.01))
    assert two is not None and one is not None and one > 3 * two
    assert added(_arm(90_000, 4_500), _arm(10_000, 500)).to_tell == 0


def test_a_lift_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="above 0"):
        held_out_needed(0.05, 0.0, ratio=9)


def test_an_arm_that_cannot_be_is_refused() -> None:
    with pytest.raises(ValueError, match="people"):
        _arm(1, 2)
    with pytest.raises(ValueError, match="above 0"):
        _arm(5, 1, "0.00")


def test_made_up_shops_are_told_the_truth_as_often_as_is_said() -> None:
    # 300 shops: 0.95 less three standard errors. The large version is the figure "added".
    for lift in (0.0, 0.02):
        counts = measured(seed=99, people=2_500, lift=lift, shops=300)
        assert counts["rates shown"] > 150
        assert counts["rates held"] >= 0.90 * counts["rates shown"]
        assert counts["revenue held"] >= 0.90 * counts["revenue shown"]
    alike = measured(seed=98, people=5_000, lift=0.0, shops=200)
    assert alike["rates apart"] <= 0.11 * alike["rates shown"]


def test_a_made_up_shop_is_the_same_for_the_same_seed() -> None:
    def told() -> object:
        chance = random.Random(5)
        return lived(a_shop(chance, 0.02), 1_000, chance)

    assert told() == told()
