"""From a real wp-admin into the real pages of the service."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from flask.testing import FlaskClient

import settings as configuration
from recovery import database as databases
from recovery import shops
from tests.plugin.receiver import SECRET, SHOP_KEY
from tests.plugin.relance_shop import RelanceShop
from tests.plugin.visitor import Visitor
from web import create_app
from web.tools import Tools

pytest_plugins = ["tests.plugin.shop_fixtures"]


@pytest.fixture
def house(tmp_path: Path) -> Iterator[FlaskClient]:
    """The service's own pages, which know this shop by its key and secret."""
    url = f"sqlite:///{tmp_path / 'house.sqlite'}"
    given = {"SECRET_KEY": "only-for-tests-0000", "ENCRYPTION_KEYS": "only-for-tests-1111"}
    app = create_app(configuration.load(given | {"DATABASE_URL": url}))
    databases.upgrade(url)
    tools: Tools = app.extensions["relance"]
    now = datetime.now(UTC)

    def connect(db: object) -> None:
        shop = shops.add(db, "woocommerce", "https://nord.example", now, key=SHOP_KEY)  # type: ignore[arg-type]
        shops.keep_credentials(db, tools.keys, shop, {"plugin_secret": SECRET})  # type: ignore[arg-type]

    tools.database.run(connect)
    yield app.test_client()
    tools.database.close()


def link(merchant: Visitor) -> str:
    """Where the button of the page leads, without the service's host."""
    answer = merchant.answer_to("relance_enter")
    assert answer.status_code == 303
    assert "no-store" in answer.headers["Cache-Control"]
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    parts = urlsplit(answer.headers["Location"])
    assert SECRET not in parts.query
    path = parts.path.removeprefix(urlsplit(merchant.shop.receiver.address).path)
    return f"{path}?{parts.query}"


def test_an_admin_enters_once_by_a_link_and_anew_by_the_next(
    relance_shop: RelanceShop, house: FlaskClient
) -> None:
    admin = Visitor(relance_shop, "admin")
    first = link(admin)
    assert house.get(first).status_code == 302
    assert house.get(f"/shops/{SHOP_KEY}/").status_code == 200
    again = house.get(first)
    assert again.status_code == 401
    assert "again" in again.text
    assert house.get(link(admin)).status_code == 302


def test_a_subscriber_neither_sees_the_button_nor_gets_a_link(relance_shop: RelanceShop) -> None:
    somebody = Visitor(relance_shop, relance_shop.somebody("subscriber"))
    assert "relance_enter" not in somebody.get("/wp-admin/admin.php?page=relance").text
    answer = somebody.post("/wp-admin/admin-post.php", data={"action": "relance_enter"})
    assert answer.status_code == 403
    assert "signature" not in answer.headers.get("Location", "")


def test_another_site_cannot_press_the_button(relance_shop: RelanceShop) -> None:
    admin = Visitor(relance_shop, "admin")
    answer = admin.post("/wp-admin/admin-post.php", data={"action": "relance_enter"})
    assert answer.status_code == 403


def test_a_profile_shows_what_the_customer_said(relance_shop: RelanceShop) -> None:
    login = relance_shop.somebody("customer")
    number = relance_shop.run(
        "$user = get_user_by( 'login', $login );"
        "update_user_meta( $user->ID, 'relance_sms_consent', 'yes 2026-11-20T14:00:00Z' );"
        "return $user->ID;",
        login=login,
    )
    shown = Visitor(relance_shop, "admin").get(f"/wp-admin/user-edit.php?user_id={number}").text
    relance_shop.run("return delete_user_meta( $id, 'relance_sms_consent' );", id=number)
    assert "Messages of Relance" in shown
    assert "Yes, since" in shown
