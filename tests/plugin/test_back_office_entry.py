"""The button into Relance and a customer's consents, run by a real PHP."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from urllib.parse import parse_qsl, urlsplit

import pytest

from connectors import entry_links
from connectors.protocols import Forged
from tests.plugin.office import page, told_by

SECRET = "only-for-tests-000000"  # as pair_the_shop() of the back office


def test_a_click_leads_to_a_link_that_the_service_reads() -> None:
    first, second = told_by("pair_the_shop(); return array(entered(), entered());")
    assert first != second
    status, _, address = first.partition(" ")
    parts = urlsplit(address)
    assert status == "303"
    assert f"{parts.scheme}://{parts.netloc}{parts.path}" == (
        "https://relance.example:8443/enter/woocommerce/k1"
    )
    given = dict(parse_qsl(parts.query, strict_parsing=True))
    assert entry_links.read(given, SECRET, "k1", datetime.now(UTC)).user == "7"
    assert SECRET not in address
    with pytest.raises(Forged):
        entry_links.read(given | {"user": "1"}, SECRET, "k1", datetime.now(UTC))


@pytest.mark.parametrize(("lacks", "end"), [("may", "died: "), ("nonce", "nonce relance_enter")])
def test_nobody_without_the_right_or_the_nonce_gets_a_link(lacks: str, end: str) -> None:
    told = told_by(f"pair_the_shop(); $GLOBALS['site']['{lacks}'] = false; return entered();")
    assert told.startswith(end)


def test_a_shop_that_is_not_connected_or_a_copy_opens_nothing() -> None:
    assert "relance_enter" not in page()
    assert told_by("return entered();").endswith("admin.php?page=relance")
    copy = "pair_the_shop(); Relance_Address::keep(); update_option('siteurl', 'https://copy.example');"
    assert told_by(f"{copy} return entered();").endswith("admin.php?page=relance")
    assert "relance_enter" not in page(copy)


def test_the_button_is_the_first_thing_of_a_connected_shop() -> None:
    shown = page("pair_the_shop();")
    assert re.search(r"<form[^>]*>", shown).end() < shown.index('value="relance_enter"')  # type: ignore[union-attr]
    assert shown.index('value="relance_enter"') < shown.index("Connection")
    assert 'value="Open Relance"' in shown
    assert SECRET not in shown


def profile(sms: str, email: str = "") -> str:
    held = f"array('relance_sms_consent' => '{sms}', 'relance_email_consent' => '{email}')"
    return str(
        told_by(
            f"$GLOBALS['site']['meta'][9] = {held}; $user = new stdClass(); $user->ID = 9;"
            "ob_start(); Relance_Customer::show($user); return ob_get_clean();"
        )
    )


def test_a_customers_yes_and_no_stand_beside_them_and_cannot_be_changed_there() -> None:
    shown = profile("yes 2026-11-20T14:00:00Z", "no 2026-11-21T15:30:00Z")
    assert '<th scope="row">Text messages</th><td>Yes, since 2026-11-20 14:00</td>' in shown
    assert '<th scope="row">E-mail</th><td>No, since 2026-11-21 15:30</td>' in shown
    assert "<input" not in shown


@pytest.mark.parametrize("kept", ["", "perhaps", "yes <b>x</b>", "yes 2026-11-20T14:00:00Z <b>"])
def test_what_cannot_be_read_is_not_shown(kept: str) -> None:
    assert profile(kept) == ""
