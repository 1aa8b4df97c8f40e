"""Somebody who shops, with a browser that runs no scripts: says what the script would say."""

from __future__ import annotations

import html
import json
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import requests

if TYPE_CHECKING:
    from tests.plugin.relance_shop import RelanceShop

PHONE, EMAIL = "+33612345678", "zoe@example.com"
TIME_OUT = 60  # seconds
ADDRESS = {
    "first_name": "Zoé",
    "last_name": "Petit",
    "address_1": "7 rue du Port",
    "city": "Brest",
    "postcode": "29200",
    "country": "FR",
}


class Visitor:
    """One browser at one shop."""

    def __init__(self, shop: RelanceShop, login: str = "") -> None:
        self.shop = shop
        self.session = shop.browser(login)
        self.nonce = ""

    def get(self, path: str, **more: Any) -> requests.Response:
        """A page; `path` may be a whole address."""
        more = {"timeout": TIME_OUT, "allow_redirects": False} | more
        return self.session.get(self._whole(path), **more)

    def post(self, path: str, **more: Any) -> requests.Response:
        """A form, or JSON."""
        more = {"timeout": TIME_OUT, "allow_redirects": False} | more
        return self.session.post(self._whole(path), **more)

    def _whole(self, path: str) -> str:
        return path if path.startswith("http") else self.shop.url + path

    # -- the cart ---------------------------------------------------------------------------

    def put(self, product_id: int, quantity: int = 1, **chosen: Any) -> None:
        """Add to the cart."""
        form = {"add-to-cart": product_id, "quantity": quantity} | chosen
        answer = self.post("/", data=form)
        assert answer.status_code == 200, answer.text

    def change(self, quantity: int) -> None:
        """Another quantity of the first line, on the cart page."""
        page = self.get("/cart/").text
        form = {f"cart[{_found(r'cart.([0-9a-f]{32}).', page)}][qty]": quantity}
        form |= {
            "update_cart": "1",
            "woocommerce-cart-nonce": _field("woocommerce-cart-nonce", page),
        }
        assert self.post("/cart/", data=form).status_code == 302

    def remove(self) -> None:
        """The first line leaves the cart."""
        link = _found(r'href="([^"]*remove_item=[^"]*)"', self.get("/cart/").text)
        assert self.get(html.unescape(link)).status_code == 302

    def use_coupon(self, code: str) -> None:
        """Type a code on the cart page."""
        self.post("/cart/", data={"apply_coupon": "1", "coupon_code": code})

    def store(self, path: str, message: Any = None) -> Any:
        """A request of the block checkout to the Store API; its answer's JSON."""
        where = f"/wp-json/wc/store/v1/{path}"
        if message is None:
            return self.get(where).json()
        nonce = self.get("/wp-json/wc/store/v1/cart").headers["Nonce"]
        answer = self.post(where, json=message, headers={"Nonce": nonce})
        assert answer.ok, answer.text
        return answer.json()

    def contents(self) -> dict[int, int]:
        """What is in the cart: product or variation → quantity."""
        return {line["id"]: line["quantity"] for line in self.store("cart")["items"]}

    def coupons(self) -> list[str]:
        """The codes in the cart."""
        return sorted(one["code"] for one in self.store("cart")["coupons"])

    def open_checkout(self) -> dict[str, Any]:
        """What the block checkout asks first."""
        nonce = self.get("/wp-json/wc/store/v1/cart").headers["Nonce"]
        answer = self.get("/wp-json/wc/store/v1/checkout", headers={"Nonce": nonce})
        told: dict[str, Any] = answer.json()
        return told

    def key(self) -> str | None:
        """The key of the cart in this browser's session."""
        (row,) = [
            row
            for row in self.shop.rows("woocommerce_sessions") or []
            if any(row["session_key"] in value for value in self.session.cookies.values())
        ]
        found = re.search(r's:12:"relance_cart";s:36:"([0-9a-f-]{36})"', row["session_value"])
        return found[1] if found else None

    # -- what the script says ---------------------------------------------------------------

    def config(self, path: str = "/checkout/") -> dict[str, Any]:
        """What the checkout tells the script."""
        page = self.get(path).text
        told: dict[str, Any] = json.loads(_found(r"window\.relanceCapture = (\{.*\});", page))
        self.nonce = told["nonce"]
        return told

    def capture(self, said: dict[str, Any] | bytes, **headers: str) -> requests.Response:
        """What the script sends. A header that is "" is left out."""
        if not self.nonce:
            self.nonce = guest_nonce(self.shop)
        body = said if isinstance(said, bytes) else json.dumps(said).encode()
        heads = {
            "Content-Type": "application/json",
            "Sec-Fetch-Site": "same-origin",
            "X-Relance-Nonce": self.nonce,
        } | {name.replace("_", "-"): value for name, value in headers.items()}
        kept = {name: value for name, value in heads.items() if value}
        return self.post("/?wc-ajax=relance_capture", data=body, headers=kept)

    def agree(self, **said: Any) -> requests.Response:
        """The box for texts is ticked beside a phone; more or other words by name."""
        message = {"phone": PHONE, "country": "FR", "consents": {"sms": True}, "why": "ticked"}
        return self.capture(message | said)

    # -- in the back office ------------------------------------------------------------------

    def press(self, action: str, page: str = "admin.php?page=relance", **fields: str) -> str:
        """Send the form with this action as the page has it; the page after it."""
        answer = self.answer_to(action, page, **fields)
        assert answer.status_code == 302, answer.text
        return self.get(answer.headers["Location"]).text

    def answer_to(
        self, action: str, page: str = "admin.php?page=relance", **fields: str
    ) -> requests.Response:
        """Send the form with this action as the page has it; what is answered."""
        shown = self.get(f"/wp-admin/{page}").text
        form = _found(rf'(?s)(<form[^>]*>(?:(?!</form>).)*value="{action}".*?</form>)', shown)
        hidden = re.findall(r'<input type="hidden"[^>]* name="([^"]+)" value="([^"]*)"', form)
        return self.post("/wp-admin/admin-post.php", data=dict(hidden) | fields)

    # -- the order --------------------------------------------------------------------------

    def order_classic(self, **more: str) -> int:
        """Place the order on the classic checkout; its id."""
        page = self.get("/classic-checkout/").text
        name = "woocommerce-process-checkout-nonce"
        form = {f"billing_{part}": text for part, text in ADDRESS.items()}
        form |= {name: _field(name, page), "payment_method": "cod", "billing_email": EMAIL}
        told = self.post("/?wc-ajax=checkout", data=form | more).json()
        return int(told.get("order_id") or 0)

    def order_block(self, method: str = "cod") -> int:
        """Place the order on the block checkout; its id."""
        message = {"billing_address": ADDRESS | {"email": EMAIL}, "payment_method": method}
        return int(self.store("checkout", message)["order_id"])


@contextmanager
def held_capture(visitor: Visitor, said: dict[str, Any]) -> Iterator[None]:
    """A capture of the same browser stands still before it writes; afterwards it goes on."""
    held = visitor.shop.folder / "held"
    late = Visitor(visitor.shop)
    late.session.cookies.update(visitor.session.cookies)
    answers: list[int] = []

    def type_on() -> None:
        answers.append(late.capture(said, X_Aside_Hold="1").status_code)

    typing = threading.Thread(target=type_on)
    typing.start()
    until = time.monotonic() + 10
    while not held.exists() and time.monotonic() < until:
        time.sleep(0.01)
    assert held.exists(), "the capture did not come to where it writes"
    yield
    held.unlink()
    typing.join(20)
    assert answers == [200]


_nonces: dict[str, str] = {}


def guest_nonce(shop: RelanceShop) -> str:
    """The nonce that the script gets in any guest's checkout."""
    if shop.url not in _nonces:
        guest = Visitor(shop)
        guest.put(shop.shirt.id)
        _nonces[shop.url] = guest.config()["nonce"]
        shop.php('global $wpdb; return $wpdb->query( "DELETE FROM {$wpdb->prefix}relance_carts" );')
    return _nonces[shop.url]


def _field(name: str, page: str) -> str:
    return _found(rf'name="{name}" value="(\w+)"', page)


def _found(pattern: str, text: str) -> str:
    match = re.search(pattern, text)
    assert match, f"{pattern} is not in\n{text[:2000]}"
    return match[1]
