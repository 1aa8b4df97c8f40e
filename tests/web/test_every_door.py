"""Whatever comes to whatever door: a clear no, never a fault of ours, and nothing genuine lost."""

from __future__ import annotations

import base64
import hashlib
import hmac
import itertools
import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.routing import Rule

from recovery.shops import ShopRow
from tests.connectors.woocommerce_recordings import SECRET
from tests.web.stage import Stage
from tests.web.test_merchant_door import a_browser
from tests.web.test_shop_hooks import checkout

BASE = "https://relance.example"
OPEN = {"/hooks/sandbox/status", "/hooks/sandbox/inbound"}  # this machine's own stand-ins
DEEP = b"[" * 100_000 + b"]" * 100_000
BODIES = {
    "nothing": b"",
    "no json": b"{",
    "binary": bytes(range(256)) * 8,
    "half a letter": b'{"a": "\\ud800"}',
    "a null": b'{"a": "\\u0000"}',
    "deep": DEEP,
    "a number too long": b'{"id": ' + b"9" * 5000 + b"}",
    "not a number": b'{"total": NaN, "id": Infinity}',
    "exponent": b'{"id": 1e999999, "total_price": "1e999999"}',
    "a list": b"[1, 2, 3]",
    "a text": b'"x"',
    "null": b"null",
    "twice the same key": b'{"id": 1, "id": {"a": []}}',
    "gzip": b"\x1f\x8b\x08\x00" + b"\x00" * 50,
    "wrong kinds": b'{"id": {}, "token": [], "line_items": "x", "customer": 7, "email": {}}',
    "xml": b"<?xml version='1.0'?><!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>",
}
TOPICS = (
    "checkouts/create checkouts/update carts/update orders/create orders/updated customers/update "
    "products/update shop/update app/uninstalled app/scopes_update refunds/create "
    "customers/redact customers/data_request shop/redact fulfillments/create nobody/knows"
).split()


def woocommerce_signed(topic: str, body: bytes) -> dict[str, str]:
    """What WooCommerce sends along."""
    signature = base64.b64encode(hmac.new(SECRET.encode(), body, hashlib.sha256).digest())
    return {
        "X-WC-Webhook-Topic": topic,
        "X-WC-Webhook-Signature": signature.decode(),
        "X-WC-Webhook-Source": "https://pots.example/",
        "X-WC-Webhook-ID": "1",
        "Content-Type": "application/json",
    }


def doors(stage: Stage, method: str, *prefixes: str) -> Iterator[Rule]:
    for rule in stage.app.url_map.iter_rules():
        if method in (rule.methods or ()) and rule.rule.startswith(prefixes):
            yield rule


def address_of(stage: Stage, rule: Rule, value: Any = "pots") -> str:
    values = dict.fromkeys(rule.arguments, value) | {"shop_key": "pots"}
    with stage.app.test_request_context():
        built = rule.build(values, append_unknown=False)
    assert built is not None
    return str(built[1])


def test_what_nobody_signed_is_refused_at_every_door(stage: Stage) -> None:
    stage.an_account()
    stage.a_shopify_shop()
    stage.a_woocommerce_shop()
    asked = sum(refused(stage, name, body) for name, body in BODIES.items())
    assert asked >= 27 * len(BODIES)
    assert stage.count("unread") == stage.count("carts") == stage.count("orders") == 0


def is_refused(rule: Rule, status: int) -> bool:
    """Vonage rarely loses a signature, and sends again only after a 5xx: 503 asks for that."""
    return 400 <= status < 500 or (rule.rule.startswith("/hooks/vonage/") and status == 503)


def refused(stage: Stage, name: str, body: bytes) -> int:
    """Knock with that body at every door; how often it was refused."""
    asked = 0
    for rule in doors(stage, "POST", "/hooks/", "/install/", "/pair", "/proxy/"):
        if rule.rule in OPEN:
            continue
        for kind in ("application/json", "application/x-www-form-urlencoded", "text/plain"):
            answer = stage.client.post(address_of(stage, rule), data=body, content_type=kind)
            asked += 1
            assert is_refused(rule, answer.status_code), (rule.rule, name, answer.status_code)
    return asked


def test_what_shopify_signed_is_kept_or_not_for_us_and_the_next_is_stored(
    stage: Stage,
) -> None:
    stage.a_shopify_shop()
    for topic, (name, body) in itertools.product(TOPICS, BODIES.items()):
        if topic in ("app/uninstalled", "shop/redact"):
            continue  # these need no body to be meant
        answer = stage.shopify_sends(topic, body)
        assert answer.status_code in (200, 400, 413), (topic, name)
        assert answer.text in ("kept, not understood", "not for us", "stored"), (topic, name)
    assert stage.shopify_sends("checkouts/update", checkout()).text == "stored"
    assert stage.count("carts") == 1


def test_what_woocommerce_and_its_plugin_signed_is_no_fault_of_ours(stage: Stage) -> None:
    stage.a_woocommerce_shop()
    topics = ("order.created", "order.updated", "product.updated", "customer.updated")
    for topic, (name, body) in itertools.product(topics, BODIES.items()):
        headers = woocommerce_signed(topic, body)
        answer = stage.client.post("/hooks/woocommerce/pots", data=body, headers=headers)
        assert answer.status_code in (200, 400), (topic, name)
    for number, (name, body) in enumerate(BODIES.items()):
        answer = stage.plugin_sends(body, f"a-nonce-of-some-length-{number}")
        assert answer.status_code in (200, 400, 413), name


def test_what_vonage_signed_is_no_fault_of_ours(stage: Stage) -> None:
    stage.an_account()
    for door, (name, body) in itertools.product(("status", "inbound"), BODIES.items()):
        assert stage.vonage_sends(door, body).status_code in (200, 400, 401), (door, name)


def test_a_body_of_more_than_a_megabyte_is_refused_everywhere(stage: Stage) -> None:
    stage.an_account()
    stage.a_shopify_shop()
    stage.a_woocommerce_shop()
    large = b"x" * (1024 * 1024 + 1)
    for rule in doors(stage, "POST", "/hooks/", "/install/", "/pair", "/proxy/"):
        if rule.rule in OPEN:
            continue
        answer = stage.client.post(address_of(stage, rule), data=large)
        assert answer.status_code == 413 or is_refused(rule, answer.status_code), rule.rule


JSONS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=12,
)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(field=st.sampled_from(sorted(checkout())), value=JSONS)
def test_any_value_in_any_field_of_a_checkout_is_taken_or_kept(
    stage: Stage, field: str, value: Any
) -> None:
    if not stage.count("shops"):
        stage.a_shopify_shop()
    try:
        body = json.dumps(checkout() | {field: value}).encode()
    except UnicodeEncodeError:
        return
    answer = stage.shopify_sends("checkouts/update", body)
    assert (answer.status_code, answer.text) in (
        (200, "stored"),
        (200, "kept, not understood"),
        (200, "not for us"),
    )


ODD = [
    "x",
    "é",
    "%00",
    "%0d%0aSet-Cookie:a=b",
    "..%2f..%2fetc%2fpasswd",
    "a" * 2000,
    "%f0%9f%8d%92",
    "'%20OR%201=1--",
    "{{7*7}}",
    "%ff%fe",
    "-1",
    "99999999999999999999999",
]


def test_no_address_is_a_fault_of_ours(stage: Stage) -> None:
    stage.a_woocommerce_shop()
    for rule, odd in itertools.product(doors(stage, "GET", "/"), ODD):
        if rule.endpoint in ("static", "plugin_zip.plugin"):
            continue
        address = address_of(stage, rule, 1)
        names = [name for name in rule.arguments if name != "shop_key"]
        if names:
            address = "/".join(odd if part == "1" else part for part in address.split("/"))
        for query in ("", f"?shop={odd}&code={odd}&state={odd}&user_id={odd}&timestamp={odd}"):
            answer = stage.client.get(address + query, base_url=BASE)
            assert answer.status_code < 500 or answer.status_code == 503, (address, query)
            assert "49" not in (answer.text if "{{" in odd else "")


def test_no_parameter_leads_a_browser_elsewhere(stage: Stage) -> None:
    stage.a_woocommerce_shop()
    ours = ("/", BASE)
    names = "next url redirect return_to return_url host shop continue to target u r goto".split()
    evil = ("https://evil.example/", "//evil.example/", "/\\evil.example", "https:evil.example")
    for rule in doors(stage, "GET", "/"):
        if rule.endpoint == "static":
            continue
        for target in evil:
            query = dict.fromkeys(names, target)
            answer = stage.client.get(address_of(stage, rule, 1), query_string=query, base_url=BASE)
            where = answer.headers.get("Location", "/")
            assert where.startswith(ours) and "evil" not in where.partition("?")[0], rule.rule
            assert not where.startswith("//"), rule.rule


def dump(stage: Stage) -> str:
    """All rows of all tables, but for when a member was last seen."""
    from recovery import tables

    names = [table.name for table in tables.metadata.sorted_tables]
    return repr({name: stage.rows(name) for name in names})


def test_a_form_that_is_not_ours_changes_nothing_at_any_page(stage: Stage) -> None:
    shop = stage.a_woocommerce_shop()
    browser = a_browser(stage, shop)
    browser.get(f"/shops/{shop.key}/", base_url=BASE)
    before, asked = dump(stage), 0
    for rule in doors(stage, "POST", "/shops/", "/enter/leave"):
        for form in ({}, {"form": ""}, {"form": "x" * 32}, {"form": "é"}):
            address = address_of(stage, rule, 1)
            headers = {"Origin": "https://evil.example"}
            answer = browser.post(address, data=form, base_url=BASE, headers=headers)
            asked += 1
            assert answer.status_code in (302, 400), (rule.rule, answer.status_code)
    assert asked >= 36
    assert dump(stage) == before
    assert browser.get(f"/shops/{shop.key}/", base_url=BASE).status_code == 200


def test_a_page_of_a_merchant_carries_what_keeps_browsers_careful(stage: Stage) -> None:
    shop = stage.a_woocommerce_shop()
    browser = a_browser(stage, shop)
    seen = set()
    for rule in doors(stage, "GET", "/shops/"):
        if rule.arguments != {"shop_key"}:
            continue
        answer = browser.get(address_of(stage, rule), base_url=BASE)
        assert answer.status_code == 200, rule.rule
        policy = answer.headers["Content-Security-Policy"]
        nonce = policy.partition("'nonce-")[2].partition("'")[0]
        seen.add(nonce)
        assert "unsafe" not in policy and "frame-ancestors 'none'" in policy, rule.rule
        assert answer.headers["Strict-Transport-Security"].startswith("max-age=")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        page = answer.text
        assert page.count("<script") == page.count(f'nonce="{nonce}"'), rule.rule
        assert '="False"' not in page and '="None"' not in page, rule.rule  # an attribute left on
        assert ' style="' not in page and "<style" not in page, rule.rule
        assert " onclick=" not in page and " onchange=" not in page, rule.rule
        assert len(answer.data) < 100_000, rule.rule
    assert len(seen) >= 9  # a new one for each answer


def test_tokens_of_one_use_open_nothing_else(stage: Stage) -> None:
    from tests.web.test_links import a_letter, token_in

    letter = a_letter(stage, "Teapots")  # nobody can reply to a name: a link stops
    back, stop = token_in(letter, "/r/"), token_in(letter, "/stop/")
    for token, wrong in ((back, ("stop", "confirm", "pair")), (stop, ("r", "confirm", "pair"))):
        for door in wrong:
            assert stage.client.get(f"/{door}/{token}").status_code == 404, door
    assert stage.client.post(f"/stop/{back}").status_code == 404
    assert stage.client.post(f"/confirm/{stop}").status_code == 404
    assert stage.count("suppressions") == 0


@pytest.fixture
def shop(stage: Stage) -> ShopRow:
    return stage.a_woocommerce_shop()


def test_an_entry_link_s_signature_is_no_signature_of_a_cart(stage: Stage, shop: ShopRow) -> None:
    from connectors import entry_links
    from tests.web.stage import PLUGIN_SECRET

    nonce = "0123456789abcdef"
    made = entry_links.query(PLUGIN_SECRET, shop.key, "7", nonce, stage.clock())
    headers = {
        "X-Relance-Timestamp": made["at"],
        "X-Relance-Nonce": nonce,
        "X-Relance-Signature": made["signature"],
    }
    for door in ("carts", "privacy"):
        address = f"/hooks/woocommerce/{shop.key}/{door}"
        assert stage.client.post(address, data=b"{}", headers=headers).status_code == 401
