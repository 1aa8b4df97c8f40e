"""The page at `/`: for a merchant who opens the address, and for anybody who finds it."""

from __future__ import annotations

import re

import pytest
from flask import render_template

from tests.web.stage import Stage
from web.words import translated

SANDBOX = "http://127.0.0.1:8001"
HERE = "http://127.0.0.1:8000"


def a_sandbox(stage: Stage, **more: object) -> None:
    stage._a_shop("sandbox", SANDBOX, {}, {"key": "sandbox", "name": "Sandbox shop"} | more)


def front(stage: Stage, base: str = HERE, language: str = "en") -> str:
    answer = stage.client.get("/", base_url=base, headers={"Accept-Language": language})
    assert (answer.status_code, answer.mimetype) == (200, "text/html")
    return answer.text


def links(page: str) -> list[str]:
    return re.findall(r'<a [^>]*href="([^"]+)"', page)


def test_the_front_page_says_what_this_is_that_it_runs_and_where_to_go(stage: Stage) -> None:
    page = front(stage)
    for words in ("Relance", "carts that were left behind", "This server runs", "README.md"):
        assert words in page
    assert 'action="/install/shopify"' in page and 'action="/install/woocommerce"' in page
    assert links(page) == ["/readyz"]


def test_it_names_no_shop(stage: Stage) -> None:
    shop = stage.a_shopify_shop()
    stage.a_woocommerce_shop()
    page = front(stage)
    for words in (shop.name, shop.address, shop.key, "Teapots", "pots"):
        assert words not in page
    assert links(page) == ["/readyz"]


@pytest.mark.parametrize("base", [HERE, "http://localhost", "http://[::1]:8000"])
def test_it_leads_to_the_sandbox_where_there_is_one(stage: Stage, base: str) -> None:
    a_sandbox(stage)
    assert links(front(stage, base)) == ["/readyz", f"{SANDBOX}/", f"{SANDBOX}/phone"]


@pytest.mark.parametrize("base", ["https://relance.example", "http://127.0.0.1.evil.example:8000"])
def test_nobody_on_another_machine_is_led_to_it(stage: Stage, base: str) -> None:
    a_sandbox(stage)
    assert links(front(stage, base)) == ["/readyz"]


def test_nor_is_anybody_to_one_that_is_gone(stage: Stage) -> None:
    a_sandbox(stage, state="uninstalled")
    assert links(front(stage)) == ["/readyz"]


def test_it_is_there_while_the_database_is_not(stage: Stage) -> None:
    a_sandbox(stage)
    with stage.without_table("shops"):
        assert links(front(stage)) == ["/readyz"]


def test_it_speaks_french_in_all_its_words(stage: Stage) -> None:
    a_sandbox(stage)
    assert "boutique d’essai" in front(stage, language="fr-FR,fr;q=0.9")
    said: list[str] = []
    with stage.app.test_request_context("/"):
        note = {"_t": lambda text: said.append(text) or text}  # type: ignore[func-returns-value]
        render_template("front.html", sandbox=SANDBOX, **note)
    assert len(said) == 14
    assert [text for text in said if translated(text, "fr") == text] == []
