"""Every capture of real WooCommerce shops is read into the model, or refused for a reason.

The captures lie beside the project (`RELANCE_CAPTURES`, else `../shared/captures`).
A file that matches no line of the two tables fails, and so does a missing folder.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from datetime import UTC, datetime
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest

from connectors.protocols import AccountStopped, Connection, Forged, Refused, Unreadable, header
from connectors.woocommerce import WooCommerceShop, is_ping
from connectors.woocommerce.answers import Reply, judge
from connectors.woocommerce.fields import moment, parse, parse_row
from connectors.woocommerce.install import read_callback
from connectors.woocommerce.reading import customer_from, order_news, product_from
from recovery.model import Cart, CartGone, CustomerSeen, Order, OrderGone, Product, Seen

ROOT = Path(__file__).resolve().parent.parent.parent
CAPTURES = Path(os.environ.get("RELANCE_CAPTURES", ROOT.parent / "shared" / "captures"))
FOLDER = CAPTURES / "woocommerce"
NOW = datetime(2026, 11, 22, 5, 0, tzinfo=UTC)

pytestmark = pytest.mark.captures

# -- what is read: a pattern and what must come out, in this order ---------------------

HOOKS: list[tuple[str, tuple[type, ...]]] = [
    ("hooks/*order.deleted_wc_*", (OrderGone, CartGone)),
    ("hooks/*order.*_wc*", (Cart, Order)),
    ("hooks/*product.updated_*", (Product,)),
    ("hooks/*customer.*_wc_*", (CustomerSeen,)),
]
ROWS: list[tuple[str, tuple[type, ...]]] = [
    ("rest-order-create*.http", (Cart, Order)),
    ("rest-order-bench_*.http", (Cart,)),
    ("rest-order-classic-checkout.http", (Order,)),
    ("rest-order-from-store-api.http", (Order,)),
    ("rest-order-get-partially-refunded.http", (Order,)),
    ("rest-order-trash.http", (Order,)),  # DELETE answers with the order as it was
    ("rest-order-update.http", (Order,)),
    ("rest-order-with-coupon.http", (Order,)),
    ("rest-orders-https-basic.http", (Cart,)),
    ("rest-orders-list-*.http", (Cart, Order)),
    ("rest-basic-over-https-forwarded.http", (Order,)),
    ("browser-808?-rest-checkout-draft.http", (Cart,)),
    ("wc995-rest-order*-checkout-draft.http", (Cart,)),
    ("rest-orders-checkout-draft-before-place.http", ()),  # 10.9.2: no draft exists
    ("rest-customer-create.http", (CustomerSeen,)),
    ("rest-product-create.http", (Product,)),
    ("rest-products-list.http", (Product,)),
]

# -- what is not for us, and why ---------------------------------------------------------

NOT_FOR_US = {
    "hooks/*coupon.created_*": "coupons are made by us; the shop's own do not matter to a cart",
    "hooks/*action.*": "no substitute for the plugin: the body holds no cart",
}
PINGS = "hooks/*-ping_*"
CALLBACKS = ("hooks/*-other_wc-auth_callback.http", "wcauth-callback-body.http")
ERRORS: dict[str, type[Exception]] = {
    "rest-error-404.http": Refused,
    "rest-error-bad-secret-oauth.http": AccountStopped,
    "rest-error-basic-bad-secret.http": AccountStopped,
    "rest-error-basic-over-http.http": AccountStopped,
    "rest-error-read-only-key.http": AccountStopped,
    "rest-error-unknown-key.http": AccountStopped,
    "rest-coupon-create-duplicate.http": Refused,
    "wcauth-error-http-callback.http": AccountStopped,
}
REFUSED = {
    "*-transcript.txt": "notes of an experiment, not a message of a shop",
    "*session-row.txt": "a row of the shop's own database, which only the plugin sees",
    "db-session-classic-before-place.txt": "a row of the shop's own database",
    "page-*.html": "a page for shoppers",
    "rest-system-status.json": "about the server; of it only the language is read (shop_news)",
    "rest-coupon-after-use.http": "a coupon: read back at its creation only",
    "rest-coupon-create.http": "a coupon without an end, as `date_expires_gmt` makes it",
    "rest-coupon-create-date_expires_gmt-ignored.http": "a coupon without an end",
    "rest-coupons-list.http": "coupons: read back at their creation only",
    "rest-order-note.http": "a note for the staff",
    "rest-refund-create.http": "the answer to a refund; the order itself tells its refunds",
    "rest-variation-create.http": "a variation: its product is what is told",
    "rest-webhook-create.http": "a webhook: read by keep_subscriptions",
    "rest-webhook-disabled.http": "a webhook: read by keep_subscriptions",
    "rest-webhooks-list.http": "webhooks: read by keep_subscriptions",
    "store-*.http": "the Store API: a shopper's own session, which only the plugin sees",
    "wc995-store-*.http": "the Store API: a shopper's own session, which only the plugin sees",
    "classic-*.http": "what a browser posts at the classic checkout",
    "checkout-link-*.http": "a redirect of a shopper's browser",
    "wcauth-[1234]-*.http": "pages between the merchant's browser and the shop",
}


def files() -> list[str]:
    if not FOLDER.is_dir():
        return []
    return sorted(str(path.relative_to(FOLDER)) for path in FOLDER.rglob("*") if path.is_file())


def matching(*patterns: str) -> list[str]:
    return [name for name in files() if any(fnmatch(name, pattern) for pattern in patterns)]


def cases(table: list[tuple[str, tuple[type, ...]]]) -> list[tuple[str, tuple[type, ...]]]:
    """Each file with the first line of the table that it matches."""
    found = []
    for name in files():
        wanted = next((kinds for pattern, kinds in table if fnmatch(name, pattern)), None)
        if wanted is not None and not fnmatch(name, PINGS):
            found.append((name, wanted))
    return found


def hook(name: str) -> tuple[dict[str, str], bytes]:
    """A request as the shop sent it, without the line of who received it when."""
    raw = (FOLDER / name).read_bytes().partition(b"\n")[2]
    head, _, body = raw.partition(b"\n\n")
    headers = dict(line.split(": ", 1) for line in head.decode().splitlines()[1:])
    return headers, body[: int(headers["Content-Length"])]


def reply(name: str) -> Reply:
    """The last answer of an exchange ("> " is what was asked, "< " what was answered)."""
    lines = (FOLDER / name).read_text().split("\n")
    heads = [line.removeprefix("< ") for line in lines if line.startswith("< ")]
    last = max(n for n, line in enumerate(lines) if line.startswith("< "))
    headers = dict(line.split(": ", 1) for line in heads[1:] if ": " in line)
    return Reply(int(heads[0].split()[0]), headers, "\n".join(lines[last + 1 :]).encode())


def shop() -> WooCommerceShop:
    """The shop whose secret was told when its webhooks were made."""
    asked = (FOLDER / "rest-webhook-create.http").read_text().split("\n")
    secret = json.loads(next(line for line in asked if line.startswith("{")))["secret"]
    return WooCommerceShop(Connection("bench", "http://127.0.0.1:8081", {"webhook_secret": secret}))


def rows(name: str) -> list[Any]:
    found = parse(reply(name).content)
    return found if isinstance(found, list) else [found]


def test_the_captures_are_there() -> None:
    assert files(), (
        f"no captures in {FOLDER}: set RELANCE_CAPTURES to the folder that holds woocommerce/, "
        "or leave these tests out with -m 'not captures'"
    )


def test_every_file_is_either_read_or_refused_for_a_reason() -> None:
    known = [pattern for pattern, _ in (*HOOKS, *ROWS)]
    known += [*NOT_FOR_US, PINGS, *CALLBACKS, *ERRORS, *REFUSED]
    strangers = [name for name in files() if not any(fnmatch(name, one) for one in known)]
    assert strangers == []
    assert all(reason for reason in (*NOT_FOR_US.values(), *REFUSED.values()))


def test_no_file_is_both_read_and_refused() -> None:
    read = {name for name, _ in (*cases(HOOKS), *cases(ROWS))}
    other = set(matching(*NOT_FOR_US, *REFUSED, *CALLBACKS, *ERRORS))
    assert read & other == set()


@pytest.mark.parametrize(("name", "kinds"), cases(HOOKS))
def test_a_captured_webhook_is_genuine_and_read(name: str, kinds: tuple[type, ...]) -> None:
    headers, body = hook(name)
    woo = shop()
    woo.verify(headers, body)
    with pytest.raises(Forged):
        woo.verify(headers, body + b" ")
    seen = woo.read(headers, body, NOW)
    assert seen
    assert all(isinstance(one, kinds) for one in seen)
    for one in seen:
        agrees(one, parse_row(body))


@pytest.mark.parametrize(("name", "kinds"), cases(ROWS))
def test_a_captured_answer_is_read(name: str, kinds: tuple[type, ...]) -> None:
    readers: dict[type, Callable[[Any], tuple[Seen, ...]]] = {
        CustomerSeen: lambda row: (customer_from(row, "{}"),),
        Product: lambda row: (product_from(row, "{}"),),
    }
    judged = judge(reply(name), reading=True)
    for row in rows(name):
        read = readers.get(kinds[0], lambda one: order_news(one, "{}", "poll"))
        (one,) = read(row)
        assert isinstance(one, kinds)
        agrees(one, row)
    assert judged.at is not None
    assert bool(rows(name)) == bool(kinds)


def agrees(one: Seen, row: Any) -> None:
    """Does what was read say what the row says?"""
    if isinstance(one, Cart | Order):
        assert str(row["id"]) in one.key
        assert f"{one.totals.total:f}" == row["total"]
        assert (one.shopper.email or "") == row["billing"]["email"]
        assert (one.shopper.phone or "") == (row["billing"]["phone"] or row["shipping"]["phone"])
        assert [line.sku or "" for line in one.lines] == [x["sku"] for x in row["line_items"]]
        assert one.changed_at == datetime.fromisoformat(row["date_modified_gmt"] + "+00:00")
        assert one.raw
    if isinstance(one, Cart):
        assert row["status"] in ("checkout-draft", "pending", "failed")
        payable = row["status"] != "checkout-draft" and row["customer_id"] == 0
        assert one.way_back == (row["payment_url"] if payable else None)
    if isinstance(one, Order):
        assert row["status"] in ("processing", "completed")
        assert one.paid == bool(row["date_paid_gmt"])


@pytest.mark.parametrize("name", matching(PINGS))
def test_a_captured_ping_is_known(name: str) -> None:
    headers, body = hook(name)
    assert is_ping(headers, body)


@pytest.mark.parametrize("name", matching(*NOT_FOR_US))
def test_other_captured_topics_are_genuine_and_not_for_us(name: str) -> None:
    headers, body = hook(name)
    woo = shop()
    # The action webhooks were made with other secrets; their topic alone decides.
    if not fnmatch(name, "hooks/*action.*"):
        woo.verify(headers, body)
    assert not is_ping(headers, body)
    assert header(headers, "X-WC-Webhook-Topic")
    assert woo.read(headers, body, NOW) == ()


@pytest.mark.parametrize("name", matching(*CALLBACKS))
def test_a_captured_callback_holds_keys(name: str) -> None:
    body = (FOLDER / name).read_bytes().rpartition(b"\n\n")[2].strip() or b"{}"
    if not body.startswith(b"{"):
        body = hook(name)[1]
    assert read_callback(body).user_id == "tenant-42"


@pytest.mark.parametrize(("name", "wanted"), ERRORS.items())
def test_a_captured_error_is_told_in_our_words(name: str, wanted: type[Exception]) -> None:
    with pytest.raises(wanted):
        judge(reply(name), reading=True)


@pytest.mark.parametrize("name", matching("rest-coupon-create*.http"))
def test_a_captured_coupon_made_with_the_ignored_date_has_no_end(name: str) -> None:
    if name in ERRORS:
        return
    assert moment(rows(name)[0], "date_expires_gmt") is None


@pytest.mark.parametrize("name", matching(*REFUSED))
def test_whatever_is_refused_never_becomes_a_cart_by_mistake(name: str) -> None:
    """Sent to our door as an order's webhook, it is unreadable, or not for us."""
    body = (FOLDER / name).read_bytes()
    payloads = [body]
    if name.endswith(".http"):
        payloads.append(reply(name).content)
    for one in payloads:
        try:
            seen = shop().read({"X-WC-Webhook-Topic": "order.updated"}, one, NOW)
        except Unreadable:
            continue
        assert seen == ()
