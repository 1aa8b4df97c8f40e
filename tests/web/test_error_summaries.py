"""What is wrong is listed above the form, and each line leads to its field."""

from __future__ import annotations

import re
from html import unescape

import pytest

from recovery.shops import ShopRow
from tests.web.stage import Stage
from tests.web.test_merchant_door import a_browser, get, mark, post
from tests.web.test_programmes_pages import RICH, Form, at
from tests.web.test_programmes_pages import save as save_programme
from tests.web.test_settings_pages import REFUSED, save


@pytest.fixture
def shop(stage: Stage) -> ShopRow:
    return stage.a_woocommerce_shop(account_id=stage.an_account().id)


def summary(page: str) -> dict[str, str]:
    """The lines of the summary: their words by the place that they lead to."""
    (found,) = re.findall(
        r'<div class="told error" role="alert" tabindex="-1" autofocus>.*?</div>', page, re.S
    )
    lines = re.findall(r'<a href="#([^"]+)">([^<]+)</a>', found)
    assert all(f' id="{place}"' in page for place, _ in lines), lines
    return {place: unescape(words) for place, words in lines}


@pytest.mark.parametrize(("key", "typed", "words"), REFUSED)
def test_a_setting_that_is_wrong(
    stage: Stage, shop: ShopRow, key: str, typed: dict[str, str | None], words: str
) -> None:
    lines = summary(save(a_browser(stage, shop), shop, key, **typed).text)
    assert any(words in each for each in lines.values())


def test_an_account_that_is_wrong(stage: Stage, shop: ShopRow) -> None:
    browser = a_browser(stage, shop)
    answer = post(browser, f"/shops/{shop.key}/start/sender", form=mark(browser), **{"from": "x"})
    assert list(summary(answer.text)) == [
        "application_id",
        "private_key",
        "signature_secret",
        "from",
    ]


def test_a_test_text_to_nobody(stage: Stage, shop: ShopRow) -> None:
    browser = a_browser(stage, shop)
    there, wrong = f"/shops/{shop.key}/start/test", {"number": "12", "country": "FR"}
    answer = post(browser, there, form=mark(browser), language="fr", **wrong)
    assert list(summary(answer.text)) == ["number", "mine"]


@pytest.mark.parametrize(
    ("path", "typed", "places"),
    [
        ("cart/steps/1", {"delay": "13", "delay_unit": "3600"}, ["delay"]),
        ("cart/steps/2", {"gift": "percent"}, ["value"]),
        ("cart/rules", {"holdout": "60", "border": "0"}, ["holdout", "border"]),
        ("cart/rules", {"value-0": "x"}, ["value-0"]),
        ("cart/steps/1/words/fr", {"text": "{{ nonsense }}", "do": "save"}, ["text"]),
    ],
)
def test_a_programme_that_is_wrong(
    stage: Stage, shop: ShopRow, path: str, typed: dict[str, str], places: list[str]
) -> None:
    save_programme(stage, shop, RICH)
    browser = a_browser(stage, shop)
    fields = Form.largest(get(browser, at(path)).text) | typed | {"form": mark(browser)}
    assert sorted(summary(post(browser, at(path), **fields).text)) == sorted(places)
