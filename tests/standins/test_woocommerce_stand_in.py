"""The stand-in's REST API, wc-auth and pages answer as the real shops did."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from woocommerce import API

from tests.standins.woocommerce import WooCommerceStandIn


@pytest.fixture
def woo() -> Iterator[WooCommerceStandIn]:
    with WooCommerceStandIn() as found:
        yield found


def client(woo: WooCommerceStandIn) -> API:
    return API(woo.address, woo.consumer_key, woo.consumer_secret, timeout=5)


# -- who may speak -----------------------------------------------------------------------


def test_basic_over_http_is_not_enough(woo: WooCommerceStandIn) -> None:
    auth = (woo.consumer_key, woo.consumer_secret)
    got = requests.get(f"{woo.address}/wp-json/wc/v3/orders", auth=auth, timeout=5)
    assert (got.status_code, got.json()["code"]) == (401, "woocommerce_rest_cannot_view")


def test_the_client_signs_as_the_shop_reads(woo: WooCommerceStandIn) -> None:
    got = client(woo).get(
        "orders", params={"status": "any", "modified_after": "2020-01-01T00:00:00"}
    )
    assert (got.status_code, got.json()) == (200, [])
    assert got.headers["X-WP-Total"] == "0"


@pytest.mark.parametrize(
    ("key", "secret", "code"),
    [
        ("ck_" + "a" * 40, "cs_no", "woocommerce_rest_authentication_error"),
        ("ck_" + "z" * 40, "cs_no", "woocommerce_rest_cannot_view"),
    ],
)
def test_a_wrong_secret_and_an_unknown_key_are_told_apart(
    woo: WooCommerceStandIn, key: str, secret: str, code: str
) -> None:
    got = API(woo.address, key, secret).get("orders")
    assert (got.status_code, got.json()["code"]) == (401, code)


def test_a_signature_is_good_once(woo: WooCommerceStandIn) -> None:
    url = client(woo).get("orders").request.url
    again = requests.get(url, timeout=5)
    assert (again.status_code, again.json()["message"][:13]) == (401, "Invalid nonce")


def test_a_read_only_key_does_not_write(woo: WooCommerceStandIn) -> None:
    key = woo.read_only_key
    api = API(woo.address, key.consumer_key, key.consumer_secret)
    assert api.get("orders").status_code == 200
    got = api.post("coupons", {"code": "x"})
    assert (got.status_code, got.json()["code"]) == (401, "woocommerce_rest_authentication_error")


# -- lists -----------------------------------------------------------------------------------


def test_times_are_read_as_the_real_shop_in_kolkata_read_them() -> None:
    at = datetime(2026, 11, 22, 4, 46, 16, tzinfo=UTC)
    with WooCommerceStandIn(timezone="Asia/Kolkata") as woo:
        order = woo.shop.place_order()
        woo.shop.orders[order]["modified"] = at

        def found(moment: datetime, *, z: bool = False, flag: bool = False) -> int:
            params: dict[str, Any] = {"modified_after": moment.strftime("%Y-%m-%dT%H:%M:%S")}
            params["modified_after"] += "Z" if z else ""
            params |= {"dates_are_gmt": "true"} if flag else {}
            return len(client(woo).get("orders", params=params).json())

        before, after = at - timedelta(seconds=30), at + timedelta(seconds=30)
        assert found(before) == found(after) == 1, "without the flag it is shop-local"
        assert (found(before, flag=True), found(after, flag=True)) == (1, 0)
        assert found(before, z=True) == 1
        assert found(before, z=True, flag=True) == 0, "both at once shift it twice"
        assert found(at, flag=True) == 0, "exclusive"


def test_any_leaves_drafts_out_now_and_did_not_before() -> None:
    for version, count in (("10.9.2", 1), ("9.9.5", 2)):
        with WooCommerceStandIn(version=version) as woo:
            woo.shop.place_order("checkout-draft")
            woo.shop.place_order()
            assert len(client(woo).get("orders", params={"status": "any"}).json()) == count
            drafts = client(woo).get("orders", params={"status": "checkout-draft"}).json()
            assert len(drafts) == 1


@pytest.mark.parametrize("params", [{"per_page": 101}, {"per_page": 0}, {"status": "unknown"}])
def test_parameters_out_of_bounds_are_a_400(
    woo: WooCommerceStandIn, params: dict[str, Any]
) -> None:
    got = client(woo).get("orders", params=params)
    assert (got.status_code, got.json()["code"]) == (400, "rest_invalid_param")


def test_over_http_the_next_page_repeats_the_signature(woo: WooCommerceStandIn) -> None:
    for _ in range(3):
        woo.shop.place_order()
    got = client(woo).get("orders", params={"per_page": 2})
    assert (got.headers["X-WP-Total"], got.headers["X-WP-TotalPages"]) == ("3", "2")
    assert "oauth_signature" in got.links["next"]["url"]
    assert requests.get(got.links["next"]["url"], timeout=5).status_code == 401


def test_things_that_are_not_there_are_a_404(woo: WooCommerceStandIn) -> None:
    got = client(woo).get("orders/999999")
    assert (got.status_code, got.json()["code"]) == (404, "woocommerce_rest_shop_order_invalid_id")
    assert client(woo).get("teapots").json()["code"] == "rest_no_route"


def test_customers_are_listed_whenever_they_changed(woo: WooCommerceStandIn) -> None:
    woo.shop.register("okan@pots.example")
    params = {"modified_after": "2099-01-01T00:00:00"}
    (row,) = client(woo).get("customers", params=params).json()
    assert row["email"] == "okan@pots.example"


# -- coupons ------------------------------------------------------------------------------------


def made(woo: WooCommerceStandIn, **row: Any) -> Any:
    return client(woo).post("coupons", {"amount": "1", **row}).json()


def test_the_date_in_gmt_is_ignored_and_nonsense_never_ends(woo: WooCommerceStandIn) -> None:
    assert made(woo, code="a", date_expires_gmt="2027-01-05T12:00:00")["date_expires_gmt"] is None
    assert made(woo, code="b", date_expires="soon")["date_expires_gmt"] is None


@pytest.mark.parametrize(
    ("told", "gmt"),
    [
        ("2027-01-05T12:00:00", "2027-01-05T06:30:00"),
        ("2027-01-05", "2027-01-04T18:30:00"),
        ("2027-01-05T12:00:00Z", "2027-01-05T12:00:00"),
        ("2027-01-05T12:00:00+00:00", "2027-01-05T12:00:00"),
    ],
)
def test_a_coupons_end_is_shop_local_unless_it_has_an_offset(told: str, gmt: str) -> None:
    with WooCommerceStandIn(timezone="Asia/Kolkata") as woo:
        assert made(woo, code="a", date_expires=told)["date_expires_gmt"] == gmt


def test_codes_are_lower_case_and_unique(woo: WooCommerceStandIn) -> None:
    row = made(woo, code="WA-Abc", email_restrictions=["Abby@Example.com"])
    assert (row["code"], row["email_restrictions"]) == ("wa-abc", ["abby@example.com"])
    assert made(woo, code="wa-ABC")["code"] == "woocommerce_rest_coupon_code_already_exists"
    assert made(woo, code="x", discount_type="percent", amount="101")["data"]["status"] == 400


# -- wc-auth ---------------------------------------------------------------------------------------

ASK = {
    "app_name": "Relance",
    "scope": "read_write",
    "user_id": "q7Hk",
    "return_url": "http://r.example/done?x=1",
    "callback_url": "https://r.example/cb",
}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"callback_url": "http://r.example/cb"}, "The callback_url needs to be over SSL."),
        ({"scope": ""}, "Missing parameter scope."),
        ({"scope": "admin"}, "Invalid scope admin."),
        ({"user_id": ""}, "Missing parameter user_id."),
        ({"user_id": "0"}, "Missing parameter user_id."),
        ({"return_url": "http:///nope"}, "is not a valid URL."),
    ],
)
def test_wc_auth_refuses_what_the_real_one_refuses(
    woo: WooCommerceStandIn, changes: dict[str, str], words: str
) -> None:
    got = requests.get(f"{woo.address}/wc-auth/v1/authorize", params={**ASK, **changes}, timeout=5)
    assert got.status_code == 401
    assert words in got.text


def granted(woo: WooCommerceStandIn) -> requests.Response:
    """Go the merchant's way: log in, approve."""
    with requests.Session() as browser:
        page = browser.get(f"{woo.address}/wc-auth/v1/authorize", params=ASK, timeout=5)
        assert "wc-auth-login" in page.text
        page = browser.post(page.url, timeout=5)
        assert "would like to connect" in page.text
        link = page.text.split('href="')[1].split('"')[0].replace("&amp;", "&")
        return browser.get(f"{woo.address}{link}", timeout=5, allow_redirects=False)


class Taken:
    """Stands for the callback's https server: patched at the wire, by requests.post."""

    def __init__(self, status: int) -> None:
        self.status_code = status

    def __enter__(self) -> Taken:
        return self

    def __exit__(self, *_: object) -> None:
        return


@pytest.mark.parametrize("status", [200, 201, 302, 500])
def test_only_a_200_to_the_callback_keeps_the_keys(
    woo: WooCommerceStandIn, monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    came: list[dict[str, Any]] = []

    def post(url: str, **what: Any) -> Taken:
        if url == ASK["callback_url"]:
            came.append(what["json"])
            return Taken(status)
        raise requests.ConnectionError(url)

    monkeypatch.setattr("tests.standins.woocommerce.authorize.requests.post", post)
    before = set(woo.keys)
    got = granted(woo)
    (row,) = came
    assert set(row) == {"key_id", "user_id", "consumer_key", "consumer_secret", "key_permissions"}
    assert row["user_id"] == "q7Hk"
    if status == 200:
        assert got.status_code == 302
        assert parse_qs(urlsplit(got.headers["Location"]).query) == {
            "x": ["1"],
            "success": ["1"],
            "user_id": ["q7Hk"],
        }
        assert row["consumer_key"] in woo.keys
        new = API(woo.address, row["consumer_key"], row["consumer_secret"])
        assert new.get("orders").status_code == 200
    else:
        assert got.status_code == 401
        assert set(woo.keys) == before


# -- pages for shoppers ------------------------------------------------------------


def test_a_guests_order_opens_for_whoever_holds_its_link(woo: WooCommerceStandIn) -> None:
    guest, member = woo.shop.place_order("pending"), woo.shop.place_order("pending", customer_id=5)
    rows = {row["id"]: row for row in client(woo).get("orders").json()}
    assert "Pay for order" in requests.get(rows[guest]["payment_url"], timeout=5).text
    assert "log in" in requests.get(rows[member]["payment_url"], timeout=5).text
    woo.shop.pay(guest)
    assert requests.get(rows[guest]["payment_url"], timeout=5).status_code == 404


def test_opening_the_checkout_makes_a_draft_only_in_the_older_version() -> None:
    for version, drafts in (("10.9.2", 0), ("9.9.5", 1)):
        with WooCommerceStandIn(version=version) as woo:
            woo.shop.open_checkout(email="a@pots.example")
            assert len(woo.shop.orders) == drafts
