"""The split that learns: after enough reminders, beside the control, never under a tenth."""

from __future__ import annotations

import pytest

from recovery.adaptive import FLOOR, Matured, best_chances, split

GOOD, POOR = Matured(4_000, 400), Matured(4_000, 200)
WEIGHTS = {"short": 40, "warm": 40}


def test_the_split_stays_until_five_thousand_reminders() -> None:
    known = {"short": GOOD, "warm": POOR}
    assert split(known, WEIGHTS, reminders=4_999, seed=1) == WEIGHTS
    assert split(known, WEIGHTS, reminders=5_000, seed=1) != WEIGHTS


def test_the_better_one_gets_what_the_floor_leaves_and_the_control_keeps_its_share() -> None:
    told = split({"short": GOOD, "warm": POOR}, WEIGHTS, reminders=6_000, seed=1)
    assert told == {"short": 70, "warm": FLOOR}  # 80 of 100, as before


@pytest.mark.parametrize("seed", range(5))
def test_no_variant_falls_under_the_floor(seed: int) -> None:
    weights = {"a": 20, "b": 20, "c": 20, "d": 30}
    known = {"a": GOOD, "b": POOR, "c": Matured(4_000, 0), "d": Matured(4_000, 380)}
    told = split(known, weights, reminders=20_000, seed=seed)
    assert min(told.values()) >= FLOOR
    assert sum(told.values()) == 90


def test_variants_of_which_nothing_is_known_share_alike() -> None:
    told = split({}, WEIGHTS, reminders=5_000, seed=3)
    assert abs(told["short"] - told["warm"]) <= 4
    assert sum(told.values()) == 80


def test_the_split_is_the_same_for_the_same_seed() -> None:
    known = {"short": Matured(300, 20), "warm": Matured(300, 17)}
    assert split(known, WEIGHTS, 9_000, 4) == split(
        dict(reversed(known.items())), WEIGHTS, 9_000, 4
    )


def test_the_chance_to_be_best_is_the_known_one() -> None:
    # Beta(2, 1) over Beta(1, 1): 2/3, by integration.
    chances = best_chances({"a": Matured(1, 1), "b": Matured(0, 0)}, seed=8)
    assert abs(chances["a"] - 2 / 3) < 0.02
    assert abs(sum(chances.values()) - 1) < 1e-9


def test_where_there_is_nothing_to_choose_the_weights_stay() -> None:
    assert split({"a": GOOD}, {"a": 50}, 9_000, 1) == {"a": 50}
    assert split({"a": GOOD, "b": POOR}, {"a": 10, "b": 9}, 9_000, 1) == {"a": 10, "b": 9}
    assert split({}, {}, 9_000, 1) == {}


def test_what_cannot_be_is_refused() -> None:
    with pytest.raises(ValueError, match="rewards"):
        Matured(3, 4)
    with pytest.raises(ValueError, match="weights"):
        split({}, {"a": 60, "b": 50}, 9_000, 1)
