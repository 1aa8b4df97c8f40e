"""Products that somebody waits for, asked of a Shopify that executes the official schema."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

import pytest

from connectors.protocols import Busy, ShowsProducts
from connectors.shopify import documents
from recovery.model import Product
from tests.connectors.shopify_pair import Clock, Pair
from tests.standins.shopify import StandInShopify


@pytest.fixture
def pair(monkeypatch: pytest.MonkeyPatch) -> Iterator[Pair]:
    clock = Clock()
    with StandInShopify(now=clock, retry_scale=0.0) as stand_in:
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(stand_in.ca_file))
        found = Pair(stand_in, stand_in.add_shop("pots.myshopify.com"), clock)
        yield found
        found.ours.close()


def shown(pair: Pair, *keys: str) -> list[Product]:
    assert isinstance(pair.ours, ShowsProducts)
    return [each for some in pair.ours.products([(key, None) for key in keys]) for each in some]


def test_a_product_is_told_as_its_webhook_tells_it(pair: Pair) -> None:
    pair.theirs.add_product("Cup")
    teapot = pair.theirs.add_product("Teapot", "19.90", handle="tea pot", kind="Pots")
    (variant,) = teapot.variants
    sold_out = pair.theirs.change_product(teapot.id, variants=(replace(variant, stock=0),))
    (found,) = shown(pair, str(teapot.id), str(teapot.id), "no number")
    assert (found.key, found.title, found.price) == (str(teapot.id), "Teapot", Decimal("19.90"))
    assert found.address == "https://pots.myshopify.com/products/tea%20pot"
    assert (found.in_stock, found.available, found.categories) == (False, True, ("Pots",))
    assert found.changed_at == sold_out.updated_at.replace(microsecond=0)
    (choice,) = found.variants
    assert (choice.key, choice.price, choice.in_stock) == (
        str(variant.id),
        Decimal("19.90"),
        False,
    )
    pair.theirs.change_product(teapot.id, variants=(replace(variant, stock=3),), status="DRAFT")
    (found,) = shown(pair, str(teapot.id))
    assert (found.in_stock, found.available) == (True, False)


def test_many_are_asked_for_a_few_at_a_time(pair: Pair) -> None:
    keys = [str(pair.theirs.add_product(f"Cup {n}").id) for n in range(19)]
    pages = list(pair.ours.products([(key, None) for key in keys]))
    assert [len(page) for page in pages] == [8, 8, 3]
    assert {each.key for page in pages for each in page} == set(keys)


def test_when_the_points_are_used_up_it_is_busy_and_what_was_told_stays_told(pair: Pair) -> None:
    keys = [str(pair.theirs.add_product(f"Cup {n}").id) for n in range(9)]
    pages = pair.ours.products([(key, None) for key in keys])
    assert len(next(pages)) == documents.PRODUCTS_PAGE
    pair.theirs.bucket.drain()
    with pytest.raises(Busy):
        next(pages)
