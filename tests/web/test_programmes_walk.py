"""A walk through the text editor in a browser: a letter that costs, seen before it is saved."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Thread

import pytest
from flask import Flask
from playwright.sync_api import Browser, ConsoleMessage, Page, expect
from werkzeug.serving import make_server

import start
from recovery import programmes
from recovery.presets import preset
from recovery.programmes import CART
from tests.web.stage import Stage
from tests.web.test_merchant_door import link

ACTION = 15_000  # milliseconds for what a page does, on a machine with much to do


@contextmanager
def served(app: Flask, port: int) -> Iterator[str]:
    """The app on a port of this machine, as long as this lasts."""
    server = make_server("127.0.0.1", port, app, threaded=True)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{port}"
    server.shutdown()
    thread.join(5)
    server.server_close()


@pytest.fixture
def address(a_stage: Callable[..., Stage], database_url: str) -> Iterator[str]:
    """Where a merchant with a programme comes in."""
    if not database_url.startswith("sqlite"):
        pytest.skip("what the browser does is the same on both databases")
    port = start.free_port()
    stage = a_stage(PUBLIC_URL=f"http://127.0.0.1:{port}")
    account = stage.an_account()
    place = {"country": "FR", "timezone": "Europe/Paris", "locale": "fr", "key": "pots"}
    shop = stage._a_shop(
        "woocommerce",
        "https://pots.example",
        {"plugin_secret": "leaf"},
        place | {"account_id": account.id},
    )
    form = preset("fashion", "FR", "fr")
    stage.database.run(lambda db: programmes.save(db, shop.id, CART, form, "Béa", stage.clock()))
    with served(stage.app, port) as there:
        yield f"{there}{link(stage, shop)}"


@pytest.fixture
def page(chromium: Browser, address: str) -> Iterator[Page]:
    """A French browser that came in; anything that fails in it fails the test."""
    context = chromium.new_context(locale="fr-FR", viewport={"width": 1280, "height": 900})
    context.set_default_timeout(ACTION)
    page = context.new_page()
    troubles: list[str] = []
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on("console", lambda said: troubles.append(said.text) if is_trouble(said) else None)
    page.goto(address)
    yield page
    context.close()
    assert troubles == []


def is_trouble(said: ConsoleMessage) -> bool:
    """An error, but for the little picture that browsers ask every site for."""
    # htmx says what a page tells of anyway, where a test has an answer fail.
    asked_for = ("/favicon.ico", "/preview")
    is_known = said.location["url"].endswith(asked_for) or said.text.startswith("htmx:")
    return said.type == "error" and not is_known


def test_a_letter_that_costs_is_seen_named_and_saved_knowingly(page: Page) -> None:
    page.get_by_role("link", name="Programmes").click()
    page.get_by_role("link", name="Modifier ses étapes").click()
    page.get_by_role("link", name="français").first.click()
    preview = page.locator("#preview")
    expect(preview.locator(".bubble")).to_contain_text("Teapots & Co")
    expect(preview.locator(".bubble")).to_contain_text("STOP")
    expect(preview).to_contain_text("GSM-7")
    text = page.get_by_label("Le texte", exact=True)
    was = text.input_value()
    text.fill(was.replace("panier", "panier de fêtes"))
    expect(preview.locator(".bubble")).to_contain_text("panier de fêtes")
    expect(preview.locator(".dear")).to_contain_text("ê")
    expect(preview.locator(".dear")).to_contain_text("2 segments au lieu de 1")
    expect(preview).to_contain_text("UCS-2")
    page.get_by_role("button", name="Enregistrer", exact=True).click()
    expect(page.locator(".told").first).to_contain_text("version 2")
    page.get_by_role("link", name="Versions").first.click()
    expect(page.locator("ins").first).to_contain_text("panier de fêtes")
    page.get_by_role("link", name="Quand un panier est abandonné").click()
    page.get_by_role("link", name="français (les vôtres)").click()
    page.get_by_role("button", name="Mettre « e » à la place").click()
    expect(page.locator(".bubble")).to_contain_text("panier de fetes")
    expect(page.locator("#preview")).to_contain_text("GSM-7")
    expect(page.locator(".dear")).to_have_count(0)


def test_a_name_is_put_where_one_writes(page: Page) -> None:
    page.goto(page.url + "programmes/cart/steps/1/words/fr")
    text = page.get_by_label("Le texte", exact=True)
    text.fill("Bonjour ")
    page.get_by_text("Ce qu’un texte peut dire").click()
    page.get_by_role("button", name="{{ first_name }}").click()
    assert text.input_value() == "Bonjour {{ first_name }}"
    expect(page.locator(".bubble")).to_contain_text("Bonjour Camille")
    expect(page.locator("#preview")).to_contain_text("Il manque {{ link }}")


def test_an_e_mail_is_shown_in_a_frame_of_its_own(page: Page) -> None:
    here = page.url
    page.goto(here + "programmes/cart/steps/1/words/fr")  # a text that may become an e-mail
    frame = page.frame_locator("#preview iframe")
    expect(frame.locator("body")).to_contain_text("Bonjour Camille")
    page.goto(here + "programmes/cart/steps/2/words/fr")
    opening = page.get_by_label("Le début de l’e-mail")
    opening.fill("Vos <b>tasses</b> vous attendent, {{ first_name }}.")
    expect(frame.locator("body")).to_contain_text("Vos <b>tasses</b> vous attendent, Camille.")
    expect(frame.locator("body")).to_contain_text("Teapot")
    page.get_by_text("Sa forme simple").click()
    expect(page.locator(".plain-mail")).to_contain_text("vous attendent, Camille")


def test_a_preview_that_does_not_come_is_told(page: Page) -> None:
    page.goto(page.url + "programmes/cart/steps/1/words/fr")
    page.route("**/preview", lambda route: route.abort())
    text = page.get_by_label("Le texte", exact=True)
    text.fill("Bonjour")
    expect(page.locator("#preview")).to_contain_text("L’aperçu n’est pas venu")
    assert text.input_value() == "Bonjour"
    page.unroute("**/preview")
    text.fill("Bonjour {{ shop }}")
    expect(page.locator(".bubble")).to_contain_text("Bonjour Teapots & Co")
