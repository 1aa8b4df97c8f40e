"""What the merchant, a visitor and a test can do with a shop, over HTTP."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import requests

PASSWORD = "a-password-only-for-tests"


@dataclass(frozen=True)
class Product:
    """A product of the shop; `variations` are ids in the order in which they were told."""

    id: int
    link: str
    variations: list[int] = field(default_factory=list)


class Merchant:
    """The control door of one shop, and a few words for what tests often do."""

    def __init__(self, url: str, secret: str) -> None:
        self.url, self._secret = url, secret
        self._line = requests.Session()
        self._line.trust_env = False

    def door(self, verb: str, **said: Any) -> Any:
        """Ask the shop's control door. Raises `RuntimeError` with what PHP said."""
        answer = self._line.post(
            f"{self.url}/?stand-in={verb}",
            json=said,
            headers={"X-Stand-In": self._secret},
            timeout=60,
        )
        try:
            told = answer.json()
        except ValueError as error:
            raise RuntimeError(f"{verb}: {answer.status_code} {answer.text[:500]}") from error
        if "failed" in told:
            raise RuntimeError(f"{verb}: {told['failed']}")
        return told["answer"]

    def php(self, code: str) -> Any:
        """Run PHP inside the shop (in the frame of a page request); what it returns."""
        return self.door("php", code=code)

    def close(self) -> None:
        """Let go of the line to the shop."""
        self._line.close()

    # -- products, coupons, settings ---------------------------------------------------------

    def add_product(self, name: str, price: str, **more: Any) -> Product:
        """A simple product: `stock`, `sku`, `sold_individually`, `virtual`, `sale_price`, …"""
        return Product(**self.door("add_product", name=name, price=price, **more))

    def add_variable(
        self, name: str, attributes: dict[str, list[str]], variations: list[dict[str, Any]]
    ) -> Product:
        """A product with choices; each variation has `attributes`, `price`, maybe `stock`."""
        told = self.door("add_product", name=name, attributes=attributes, variations=variations)
        return Product(**told)

    def set_product(self, product_id: int, **changes: Any) -> None:
        """Another `price`, `stock`, `stock_status`, `status`; or `delete=True`, `trash=True`."""
        self.door("set_product", id=product_id, **changes)

    def add_coupon(self, code: str, **more: Any) -> int:
        """A coupon: `amount`, `discount_type` (percent, fixed_cart, fixed_product),
        `date_expires` (shop-local text or seconds), `usage_limit`, `email_restrictions`, …"""
        found: int = self.door("add_coupon", code=code, **more)
        return found

    def set_options(self, **options: Any) -> None:
        """WordPress options, e.g. `woocommerce_currency="JPY"`; None deletes."""
        self.door("options", set=options)

    def option(self, name: str) -> Any:
        """One option."""
        return self.door("options", get=[name])[name]

    def switch_currency(self, currency: str, decimals: int = 2) -> None:
        """Prices are in that currency from now on."""
        self.set_options(woocommerce_currency=currency, woocommerce_price_num_decimals=decimals)

    def count_taxes(self, rate: str = "20", *, in_prices: bool = True, shown: bool = True) -> None:
        """Taxes at one rate in percent: typed into the prices or not, shown in cart or not."""
        display = "incl" if shown else "excl"
        self.set_options(
            woocommerce_calc_taxes="yes",
            standin_tax_rate=rate,
            woocommerce_prices_include_tax="yes" if in_prices else "no",
            woocommerce_tax_display_cart=display,
            woocommerce_tax_display_shop=display,
        )

    def use_checkout(self, kind: str) -> None:
        """The page /checkout/ holds the `block` or the `classic` checkout."""
        self.door("checkout_page", kind=kind)

    def switch_language(self, locale: str) -> None:
        """The shop speaks that language ("fr_FR"), as far as plugins bring their own words."""
        self.door("language", locale=locale)

    def export(self, email: str) -> dict[str, Any]:
        """What WordPress's personal-data export finds, by exporter (its first page)."""
        found: dict[str, Any] = self.door("export", email=email)
        return found

    def erase(self, email: str) -> dict[str, Any]:
        """What WordPress's personal-data eraser did, by eraser (its first page)."""
        done: dict[str, Any] = self.door("erase", email=email)
        return done

    # -- what there is -----------------------------------------------------------------------

    def rows(self, table: str) -> list[dict[str, Any]] | None:
        """All rows of a table (its name without `wp_`); None when there is no such table."""
        found: list[dict[str, Any]] | None = self.door("rows", table=table)
        return found

    def orders(self) -> list[dict[str, Any]]:
        """All orders and drafts, as REST shows them, oldest first."""
        found: list[dict[str, Any]] = self.door("orders")
        return found

    def actions(self, hook: str = "") -> list[dict[str, Any]]:
        """Action Scheduler's rows."""
        return [each for each in self.door("actions") if hook in ("", each["hook"])]

    def staff_order(self, **said: Any) -> int:
        """An order made in the admin or by REST: `billing`, `products` {id: pieces}, `status`."""
        made: int = self.door("order", **said)
        return made

    def set_status(self, order_id: int, status: str) -> None:
        """The merchant moves an order on."""
        self.door("order_status", id=order_id, status=status)

    def ship(
        self, order_id: int, parcel: int = 1, status: str = "fulfilled", address: str = ""
    ) -> None:
        """A parcel leaves ("fulfilled"), or its state is another one from now on."""
        parcel_of = {"order": order_id, "parcel": parcel, "status": status, "address": address}
        self.door("ship", **parcel_of, number="N1", carrier="colissimo")

    def api_key(self, permissions: str = "read_write") -> tuple[str, str]:
        """A key for `wc/v3`: consumer key and secret."""
        told = self.door("api_key", permissions=permissions)
        return told["consumer_key"], told["consumer_secret"]

    # -- plugins and people ------------------------------------------------------------------

    def activate(self, plugin: str) -> None:
        """Switch a plugin on, as the merchant does. Nothing may be printed by it."""
        printed = self.door("activate", plugin=plugin)
        if printed:
            raise RuntimeError(f"{plugin} prints on activation: {printed[:200]}")

    def deactivate(self, plugin: str) -> None:
        """Switch it off."""
        self.door("deactivate", plugin=plugin)

    def uninstall(self, plugin: str) -> None:
        """Switch it off and run its uninstall file."""
        self.door("uninstall", plugin=plugin)

    def add_user(self, login: str, role: str = "customer", email: str = "") -> int:
        """Somebody with an account; the password is `merchant.PASSWORD`."""
        email = email or f"{login}@example.com"
        made: int = self.door("add_user", login=login, role=role, email=email, password=PASSWORD)
        return made

    def browser(self, login: str = "", password: str = PASSWORD) -> requests.Session:
        """A browser without scripts; logged in when a login is given (`admin`/`password`)."""
        browser = requests.Session()
        browser.trust_env = False
        browser.headers["User-Agent"] = "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0"
        if login:
            self.log_in(browser, login, "password" if login == "admin" else password)
        return browser

    def log_in(self, browser: requests.Session, login: str, password: str = PASSWORD) -> None:
        """Log in at wp-login.php in that browser."""
        form = {"log": login, "pwd": password, "testcookie": "1", "wp-submit": "Log In"}
        browser.cookies.set("wordpress_test_cookie", "WP Cookie check")
        answer = browser.post(
            f"{self.url}/wp-login.php", data=form, timeout=30, allow_redirects=False
        )
        if answer.status_code != 302:
            raise RuntimeError(f"{login} could not log in: {answer.status_code}")
