"""How an app lives with the stand-in Shopify: tokens, writes, faults, links."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests
import shopify as official

from tests.standins.shopify import StandInShop, StandInShopify
from tests.standins.shopify.visitors import SUBSCRIBE, Caller, Clock, Inbox

DISCOUNT = """mutation($d:DiscountCodeBasicInput!){discountCodeBasicCreate(basicCodeDiscount:$d){
  codeDiscountNode{id codeDiscount{... on DiscountCodeBasic{title endsAt usageLimit}}}
  userErrors{field code message}}}"""


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def stand_in(clock: Clock) -> Iterator[StandInShopify]:
    with StandInShopify(now=clock, retry_scale=0.0) as running:
        yield running


@pytest.fixture
def shop(stand_in: StandInShopify) -> StandInShop:
    return stand_in.add_shop()


@pytest.fixture
def ask(stand_in: StandInShopify, shop: StandInShop) -> Iterator[Caller]:
    with Caller(stand_in, shop) as caller:
        yield caller


@pytest.fixture
def inbox() -> Iterator[Inbox]:
    with Inbox() as opened:
        yield opened


# -- tokens ----------------------------------------------------------------------------------


def test_the_install_walk_ends_with_an_expiring_pair(
    ask: Caller, stand_in: StandInShopify, clock: Clock
) -> None:
    address = "/admin/oauth/authorize?client_id=stand-in-key&scope=read_orders,read_customers"
    address += "&redirect_uri=https://app.test/callback&state=a%26b%25c"
    asked = ask.session.get(
        stand_in.url + address,
        headers={"Host": ask.shop.domain},
        allow_redirects=False,
        timeout=5,
    )
    target = urlsplit(asked.headers["Location"])
    fields = dict(parse_qsl(target.query))
    assert (asked.status_code, target.netloc) == (302, "app.test")
    assert fields["state"] == "a&b%c"
    official.Session.setup(api_key="stand-in-key", secret="stand-in-secret")
    assert official.Session.validate_hmac(fields)  # Shopify's own library agrees
    pair = ask.token_request(code=fields["code"], expiring="1").json()
    assert pair["expires_in"] == 3600
    assert pair["refresh_token_expires_in"] == 7_776_000
    assert pair["scope"] == "read_orders,read_customers"
    assert ask.token_request(code=fields["code"], expiring="1").status_code == 400
    ask.token = pair["access_token"]
    assert ask("{shop{name}}")["data"]["shop"]["name"] == "Shop One"
    clock.forward(3600)
    assert ask.raw("{shop{name}}").status_code == 401


def test_a_browser_may_walk_to_the_install_page_by_the_server_s_own_name(
    ask: Caller, stand_in: StandInShopify
) -> None:
    address = f"{stand_in.url}/admin/oauth/authorize?client_id=stand-in-key"
    address += "&redirect_uri=https://app.test/callback"
    said = ask.session.get(address, allow_redirects=False, timeout=5)
    assert "shop=shop-one.myshopify.com" in said.headers["Location"]
    stand_in.add_shop("shop-two.myshopify.com")
    assert ask.session.get(address, allow_redirects=False, timeout=5).status_code == 404
    address += "&shop=shop-two.myshopify.com"
    said = ask.session.get(address, allow_redirects=False, timeout=5)
    assert "shop=shop-two.myshopify.com" in said.headers["Location"]


def test_a_token_without_expiry_has_no_refresh_token(ask: Caller, shop: StandInShop) -> None:
    code = shop.tokens.new_code(("read_orders",))
    assert set(ask.token_request(code=code).json()) == {"access_token", "scope"}


def test_the_old_refresh_token_may_be_retried_until_the_new_pair_is_used(
    ask: Caller, shop: StandInShop
) -> None:
    old = shop.install()["refresh_token"]
    fields = {"grant_type": "refresh_token", "refresh_token": old}
    new = ask.token_request(**fields).json()
    assert ask.token_request(**fields).json() == new
    ask.token = new["access_token"]
    ask("{shop{name}}")
    assert ask.token_request(**fields).status_code == 400
    assert ask.token_request(**fields | {"refresh_token": new["refresh_token"]}).ok
    assert shop.tokens.refreshes == 2


def test_a_wrong_secret_gets_no_token(ask: Caller, shop: StandInShop) -> None:
    code = shop.tokens.new_code(("read_orders",))
    assert ask.token_request(code=code, client_secret="guess").status_code == 400


def test_an_unknown_host_is_not_found_and_an_unknown_token_not_allowed(ask: Caller) -> None:
    assert ask.post("/admin/api/2026-07/graphql.json", {}, Host="else.test").status_code == 404
    ask.token = "guess"
    assert ask.raw("{shop{name}}").status_code == 401
    assert ask.raw("{shop{name}}", version="latest").status_code == 404


def test_uninstalling_ends_token_and_subscriptions(
    ask: Caller, shop: StandInShop, stand_in: StandInShopify, inbox: Inbox
) -> None:
    ask(SUBSCRIBE, topic="APP_UNINSTALLED", uri=inbox.url)
    shop.uninstall()
    stand_in.settle()
    assert inbox.topics() == ["app/uninstalled"]
    assert ask.raw("{shop{name}}").status_code == 401
    assert not shop.subscriptions


# -- mutations -------------------------------------------------------------------------------


def discount(**changes: Any) -> dict[str, Any]:
    return {
        "title": "Come back",
        "code": "BACK-1",
        "startsAt": "2026-08-01T12:00:00Z",
        "endsAt": "2026-08-03T12:00:00Z",
        "usageLimit": 1,
        "context": {"all": "ALL"},
        "customerGets": {"value": {"percentage": 0.1}, "items": {"all": True}},
    } | changes


def test_a_code_is_made_once_read_back_and_expires(ask: Caller, clock: Clock) -> None:
    made = ask(DISCOUNT, d=discount())["data"]["discountCodeBasicCreate"]
    assert made["userErrors"] == []
    again = ask(DISCOUNT, d=discount(code="back-1"))["data"]["discountCodeBasicCreate"]
    assert again["codeDiscountNode"] is None
    assert again["userErrors"][0]["code"] == "TAKEN"
    query = '{codeDiscountNodeByCode(code:"back-1"){codeDiscount{...on DiscountCodeBasic{'
    query += "status customerGets{value{...on DiscountPercentage{percentage}}}}}}}"
    shown = ask(query)["data"]["codeDiscountNodeByCode"]["codeDiscount"]
    assert shown == {"status": "ACTIVE", "customerGets": {"value": {"percentage": 0.1}}}
    clock.forward(2 * 86400)
    ask.token = ask.shop.install()["access_token"]
    shown = ask(query)["data"]["codeDiscountNodeByCode"]["codeDiscount"]
    assert shown["status"] == "EXPIRED"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"title": ""}, "BLANK"),
        ({"endsAt": "2026-07-01T12:00:00Z"}, "END_DATE_BEFORE_START_DATE"),
        (
            {"customerGets": {"value": {"percentage": 10}, "items": {"all": True}}},
            "VALUE_OUTSIDE_RANGE",
        ),
        ({"context": {"customers": {"add": ["gid://shopify/Customer/1"]}}}, "INVALID"),
    ],
)
def test_a_wrong_discount_is_a_user_error(ask: Caller, changes: dict[str, Any], code: str) -> None:
    said = ask(DISCOUNT, d=discount(**changes))["data"]["discountCodeBasicCreate"]
    assert said["codeDiscountNode"] is None
    assert [error["code"] for error in said["userErrors"]] == [code]


def test_free_shipping_and_deactivation(ask: Caller) -> None:
    given = discount(destination={"all": True})
    del given["customerGets"]
    query = "mutation($d:DiscountCodeFreeShippingInput!){discountCodeFreeShippingCreate("
    query += "freeShippingCodeDiscount:$d){codeDiscountNode{id} userErrors{message}}}"
    made = ask(query, d=given)["data"]["discountCodeFreeShippingCreate"]["codeDiscountNode"]
    end = "mutation($id:ID!){discountCodeDeactivate(id:$id){codeDiscountNode{codeDiscount{"
    end += "__typename ...on DiscountCodeFreeShipping{status}}}}}"
    said = ask(end, id=made["id"])["data"]["discountCodeDeactivate"]["codeDiscountNode"]
    assert said["codeDiscount"] == {"__typename": "DiscountCodeFreeShipping", "status": "EXPIRED"}


def test_consent_is_written_back(ask: Caller, shop: StandInShop) -> None:
    buyer = shop.add_customer(phone="+4915112345678")
    query = (
        "mutation($i:CustomerSmsMarketingConsentUpdateInput!){customerSmsMarketingConsentUpdate("
    )
    query += "input:$i){customer{defaultPhoneNumber{marketingState}} userErrors{message}}}"
    key = f"gid://shopify/Customer/{buyer.id}"
    given = {"customerId": key, "smsMarketingConsent": {"marketingState": "UNSUBSCRIBED"}}
    said = ask(query, i=given)["data"]["customerSmsMarketingConsentUpdate"]
    assert said["customer"]["defaultPhoneNumber"]["marketingState"] == "UNSUBSCRIBED"


# -- the wire --------------------------------------------------------------------------------


def test_faults_happen_once_and_where_they_were_asked_for(ask: Caller, shop: StandInShop) -> None:
    shop.fail_next(503, where="graphql")
    shop.fail_next(401, where="graphql")
    shop.fail_next("throttled")
    assert [ask.raw("{shop{name}}").status_code for _ in range(2)] == [503, 401]
    assert ask("{shop{name}}")["errors"][0]["extensions"]["code"] == "THROTTLED"
    assert "errors" not in ask("{shop{name}}")
    assert [seen.status for seen in shop.requests] == [503, 401, 200, 200]


def test_a_line_dropped_after_the_work_leaves_the_work_done(ask: Caller, shop: StandInShop) -> None:
    for what, codes in (("drop_before", 0), ("drop_after", 1)):
        shop.fail_next(what, containing="discountCodeBasicCreate")
        with pytest.raises(requests.ConnectionError):
            ask(DISCOUNT, d=discount())
        assert len(list(shop.discounts.all())) == codes


def test_a_silent_shop_does_nothing_and_does_not_hold_up_the_end(
    ask: Caller, shop: StandInShop
) -> None:
    shop.fail_next("timeout", hold=600)
    ask.patience = 0.03
    with pytest.raises(requests.ReadTimeout):
        ask(DISCOUNT, d=discount())
    assert not list(shop.discounts.all())


def test_a_recovery_link_shows_the_cart_and_only_with_its_key(
    ask: Caller, shop: StandInShop, stand_in: StandInShopify
) -> None:
    made = shop.add_checkout([{"title": "Tea & cake", "price": "3.50", "quantity": 2}])
    link = shop.recovery_url(made).replace(f"https://{shop.domain}", stand_in.url)
    page = ask.session.get(link, timeout=5)
    assert page.status_code == 200
    assert "2 × Tea &amp; cake: 7.00 EUR" in page.text
    assert shop.visits == [made.id]
    page = ask.session.get(link[:-4] + "nope", timeout=5)
    assert page.status_code == 404
    assert "Your cart is empty" in page.text


def test_another_process_can_act_through_the_control_door(ask: Caller, shop: StandInShop) -> None:
    path = f"/stand-in/{shop.domain}"
    made = ask.post(f"{path}/add_checkout", {"email": "ada@example.test", "tax": "1.00"}).json()
    assert made["recovery_url"] == shop.recovery_url(shop.checkouts.get(made["id"]))  # type: ignore[arg-type]
    assert ask.post(f"{path}/complete_checkout", {"checkout_id": made["id"]}).ok
    assert ask.names("recovery_state:recovered") == [f"#{made['id']}"]
    assert ask.post(f"{path}/complete_checkout", {"checkout_id": 7}).status_code == 400
    assert ask.post(f"{path}/__init__", {}).status_code == 404
