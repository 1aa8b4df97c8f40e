"""The fault run of `bench/faults.py` in a small form, on both databases."""

from __future__ import annotations

import pytest

from bench.faults import Toll, suffer


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_nobody_gets_two_texts_and_nothing_is_lost_while_processes_are_killed(kind: str) -> None:
    toll = suffer(kind, due=300, rate=120, kill_every=1.2, orders_a_second=8)
    assert _happened(toll), toll
    assert toll.lost == 0, toll
    assert toll.doubled == 0, toll
    assert toll.after_order == 0, toll
    assert toll.not_accepted == 0, toll
    assert toll.accepted_unsaid == 0, toll
    assert toll.skipped_without_order == 0, toll
    assert toll.killed_in_hand <= toll.kills["work"] * 80, toll


def _happened(toll: Toll) -> bool:
    """A calm run would prove nothing: something was killed, Redis emptied, texts sent."""
    killed = toll.kills["work"] + toll.kills["clock"]
    return killed > 0 and toll.kills["redis emptied"] == 2 and toll.states["sent"] > 100
