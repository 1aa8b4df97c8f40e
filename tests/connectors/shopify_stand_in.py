"""The fixtures of tests against the Shopify that executes the official schema."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from tests.connectors.shopify_pair import Clock, Pair
from tests.standins.shopify import StandInShopify

numbers = itertools.count(1)


@pytest.fixture(name="clock", scope="module")
def stand_in_clock() -> Clock:
    return Clock()


@pytest.fixture(name="stand_in", scope="module")
def running_stand_in(clock: Clock) -> Iterator[StandInShopify]:
    with StandInShopify(now=clock, retry_scale=0.0) as running:
        yield running


@pytest.fixture(name="make")
def shop_maker(
    stand_in: StandInShopify, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., Pair]]:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(stand_in.ca_file))
    clock.ahead = timedelta()
    pairs: list[Pair] = []

    def a_pair(**settings: object) -> Pair:
        theirs = stand_in.add_shop(f"shop-{next(numbers)}.myshopify.com", **settings)
        pairs.append(Pair(stand_in, theirs, clock))
        return pairs[-1]

    yield a_pair
    for pair in pairs:
        pair.ours.close()


@pytest.fixture(name="pair")
def one_pair(make: Callable[..., Pair]) -> Pair:
    return make()
