"""Somebody with a real browser in the WordPress shop, in the words of a shopper."""

from __future__ import annotations

import re
from urllib.parse import unquote

from playwright.sync_api import Browser, Page, Request

from tests.house import PHONE
from tests.standins.wordpress.merchant import Product
from tests.standins.wordpress.shop import Shop

FIELDS = {
    "block": {"email": "#email", "": "#shipping-{}"},
    "classic": {"": "#billing_{}"},
}
CONTACT = ("email", "phone", "first_name", "last_name")
ADDRESS = {
    "first_name": "Mia",
    "last_name": "Muster",
    "address_1": "1 rue des Lilas",
    "postcode": "75011",
    "city": "Paris",
}
BUTTON = {"block": ".wc-block-components-checkout-place-order-button", "classic": "#place_order"}
LINES = {"block": ".wc-block-components-order-summary-item", "classic": ".cart_item .product-name"}
# The block checkout names a variation apart from its product.
LINES_OF_BLOCK = """() => wp.data.select("wc/store/cart").getCartData().items.map((one) =>
    one.quantity + " × " + [one.name, ...one.variation.map((each) => each.value)].join(" - "))"""
PATIENCE = 20_000  # milliseconds


class Guest:
    """A browser with nothing in it. `asked` are the requests that its pages made."""

    def __init__(self, chromium: Browser, shop: Shop, kind: str = "block") -> None:
        self.shop, self.kind = shop, kind
        # By its own name it is a program's browser, whose clicks count for nobody.
        self.context = chromium.new_context(user_agent=PHONE)
        self.context.set_default_timeout(PATIENCE)
        self.context.clock.install()  # goes on by itself, and faster by `waits`
        self.page: Page = self.context.new_page()
        self.asked: list[Request] = []
        self.complaints: list[str] = []
        self.page.on("request", self._note)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _note(self, request: Request) -> None:
        self.asked.append(request)

    # -- filling a cart ----------------------------------------------------------------------

    def takes(self, product: Product, quantity: int = 1, **choices: str) -> Guest:
        """Put a product in the cart, with its choices: `size="Large"`."""
        self.page.goto(product.link)
        for name, value in choices.items():
            self.page.select_option(f"select#{name}", value)
        self.page.fill("input.qty", str(quantity))
        with self.page.expect_navigation():
            self.page.click("button.single_add_to_cart_button")
        return self

    def comes_to_the_checkout(self) -> Guest:
        """See the checkout whole."""
        self.page.goto(f"{self.shop.url}/checkout/")
        self.sees_the_checkout()
        return self

    def sees_the_checkout(self) -> None:
        """Back once the form is drawn and our script, if there is one, has begun."""
        self.page.locator(self.field("email")).wait_for()
        self.page.locator(BUTTON[self.kind]).wait_for()
        self.page.wait_for_function("! window.relanceCapture || window.relanceCaptureRuns")

    def field(self, name: str) -> str:
        """Where a field is found on this checkout."""
        known = FIELDS[self.kind]
        return known.get(name, known[""].format(name))

    def types(self, **fields: str) -> Guest:
        """Type, key by key, as people do, and go to the next field."""
        for name, text in fields.items():
            self.begins_to_type(name, text).page.keyboard.press("Tab")
        return self

    def begins_to_type(self, name: str, text: str) -> Guest:
        """Type, and stay in the field."""
        field = self.page.locator(self.field(name))
        field.fill("")
        field.press_sequentially(text)
        return self

    def ticks(self, channel: str) -> Guest:
        """Tick the box of a channel."""
        self.page.check(f"input[name=relance_{channel}]")
        return self

    def waits(self, seconds: float) -> Guest:
        """Do nothing for so long; the page's own time passes at once."""
        self.page.clock.run_for(int(seconds * 1000))
        return self

    def leaves(self) -> Guest:
        """Go to another site. The browser stays as it is."""
        self.page.goto("about:blank")
        return self

    # -- coming back, ordering ---------------------------------------------------------------

    def follows(self, link: str) -> Guest:
        """Open a link that came by text."""
        self.page.goto(link)
        return self

    def goods(self) -> list[str]:
        """What the checkout lists: "2 × Mug - Large"."""
        self.page.locator(LINES[self.kind]).first.wait_for()
        if self.kind == "block":
            return sorted(self.page.evaluate(LINES_OF_BLOCK))
        return sorted(map(_counted, self.page.locator(LINES[self.kind]).all_inner_texts()))

    def contact(self) -> dict[str, str]:
        """The contact fields of the checkout that are filled in."""
        held = {name: self.page.input_value(self.field(name)) for name in CONTACT}
        return {name: text for name, text in held.items() if text}

    def is_logged_in(self) -> bool:
        """Whether WordPress takes this browser for a user's."""
        names = [cookie["name"] for cookie in self.context.cookies()]
        return any(name.startswith("wordpress_logged_in") for name in names) or bool(
            self.page.locator("body.logged-in").count()
        )

    def orders(self, email: str, **more: str) -> int:
        """Fill in the rest and press the button; the order's number."""
        self.types(email=email)
        for name, text in (ADDRESS | more).items():
            self.page.fill(self.field(name), text)
        self.page.click(BUTTON[self.kind])
        self.page.wait_for_url("**/order-received/**")
        found = re.search(r"/order-received/(\d+)", self.page.url)
        assert found is not None, self.page.url
        return int(found[1])

    def words(self) -> str:
        """Everything that can be read on the page."""
        return self.page.locator("body").inner_text()

    # -- what can be seen of it --------------------------------------------------------------

    def session_key(self) -> str:
        """The key of WooCommerce's session of this browser."""
        named = {cookie["name"]: cookie["value"] for cookie in self.context.cookies()}
        (value,) = [text for name, text in named.items() if "woocommerce_session" in name]
        return re.split(r"\|", unquote(value))[0]

    def posted(self) -> list[str]:
        """Bodies of what left for the plugin's door."""
        return [each.post_data or "" for each in self.asked if "wc-ajax=relance" in each.url]

    def hosts(self) -> set[str]:
        """The hosts that this browser asked for anything."""
        return {each.url.split("/")[2] for each in self.asked if each.url.startswith("http")}

    def goes(self) -> None:
        """Close the browser; nothing may have gone wrong on its pages."""
        self.context.close()
        assert self.complaints == []


def _counted(text: str) -> str:
    text = text.replace("\xa0", " ").strip()
    classic = re.fullmatch(r"(.*?)\s*×\s*(\d+)", text)
    return f"{classic[2]} × {classic[1].strip()}" if classic else text
