"""The app's own address in Shopify's admin, and shops that leave and come back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from urllib.parse import urlsplit

import pytest

from recovery import shops, tables
from recovery.shops import ShopRow
from tests.connectors.shopify_words import SHOP, Wire
from tests.web.shopify_frames import (
    a_shop,
    asked,
    load,
    opened,
    send,
    token,
    way_back,
)
from tests.web.stage import Stage
from tests.web.test_install import DEFAULT, GRANT

pytestmark = pytest.mark.filterwarnings("ignore::jwt.InsecureKeyLengthWarning")

Made = Callable[..., Stage]


@pytest.fixture
def wire() -> Iterator[Wire]:
    wire = Wire()
    yield wire
    wire.close()


@pytest.fixture
def shop(stage: Stage) -> ShopRow:
    return a_shop(stage)


# -- the app's own address ----------------------------------------------------------------------


def test_the_first_look_connects_a_shop_that_shopify_installed_by_itself(
    a_stage: Made, wire: Wire
) -> None:
    stage = a_stage(SHOPIFY_HOST_OVERRIDE=wire.url)
    wire.says(GRANT)
    answer = opened(stage)
    shop = stage.the_shop()
    assert (shop.address, shop.state) == (SHOP, "active")
    asked_for = wire.requests[0]["json"]
    assert asked_for["grant_type"] == "urn:ietf:params:oauth:grant-type:token-exchange"
    assert asked_for["expiring"] == "1"
    held = shops.credentials_of(stage.tools.keys, shop)
    assert held["refresh_token"] == "shprt_new"
    assert way_back(answer).startswith(f"https://relance.example/shops/{shop.key}/?embedded=1&")
    assert "id_token" not in answer.location
    assert opened(stage).status_code == 302  # known by now: nothing is exchanged
    grants = [each for each in wire.requests if "oauth" in each["path"]]
    assert len(grants) == 1


def test_a_shop_that_grants_too_little_is_told_what_is_missing(a_stage: Made, wire: Wire) -> None:
    stage = a_stage(SHOPIFY_HOST_OVERRIDE=wire.url)
    wire.says(GRANT | {"scope": "read_orders,write_customers,read_products"})
    answer = opened(stage)
    assert answer.status_code == 403
    for each in ("write_discounts", "read_fulfillments"):
        assert f"<code>{each}</code>" in answer.text
    assert "read_discounts" not in answer.text
    assert "read_customers" not in answer.text
    assert stage.count("shops") == 0


def test_a_token_that_shopify_does_not_exchange_keeps_nothing(a_stage: Made, wire: Wire) -> None:
    stage = a_stage(SHOPIFY_HOST_OVERRIDE=wire.url)
    wire.says({"error": "invalid_subject_token"}, status=400)
    assert opened(stage).status_code == 502
    assert stage.count("shops") == 0


def test_new_scopes_bring_a_new_token_and_leave_the_rest(a_stage: Made, wire: Wire) -> None:
    stage = a_stage(SHOPIFY_HOST_OVERRIDE=wire.url)
    shop = a_shop(stage)
    news = {"id": 1, "previous": [], "current": [*DEFAULT.split(","), "read_all_orders"]}
    assert stage.shopify_sends("app/scopes_update", news).text == "stored"
    wire.says(GRANT | {"scope": f"{DEFAULT},read_all_orders"})
    assert opened(stage).status_code == 302
    after = stage.the_shop()
    assert shops.credentials_of(stage.tools.keys, after)["access_token"] == "shpat_new"
    installed = stage.rows("shops", "installed_at")
    stage.clock.forward(minutes=1)
    assert opened(stage).status_code == 302
    assert len(wire.requests) == 1
    assert stage.rows("shops", "installed_at") == installed
    assert after.id == shop.id


def test_a_shop_whose_polls_fail_gets_a_token_of_this_install(a_stage: Made, wire: Wire) -> None:
    stage = a_stage(SHOPIFY_HOST_OVERRIDE=wire.url)
    a_shop(stage, poll_failures=3)  # it left and came back, and no webhook said so
    stage.clock.forward(minutes=9)
    wire.says(GRANT)
    assert opened(stage).status_code == 302
    assert shops.credentials_of(stage.tools.keys, stage.the_shop())["access_token"] == "shpat_new"
    uninstalled(stage, at=-timedelta(minutes=5))
    assert stage.the_shop().is_active


def test_a_scope_taken_away_is_told_until_it_is_back(a_stage: Made, wire: Wire) -> None:
    stage = a_stage(SHOPIFY_HOST_OVERRIDE=wire.url)
    a_shop(stage)
    stage.shopify_sends("app/scopes_update", {"previous": [], "current": ["read_orders"]})
    notice = stage.rows("notices")[0]
    assert "write_discounts" in notice.words
    assert notice.over_at is None
    stage.shopify_sends("app/scopes_update", {"previous": [], "current": DEFAULT.split(",")})
    assert stage.rows("notices")[0].over_at is not None


def test_opened_in_the_admin_without_a_token_the_app_asks_for_one(stage: Stage) -> None:
    answer = asked(stage, "/shopify/app", {"embedded": "1", "shop": SHOP})
    assert way_back(answer).startswith("https://relance.example/shopify/app?embedded=1")


def test_reloaded_in_the_admin_a_page_is_found_again(stage: Stage, shop: ShopRow) -> None:
    path = f"/shopify/app/shops/{shop.key}/team/"
    back = way_back(opened(stage, path=path))
    assert urlsplit(back).path == f"/shops/{shop.key}/team/"
    for path in ("/shopify/app/shops/another/team/", "/shopify/app/evil.example/"):
        assert urlsplit(way_back(opened(stage, path=path))).path == f"/shops/{shop.key}/"


def test_the_app_opened_with_a_forged_or_without_any_token_is_a_clear_page(stage: Stage) -> None:
    forged = {"embedded": "1", "shop": SHOP, "id_token": token(stage, secret="another")}
    assert asked(stage, "/shopify/app", forged).status_code == 401
    assert asked(stage, "/shopify/app", {}).status_code == 401
    assert asked(stage, "/shopify/app", {"shop": SHOP, "hmac": "00"}).status_code == 401
    assert stage.count("shops") == 0


def test_no_token_enters_a_log(
    stage: Stage, shop: ShopRow, caplog: pytest.LogCaptureFixture
) -> None:
    given = token(stage)
    with caplog.at_level("DEBUG"):
        load(stage, f"/shops/{shop.key}/", given)
        send(stage, f"/shops/{shop.key}/team/me", name="Ada", language="xx", id_token=given)
        stage.clock.forward(minutes=2)
        load(stage, f"/shops/{shop.key}/", given)
        opened(stage)
    assert given[-20:] not in caplog.text


# -- who left and came back ---------------------------------------------------------------------


def uninstalled(stage: Stage, at: timedelta = timedelta(0)) -> None:
    told = {"X-Shopify-Triggered-At": (stage.clock() + at).isoformat()}
    assert stage.shopify_sends("app/uninstalled", {"id": 1}, **told).text == "stored"


def test_nobody_enters_a_shop_that_left_and_all_come_back_with_their_roles(
    a_stage: Made, wire: Wire
) -> None:
    stage = a_stage(SHOPIFY_HOST_OVERRIDE=wire.url)
    shop = a_shop(stage)
    load(stage, f"/shops/{shop.key}/", token(stage))
    load(stage, f"/shops/{shop.key}/", token(stage, 8))
    uninstalled(stage)
    assert stage.the_shop().credentials == ""
    answer = load(stage, f"/shops/{shop.key}/", token(stage))
    assert urlsplit(way_back(answer)).path == "/shopify/app"
    wire.says({"error": "invalid_subject_token"}, status=400)
    assert opened(stage).status_code == 502  # the app is not installed
    assert stage.the_shop().state == "uninstalled"
    stage.clock.forward(hours=1)
    wire.says(GRANT)
    assert opened(stage).status_code == 302
    assert stage.the_shop().id == shop.id
    assert load(stage, f"/shops/{shop.key}/", token(stage, 8)).status_code == 200
    roles = [(row.subject, row.role) for row in stage.rows("members")]
    assert roles == [("shopify:7", "owner"), ("shopify:8", "reader")]


def test_an_uninstall_told_late_leaves_the_shop_that_came_back(stage: Stage) -> None:
    a_shop(stage)
    uninstalled(stage, at=-timedelta(minutes=5))
    assert stage.the_shop().is_active
    assert stage.the_shop().credentials != ""


def test_the_request_to_erase_comes_for_the_shop_that_stays_away_alone(stage: Stage) -> None:
    a_shop(stage)
    asks = {"shop_id": 1, "shop_domain": SHOP}
    uninstalled(stage)
    stage.clock.forward(hours=10)
    stage.database.run(lambda db: shops.add(db, "shopify", SHOP, stage.clock()))
    stage.tools.forget()
    stage.clock.forward(hours=38)
    stage.shopify_sends("shop/redact", asks)
    assert stage.the_shop().is_active
    uninstalled(stage)  # and again: the second life has its own two days
    stage.clock.forward(hours=1)
    stage.shopify_sends("shop/redact", asks)
    (row,) = stage.rows("shops", "state", "uninstalled_at", "erase_at")
    assert (row.state, row.erase_at) == ("uninstalled", row.uninstalled_at + timedelta(hours=48))
    stage.clock.forward(hours=47)
    stage.shopify_sends("shop/redact", asks)
    assert stage.the_shop().state == "erased"


def test_a_shop_that_came_back_keeps_its_own_sender(a_stage: Made, wire: Wire) -> None:
    stage = a_stage(SHOPIFY_HOST_OVERRIDE=wire.url)
    service = stage.an_account()
    own = stage.database.run(
        lambda db: db.execute(
            tables.accounts.insert()
            .values(name="own", messenger="vonage", sender="+33755530018")
            .returning(tables.accounts.c.id)
        ).scalar_one()
    )
    a_shop(stage, account_id=own, state="uninstalled")
    wire.says(GRANT)
    opened(stage)
    assert stage.the_shop().account_id == own != service.id
