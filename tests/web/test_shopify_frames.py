"""Our pages inside Shopify's admin: tokens instead of cookies, the bounce page, who may frame."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest

from recovery import counting, members
from recovery.shops import ShopRow
from tests.connectors.shopify_words import PREVIOUS, SHOP, Wire
from tests.web.shopify_frames import (
    ADMIN,
    POLICY,
    a_shop,
    asked,
    load,
    policy,
    query_of,
    send,
    token,
    way_back,
)
from tests.web.stage import Stage

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


def test_a_page_that_asks_again_by_itself_writes_no_token(
    stage: Stage, shop: ShopRow, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An address of ours that bears a token would bear it into every log on its way."""
    for what, kind in list(counting.KINDS.items()):
        monkeypatch.setitem(
            counting.KINDS, what, replace(kind, few=tuple((at, -1) for at, _ in kind.few))
        )
    given = token(stage)
    page = load(stage, f"/shops/{shop.key}/results/", given, period="last-7").text
    assert "These figures are being counted" in page
    assert f'hx-get="/shops/{shop.key}/results/?period=last-7"' in page
    assert given not in page


def test_a_token_opens_the_pages_of_its_shop_without_any_cookie(
    stage: Stage, shop: ShopRow
) -> None:
    answer = load(stage, f"/shops/{shop.key}/team/", token(stage))
    assert answer.status_code == 200
    assert "Set-Cookie" not in answer.headers
    assert answer.headers["Cache-Control"] == "no-store"
    assert policy(answer)["frame-ancestors"] == f"https://{SHOP} {ADMIN}"
    assert policy(answer)["script-src"].endswith("' https://cdn.shopify.com")
    head = answer.text
    assert 'src="https://cdn.shopify.com/shopifycloud/app-bridge.js" data-api-key="key"' in head
    assert head.index("app-bridge.js") == head.index('src="') + len(
        'src="https://cdn.shopify.com/shopifycloud/'
    )
    assert "framed.js" in head
    assert token(stage)[:20] not in head
    assert "Leave" not in head
    (member,) = stage.rows("members")
    assert (member.subject, member.role) == ("shopify:7", "owner")


def test_a_page_outside_the_admin_may_be_framed_by_nobody(stage: Stage, shop: ShopRow) -> None:
    answer = asked(stage, f"/shops/{shop.key}/", {})
    assert answer.status_code == 404
    assert policy(answer)["frame-ancestors"] == "'none'"
    assert "cdn.shopify.com" not in answer.headers[POLICY] + answer.text


def test_during_a_rotation_the_secret_before_counts_too(stage: Stage, shop: ShopRow) -> None:
    given = token(stage, secret=PREVIOUS)
    assert load(stage, f"/shops/{shop.key}/", given).status_code == 200


@pytest.mark.parametrize(
    "changed",
    [
        {"aud": "another-app"},
        {"aud": ["key"]},
        {"aud": None},
        {"dest": "https://evil.example"},
        {"dest": f"http://{SHOP}"},
        {"dest": f"https://{SHOP}/"},
        {"dest": None},
        {"iss": "https://other.myshopify.com/admin"},
        {"iss": f"https://{SHOP}"},
        {"iss": 7},
        {"sub": "gid://shopify/Customer/7"},
        {"sub": "0"},
        {"sub": "٧"},
        {"sub": None},
        {"sid": None},
        {"exp": None},
        {"nbf": None},
        {"exp": True},
        {"exp": 1e300},
        {"secret": "another"},
    ],
)
def test_no_other_token_opens(stage: Stage, shop: ShopRow, changed: dict[str, Any]) -> None:
    answer = load(stage, f"/shops/{shop.key}/", token(stage, **changed))
    assert answer.status_code == 401
    assert policy(answer)["frame-ancestors"] == ADMIN
    assert stage.rows("members") == []


def test_a_token_without_a_signature_opens_nothing(stage: Stage, shop: ShopRow) -> None:
    head, body, _ = token(stage).split(".")
    unsigned = "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0"
    for given in (f"{head}.{body}.", f"{unsigned}.{body}.", "é", "a.b.c", "x" * 5000, "."):
        assert load(stage, f"/shops/{shop.key}/", given).status_code == 401


def test_a_token_of_one_shop_opens_no_other(stage: Stage, shop: ShopRow) -> None:
    other = stage._a_shop("shopify", "other.myshopify.com", {"access_token": "x"}, {})
    assert load(stage, f"/shops/{other.key}/", token(stage)).status_code == 404
    dest = {"dest": "https://other.myshopify.com", "iss": "https://other.myshopify.com/admin"}
    assert load(stage, f"/shops/{shop.key}/", token(stage, **dest)).status_code == 404


@pytest.mark.parametrize("seconds", [71, -11])
def test_a_page_asked_for_with_a_stale_token_comes_back_with_a_fresh_one(
    stage: Stage, shop: ShopRow, seconds: int
) -> None:
    stale = token(stage)
    stage.clock.at += timedelta(seconds=seconds)
    answer = load(stage, f"/shops/{shop.key}/team/", stale, page="2")
    back = way_back(answer)
    assert back.startswith(f"https://relance.example/shops/{shop.key}/team/?page=2&embedded=1&")
    assert stale not in answer.location
    page = asked(stage, "/shopify/token", dict(query_of(answer.location)))
    assert page.status_code == 200
    assert policy(page)["frame-ancestors"] == f"https://{SHOP} {ADMIN}"
    assert "app-bridge.js" in page.text
    assert "framed.js" not in page.text


def test_a_token_may_be_ten_seconds_off(stage: Stage, shop: ShopRow) -> None:
    given = token(stage)
    for seconds in (69, -79):
        stage.clock.at += timedelta(seconds=seconds)
        assert load(stage, f"/shops/{shop.key}/", given).status_code == 200


def test_two_clocks_that_differ_end_in_a_page_and_not_in_a_circle(
    stage: Stage, shop: ShopRow
) -> None:
    stale = token(stage)
    stage.clock.forward(minutes=5)
    back = way_back(load(stage, f"/shops/{shop.key}/", stale))
    again = asked(stage, f"/shops/{shop.key}/", dict(query_of(back)) | {"id_token": stale})
    assert (again.status_code, "open this page again" in again.text) == (401, True)


def test_a_page_asked_for_without_a_token_comes_back_with_one(stage: Stage, shop: ShopRow) -> None:
    answer = asked(stage, f"/shops/{shop.key}/", {"embedded": "1", "shop": SHOP})
    assert way_back(answer).startswith(f"https://relance.example/shops/{shop.key}/?embedded=1")
    page = asked(stage, "/shopify/token", dict(query_of(answer.location)))
    assert policy(page)["frame-ancestors"] == ADMIN  # nobody verified the shop


@pytest.mark.parametrize("header", [{"Authorization": "Bearer {}"}, {"HX-Request": "true"}])
def test_a_script_with_a_stale_token_is_told_to_ask_again(
    stage: Stage, shop: ShopRow, header: dict[str, str]
) -> None:
    stale = token(stage)
    stage.clock.forward(minutes=2)
    headers = {"Authorization": f"Bearer {stale}", "Sec-Fetch-Dest": "empty"} | {
        name: text.format(stale) for name, text in header.items()
    }
    answer = asked(stage, f"/shops/{shop.key}/", {}, **headers)
    assert answer.status_code == 401
    assert answer.headers["X-Shopify-Retry-Invalid-Session-Request"] == "1"


def test_a_script_bears_its_token_in_a_header(stage: Stage, shop: ShopRow) -> None:
    headers = {"Authorization": f"Bearer {token(stage)}", "Sec-Fetch-Dest": "empty"}
    assert asked(stage, f"/shops/{shop.key}/", {}, **headers).status_code == 200


def test_a_token_in_an_address_loads_documents_alone(stage: Stage, shop: ShopRow) -> None:
    query = {"id_token": token(stage)}
    for kind in ("empty", "image", "script"):
        answer = asked(stage, f"/shops/{shop.key}/", query, **{"Sec-Fetch-Dest": kind})
        assert answer.status_code == 404
    path = f"/shops/{shop.key}/team/me?id_token={query['id_token']}"
    assert send(stage, path, name="Ada", language="en").status_code == 404


def test_a_form_inside_the_admin_needs_a_token_and_no_mark(stage: Stage, shop: ShopRow) -> None:
    path = f"/shops/{shop.key}/team/me"
    answer = send(stage, path, name="Ada", language="en", id_token=token(stage))
    back = way_back(answer)
    assert stage.rows("members")[0].name == "Ada"
    assert "Set-Cookie" not in answer.headers
    assert token(stage)[:20] not in answer.location
    page = asked(stage, urlsplit(back).path, dict(query_of(back)) | {"id_token": token(stage)})
    assert "Saved." in page.text  # what a session would have told
    assert "Set-Cookie" not in page.headers
    assert "Saved." not in answer.location


def test_what_is_told_to_one_member_is_told_to_no_other_and_not_later(
    stage: Stage, shop: ShopRow
) -> None:
    path = f"/shops/{shop.key}/team/me"
    answer = send(stage, path, name="Ada", language="en", id_token=token(stage))
    query = dict(query_of(way_back(answer)))
    other = asked(stage, f"/shops/{shop.key}/team/", query | {"id_token": token(stage, 8)})
    assert (other.status_code, "Saved." in other.text) == (200, False)
    stage.clock.forward(minutes=3)
    later = asked(stage, f"/shops/{shop.key}/team/", query | {"id_token": token(stage)})
    assert (later.status_code, "Saved." in later.text) == (200, False)


def test_a_form_with_a_stale_token_changes_nothing(stage: Stage, shop: ShopRow) -> None:
    stale = token(stage)
    stage.clock.forward(minutes=2)
    path = f"/shops/{shop.key}/team/me"
    answer = send(stage, path, name="Ada", language="en", id_token=stale)
    assert answer.status_code == 401
    assert answer.headers["X-Shopify-Retry-Invalid-Session-Request"] == "1"
    assert stage.rows("members") == []


def test_a_form_without_a_token_is_that_of_another_site(stage: Stage, shop: ShopRow) -> None:
    path = f"/shops/{shop.key}/team/me"
    assert send(stage, path, name="Ada", language="en").status_code == 404


def test_who_was_taken_out_stays_out(stage: Stage, shop: ShopRow) -> None:
    load(stage, f"/shops/{shop.key}/", token(stage))
    load(stage, f"/shops/{shop.key}/", token(stage, 8))
    _, second = stage.rows("members")
    out = stage.clock()
    stage.database.run(lambda db: members.take_out(db, shop.id, second.id, out))
    answer = load(stage, f"/shops/{shop.key}/", token(stage, 8))
    assert (answer.status_code, "took you out" in answer.text) == (403, True)


@pytest.mark.parametrize(
    "back",
    [
        "",
        "https://evil.example/shops/x/",
        "https://relance.example.evil.example/shops/x/",
        "//evil.example/shops/",
        "/shops/x/",
        "javascript:alert(1)//https://relance.example/shops/",
        "https://relance.example/install/shopify",
        "https://relance.example/shops/\\evil",
        "https://relance.example/shops/\n",
    ],
)
def test_the_bounce_page_comes_back_to_pages_of_the_admin_alone(stage: Stage, back: str) -> None:
    answer = asked(stage, "/shopify/token", {"shopify-reload": back})
    assert answer.status_code == 400
    assert "app-bridge.js" not in answer.text


def test_a_shop_named_in_an_address_is_not_a_verified_one(stage: Stage, shop: ShopRow) -> None:
    query = {"shop": "evil.myshopify.com", "proof": "x" * 40}
    query["shopify-reload"] = f"https://relance.example/shops/{shop.key}/"
    for proof in ("", "é", "AAAA", "x" * 40):
        answer = asked(stage, "/shopify/token", query | {"proof": proof})
        assert policy(answer)["frame-ancestors"] == ADMIN
