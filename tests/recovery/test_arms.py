"""Arms: the same for ever, even, independent, and moved by a change as little as can be."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from recovery.arms import CONTROL, HELD_OUT, Kept, arm_of, drawn, merged

KEY = b"a key of one shop, thirty bytes"
PEOPLE = [f"person-{number}" for number in range(20_000)]
THEN = datetime(2026, 3, 2, 9, tzinfo=UTC)


def _arms(
    held_out: float = 0.1, variants: tuple[tuple[str, int], ...] = (), programme: int = 1
) -> list[str]:
    return [arm_of(KEY, programme, person, held_out, variants) for person in PEOPLE]


def _chi_square(rows: list[str], columns: list[str]) -> float:
    """Of the table of both; it is 6.63 in one of a hundred samples at one degree."""
    pairs, down, across = (
        Counter(zip(rows, columns, strict=True)),
        Counter(rows),
        Counter(columns),
    )
    return sum(
        (pairs[r, c] - down[r] * across[c] / len(rows)) ** 2 / (down[r] * across[c] / len(rows))
        for r in down
        for c in across
    )


def test_a_draw_is_the_same_in_every_release() -> None:
    # HMAC-SHA256 of the parts with their lengths, worked out apart from this code (openssl).
    assert drawn(b"0123456789abcdef", 7, "ada", "holdout") == 0.49528554920990797


def test_draws_are_even_over_people() -> None:
    tenths = Counter(int(drawn(KEY, 1, person, "holdout") * 10) for person in PEOPLE)
    assert set(tenths) == set(range(10))
    assert sum((seen - 2_000) ** 2 / 2_000 for seen in tenths.values()) < 21.67  # 99 %, nine


def test_parts_do_not_run_together() -> None:
    assert drawn(KEY, 1, "2ada", "holdout") != drawn(KEY, 12, "ada", "holdout")


def test_another_shops_key_draws_other_arms() -> None:
    other = [arm_of(KEY[::-1], 1, person, 0.5) for person in PEOPLE]
    assert _chi_square(_arms(0.5), other) < 6.63


def test_the_share_held_out_is_what_was_asked_for() -> None:
    assert abs(Counter(_arms(0.1))[HELD_OUT] - 2_000) < 130  # three standard errors
    assert HELD_OUT not in _arms(0.0)


def test_programmes_draw_apart_from_each_other() -> None:
    assert _chi_square(_arms(0.5), _arms(0.5, programme=2)) < 6.63


def test_a_variant_does_not_depend_on_the_holdout_draw() -> None:
    halves = [str(drawn(KEY, 1, person, "holdout") < 0.5) for person in PEOPLE]
    assert _chi_square(halves, _arms(0.0, (("short", 50),))) < 6.63


def test_a_larger_holdout_takes_people_in_and_lets_nobody_go() -> None:
    variants = (("short", 30),)
    moved = Counter(zip(_arms(0.1, variants), _arms(0.2, variants), strict=True))
    assert {after for before, after in moved if before != after} == {HELD_OUT}
    assert abs(sum(n for (a, b), n in moved.items() if a != b) - 2_000) < 130


def test_a_variant_added_takes_from_the_control_alone() -> None:
    before = _arms(0.1, (("short", 30), ("late", 20)))
    after = _arms(0.1, (("short", 30), ("late", 20), ("warm", 25)))
    moves = {pair for pair in zip(before, after, strict=True) if pair[0] != pair[1]}
    assert moves == {(CONTROL, "warm")}
    assert abs(Counter(after)["warm"] - 18_000 * 0.25) < 200


def test_a_variant_that_grows_moves_little_more_than_it_grows_by() -> None:
    before = _arms(0.0, (("short", 30), ("late", 20)))
    after = _arms(0.0, (("short", 40), ("late", 20)))
    moved = sum(one != other for one, other in zip(before, after, strict=True))
    assert moved < 20_000 * 0.15
    assert all(b == "short" for a, b in zip(before, after, strict=True) if a == "short")


def test_weights_of_a_hundred_leave_no_control() -> None:
    assert set(_arms(0.0, (("short", 60), ("late", 40)))) == {"short", "late"}


@pytest.mark.parametrize(
    "variants",
    [
        (("a", 60), ("b", 41)),
        (("a", -1),),
        (("a", 10), ("a", 10)),
        ((HELD_OUT, 10),),
        ((CONTROL, 10),),
    ],
)
def test_variants_that_cannot_be_are_refused(variants: tuple[tuple[str, int], ...]) -> None:
    with pytest.raises(ValueError):
        arm_of(KEY, 1, "ada", 0.1, variants)


@pytest.mark.parametrize("share", [-0.1, 0.51, float("nan")])
def test_a_share_beyond_half_is_refused(share: float) -> None:
    with pytest.raises(ValueError, match="share"):
        arm_of(KEY, 1, "ada", share)


def test_a_short_key_and_nobody_are_refused() -> None:
    with pytest.raises(ValueError, match="16 bytes"):
        drawn(b"short", 1, "ada", "holdout")
    with pytest.raises(ValueError, match="nobody"):
        drawn(KEY, 1, "", "holdout")


def test_of_two_identities_of_one_person_the_earliest_arm_wins() -> None:
    early, late = Kept("b", HELD_OUT, THEN), Kept("a", "short", THEN + timedelta(days=1))
    for order in ([early, late], [late, early]):
        assert merged(order).arm == HELD_OUT
        assert merged(order).in_conflict


def test_identities_in_the_same_arm_are_no_conflict() -> None:
    told = merged([Kept("b", "short", THEN), Kept("a", "short", THEN + timedelta(days=1))])
    assert (told.arm, told.in_conflict) == ("short", False)


def test_arms_of_the_same_instant_merge_alike_in_any_order() -> None:
    rows = [Kept("b", "short", THEN), Kept("a", HELD_OUT, THEN)]
    assert merged(rows) == merged(rows[::-1])
    assert merged(rows).arm == HELD_OUT


def test_nothing_to_merge_is_refused() -> None:
    with pytest.raises(ValueError, match="no arm"):
        merged([])
