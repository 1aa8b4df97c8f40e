"""Signing in beside the admin, and what comes back from Shopify in every shape."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from recovery import tables
from tests.connectors.shopify_words import SECRET, SHOP, Wire
from tests.standins.shopify.sessions import opened_beside, session_token
from tests.web.installs import signed
from tests.web.stage import Stage
from tests.web.test_install import BYTES, GRANT, MANY

pytestmark = pytest.mark.filterwarnings("ignore::jwt.InsecureKeyLengthWarning")

Made = Callable[..., Stage]
BASE = "https://relance.example"
USER = 902_541_635


@pytest.fixture
def wire() -> Iterator[Wire]:
    wire = Wire()
    yield wire
    wire.close()


def a_user(user: object = USER) -> dict[str, object]:
    who = {"id": user, "first_name": "Ada", "email": "ada@example.test"}
    more = {"expires_in": 86_399, "associated_user_scope": "read_orders", "associated_user": who}
    return {"access_token": "shpua_new", "scope": "read_orders"} | more


def leaves(stage: Stage, path: str = "/enter/shopify", shop: str = SHOP) -> dict[str, list[str]]:
    """The browser goes to Shopify; what is asked for there."""
    answer = stage.client.get(path, base_url=BASE, query_string={"shop": shop})
    assert answer.status_code == 302
    return parse_qs(urlsplit(answer.location).query)


def comes(stage: Stage, state: str, where: str = "enter", **changed: str) -> TestResponse:
    stamp = str(int(stage.clock().timestamp()))
    query = {"code": "c0de", "host": "YWRtaW4", "shop": SHOP, "state": state, "timestamp": stamp}
    whole = signed({name: text for name, text in (query | changed).items() if text != "-"})
    path = f"/{where}/shopify/callback"
    return stage.client.get(path, base_url=BASE, query_string=whole)


def test_a_person_signs_in_as_shopify_knows_them(a_stage: Made, wire: Wire) -> None:
    stage = a_stage(SHOPIFY_HOST_OVERRIDE=wire.url)
    shop = stage.a_shopify_shop()
    asked = leaves(stage)
    assert asked["grant_options[]"] == ["per-user"]
    assert asked["redirect_uri"] == [f"{BASE}/enter/shopify/callback"]
    wire.says(a_user())
    answer = comes(stage, asked["state"][0])
    assert (answer.status_code, answer.location) == (302, f"/shops/{shop.key}/")
    assert "expiring" not in wire.requests[0]["json"]
    assert stage.client.get(answer.location, base_url=BASE).status_code == 200
    # In the admin the same person is the same member.
    given = session_token(("key", SECRET), SHOP, USER, stage.clock())
    query = {"embedded": "1", "id_token": given}
    framed = stage.app.test_client().get(answer.location, base_url=BASE, query_string=query)
    assert framed.status_code == 200
    (member,) = stage.rows("members")
    assert (member.subject, member.role) == (f"shopify:{USER}", "owner")


def test_the_token_of_a_person_replaces_no_token_of_the_shop(a_stage: Made, wire: Wire) -> None:
    stage = a_stage(SHOPIFY_HOST_OVERRIDE=wire.url)
    stage.a_shopify_shop()
    before = stage.the_shop().credentials
    wire.says(a_user())
    comes(stage, leaves(stage)["state"][0])
    assert stage.the_shop().credentials == before != ""


def test_a_state_of_an_install_signs_nobody_in_nor_the_other_way_round(
    a_stage: Made, wire: Wire
) -> None:
    stage = a_stage(SHOPIFY_HOST_OVERRIDE=wire.url)
    stage.a_shopify_shop()
    of_an_install = leaves(stage, "/install/shopify")["state"][0]
    of_a_person = leaves(stage)["state"][0]
    assert comes(stage, of_an_install).status_code == 401
    assert comes(stage, of_a_person, "install").status_code == 401
    assert wire.requests == []


def test_another_browser_cannot_finish_the_sign_in(a_stage: Made, wire: Wire) -> None:
    stage = a_stage(SHOPIFY_HOST_OVERRIDE=wire.url)
    stage.a_shopify_shop()
    state = leaves(stage)["state"][0]
    stage.client = stage.app.test_client()
    assert comes(stage, state).status_code == 401
    assert stage.count("members") == 0


@pytest.mark.parametrize("user", [None, "", "ada", {"id": 1}, 0.5, -7])
def test_an_answer_that_names_nobody_lets_nobody_in(
    a_stage: Made, wire: Wire, user: object
) -> None:
    stage = a_stage(SHOPIFY_HOST_OVERRIDE=wire.url)
    stage.a_shopify_shop()
    wire.says(a_user(user))
    assert comes(stage, leaves(stage)["state"][0]).status_code == 502
    assert stage.count("members") == 0


@pytest.mark.parametrize("state", ["uninstalled", "erased", None])
def test_nobody_signs_in_to_a_shop_that_is_not_connected(
    a_stage: Made, wire: Wire, state: str | None
) -> None:
    stage = a_stage(SHOPIFY_HOST_OVERRIDE=wire.url)
    if state is not None:
        stage.a_shopify_shop(state=state)
    wire.says(a_user())
    answer = comes(stage, leaves(stage)["state"][0])
    assert (answer.status_code, "/install/shopify?shop=" in answer.text) == (403, True)
    assert stage.count("members") == 0


def test_a_session_ends_while_its_shop_is_disconnected(a_stage: Made, wire: Wire) -> None:
    stage = a_stage(SHOPIFY_HOST_OVERRIDE=wire.url)
    shop = stage.a_shopify_shop()
    wire.says(a_user())
    comes(stage, leaves(stage)["state"][0])
    path = f"/shops/{shop.key}/"
    for state, status in (("uninstalled", 404), ("active", 200)):
        change = tables.shops.update().values(state=state)
        stage.database.run(lambda db, change=change: db.execute(change))
        assert stage.client.get(path, base_url=BASE).status_code == status


@pytest.mark.parametrize("where", ["enter", "install"])
def test_who_says_no_at_shopify_is_told_that_nothing_was_connected(
    a_stage: Made, wire: Wire, where: str
) -> None:
    stage = a_stage(SHOPIFY_HOST_OVERRIDE=wire.url)
    state = leaves(stage, f"/{where}/shopify")["state"][0]
    answer = comes(stage, state, where, code="-", error="access_denied")
    assert (answer.status_code, "Nothing was connected" in answer.text) == (403, True)
    assert wire.requests == []


def test_an_install_that_grants_too_little_says_what_is_missing(a_stage: Made, wire: Wire) -> None:
    stage = a_stage(SHOPIFY_HOST_OVERRIDE=wire.url)
    wire.says(GRANT | {"scope": "read_orders,read_products,write_customers,write_discounts"})
    answer = comes(stage, leaves(stage, "/install/shopify")["state"][0], "install")
    assert (answer.status_code, "<code>read_fulfillments</code>" in answer.text) == (403, True)
    assert answer.text.count("<code>") == 1
    assert stage.count("shops") == 0


@pytest.mark.parametrize("missing", ["shop", "hmac", "state", "timestamp", "code"])
@pytest.mark.parametrize("where", ["enter", "install"])
def test_each_missing_piece_is_a_clear_page(
    a_stage: Made, wire: Wire, where: str, missing: str
) -> None:
    stage = a_stage(SHOPIFY_HOST_OVERRIDE=wire.url)
    state = leaves(stage, f"/{where}/shopify")["state"][0]
    stamp = str(int(stage.clock().timestamp()))
    query = {"code": "c0de", "shop": SHOP, "state": state, "timestamp": stamp}
    whole = signed({name: text for name, text in query.items() if name != missing})
    if missing == "hmac":
        whole.pop("hmac")
    answer = stage.client.get(f"/{where}/shopify/callback", base_url=BASE, query_string=whole)
    assert answer.status_code == (403 if missing == "code" else 401)
    assert "<h1>" in answer.text
    assert wire.requests == []


@pytest.mark.parametrize("doubled", ["shop", "hmac", "state", "timestamp", "code"])
def test_what_is_said_twice_is_not_of_shopify(a_stage: Made, wire: Wire, doubled: str) -> None:
    stage = a_stage(SHOPIFY_HOST_OVERRIDE=wire.url)
    state = leaves(stage, "/install/shopify")["state"][0]
    stamp = str(int(stage.clock().timestamp()))
    query = {"code": "c0de", "shop": SHOP, "state": state, "timestamp": stamp}
    pairs = [*signed(query).items(), (doubled, "x")]
    for order in (pairs, pairs[::-1]):
        path = "/install/shopify/callback?" + "&".join(f"{n}={t}" for n, t in order)
        assert stage.client.get(path, base_url=BASE).status_code == 401
    assert wire.requests == []
    wire.says(GRANT)
    once = stage.client.get("/install/shopify/callback", base_url=BASE, query_string=signed(query))
    assert once.status_code == 302


@MANY
@given(
    path=st.sampled_from(["install/shopify/callback", "enter/shopify/callback"])
    | st.sampled_from(["install/shopify", "enter/shopify", "shopify/app", "shopify/token"]),
    query=BYTES,
    raw=st.sampled_from(
        ["", "shop[]=a&state[]=b", "%FF%FE=%00", "hmac=" + "a" * 9000, "&&==&=", "timestamp=%D9%A3"]
    ),
    extra=st.sampled_from(["", "id_token=a.b.c", "embedded=1", "id_token=%00&embedded=1&host=%22"]),
)
def test_no_query_is_a_fault_of_ours(
    stage: Stage, path: str, query: dict[str, bytes], raw: str, extra: str
) -> None:
    whole = "&".join(filter(None, (urlencode(query), raw, extra)))
    answer = stage.client.get(f"/{path}?{whole}", base_url=BASE)
    assert answer.status_code in (302, 400, 401)
    assert stage.count("shops") == stage.count("members") == 0


@pytest.mark.parametrize(("known", "goes_to"), [(True, "/enter"), (False, "/install")])
def test_opened_beside_the_admin_the_app_signs_in_or_connects(
    stage: Stage, known: bool, goes_to: str
) -> None:
    if known:
        stage.a_shopify_shop()
    address = opened_beside(("key", SECRET), "/shopify/app", SHOP, stage.clock())
    answer = stage.client.get(address, base_url=BASE)
    assert (answer.status_code, answer.location) == (302, f"{goes_to}/shopify?shop={SHOP}")


def test_the_pages_of_the_install_speak_french(stage: Stage) -> None:
    answer = stage.client.get(
        "/install/shopify", query_string={"shop": "x"}, headers={"Accept-Language": "fr"}
    )
    assert "Vérifiez-la" in answer.text
