"""A shopper at one of the two checkouts, in the words of a shopper."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Locator, Page

from tests.plugin.browser.shop import Shop

KEYS = 3  # that are pressed one by one
IDS = {
    "classic": {
        "email": "#billing_email",
        "phone": "#billing_phone",
        "first_name": "#billing_first_name",
        "address": "#billing_address_1",
        "country": "#billing_country",
    },
    "block": {
        "email": "#email",
        "phone": "#shipping-phone",
        "first_name": "#shipping-first_name",
        "address": "#shipping-address_1",
        "country": "#shipping-country",
    },
}


CLEAN = """() => {
    // The page that is left has nothing more to say, and nothing more to keep.
    window.fetch = undefined;
    try { localStorage.clear() } catch { /* a browser that keeps nothing */ }
    Object.defineProperty( window, 'localStorage', { value: undefined } );
}"""


class Checkout:
    """The page, and what a shopper does on it. Time on the page goes by only through `pause`
    and while the test itself takes its time."""

    def __init__(self, kind: str, page: Page, shop: Shop) -> None:
        self.kind = kind
        self.page = page
        self.shop = shop
        self.complaints: list[str] = []
        page.on("pageerror", self._hear_of_an_error)
        page.on("console", self._hear)

    def go(self) -> None:
        """Turn away without a word to the shop. The next shopper finds this browser clean."""
        self.page.remove_listener("pageerror", self._hear_of_an_error)
        self.page.remove_listener("console", self._hear)
        self.page.context.clear_cookies()
        self.page.evaluate(CLEAN)

    def _hear_of_an_error(self, error: Any) -> None:
        self.complaints.append(str(error))

    def _hear(self, message: Any) -> None:
        # The browser itself notes each failed request; that is no doing of the script.
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.complaints.append(message.text)

    def open(self) -> Checkout:
        """Come to the checkout, and see it whole."""
        self.page.goto(f"{self.shop.address}/checkout/{self.kind}")
        self.field("email").wait_for()
        if self.kind == "block":
            self.page.wait_for_function("!! ( window.wp && window.wp.data )")
        self.pause(150)
        return self

    def field(self, name: str) -> Locator:
        """The field of that name."""
        return self.page.locator(IDS[self.kind][name])

    def box(self, channel: str) -> Locator:
        """The box of a channel."""
        return self.page.locator(f'input[name="relance_{channel}"]')

    def type(self, name: str, text: str) -> None:
        """The beginning at one go, as keyboards suggest it, the end key by key. Then stay there."""
        field = self.field(name)
        field.focus()
        self.page.keyboard.insert_text(text[:-KEYS])
        field.press_sequentially(text[-KEYS:])

    def tick(self, channel: str) -> None:
        """Tick the box."""
        self.box(channel).check()

    def untick(self, channel: str) -> None:
        """Untick the box."""
        self.box(channel).uncheck()

    def pause(self, milliseconds: int) -> None:
        """Do nothing for a while."""
        self.page.clock.run_for(milliseconds)

    def leave(self) -> None:
        """Go to another page of the shop."""
        self.page.goto(f"{self.shop.address}/elsewhere")

    def place_order(self) -> None:
        """Place the order, and see the thank-you page."""
        self.page.locator("#place_order").click()
        self.page.wait_for_url("**/order-received/**")

    def kept(self) -> Any:
        """What the script left in this browser."""
        return self.page.evaluate("JSON.parse( localStorage.getItem( 'relance_contact' ) )")

    def value(self, name: str) -> str:
        """What stands in a field."""
        return self.field(name).input_value()

    def draw_anew(self) -> None:
        """The page replaces its parts: the review on the classic one, everything on the block."""
        if self.kind == "block":
            self.page.evaluate("window.drawAnew()")
        else:
            self.page.evaluate("jQuery( '#billing_postcode' ).val( '38000' ).trigger( 'change' )")
            self.page.clock.run_for(50)
            self.page.wait_for_function(
                "document.querySelector( '.order-total' ).textContent === '2'"
            )
        self.pause(300)
