"""The way back: a link fills one cart again, in whatever browser, and nothing else."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest

from tests.plugin.relance_shop import RelanceShop
from tests.plugin.visitor import EMAIL, PHONE, Visitor

pytest_plugins = ["tests.plugin.shop_fixtures"]


class Saved:
    """A cart that somebody left: two shirts, one large mug and a coupon."""

    def __init__(self, shop: RelanceShop) -> None:
        shop.coupon("save10", amount="1", discount_type="fixed_cart")
        self.shop, self.large = shop, shop.mug.variations[1]
        self.shopper = shop.visitor(shop.shirt, 2)
        self.shopper.put(shop.mug.id, 1, variation_id=self.large, attribute_size="Large")
        self.shopper.use_coupon("save10")
        self.shopper.agree()
        self.key = str(self.shopper.key())
        self.all = {shop.shirt.id: 2, self.large: 1}

    def link(self, seconds: int = 3600, key: str = "") -> str:
        """Its link, good for so long."""
        found: str = self.shop.run(
            "return Relance_Restore::url( $key, time() + $seconds );",
            key=key or self.key,
            seconds=seconds,
        )
        return found

    def edit(self, **fields: Any) -> None:
        """Other fields of its row."""
        self.shop.run("return Relance_Store::save( $key, $fields );", key=self.key, fields=fields)


@pytest.fixture
def saved(relance_shop: RelanceShop) -> Saved:
    """A cart that waits, and the service has it."""
    cart = Saved(relance_shop)
    relance_shop.send()
    return cart


def notes(page: str) -> list[str]:
    """What a page of the way back has to say."""
    return [html.unescape(one) for one in re.findall(r"<li>(.*?)</li>", page)]


def test_a_link_fills_the_cart_in_another_browser(saved: Saved) -> None:
    other = Visitor(saved.shop)
    answer = other.get(saved.link())
    assert (answer.status_code, answer.headers["Location"]) == (302, f"{saved.shop.url}/checkout/")
    assert other.contents() == saved.all and other.coupons() == ["save10"]
    assert other.key() == saved.key
    assert not any("logged_in" in name for name in other.session.cookies.get_dict())
    page = other.get("/checkout/").text
    assert "T-shirt" in page and PHONE not in page


def test_the_link_that_the_service_was_told_is_such_a_link(saved: Saved) -> None:
    (cart,) = saved.shop.receiver.posts[-1].carts
    other = Visitor(saved.shop)
    assert other.get(str(cart.way_back)).status_code == 302
    assert other.contents() == saved.all


def test_a_link_may_be_opened_again_and_in_the_first_browser(saved: Saved) -> None:
    other = Visitor(saved.shop)
    for visitor in (other, other, saved.shopper, saved.shopper):
        assert visitor.get(saved.link()).status_code == 302
        assert visitor.contents() == saved.all


def test_filling_is_no_change_of_the_shoppers(saved: Saved) -> None:
    before = saved.shop.cart()
    other = Visitor(saved.shop)
    other.get(saved.link())
    assert saved.shop.cart() == before
    other.change(5)
    row = saved.shop.cart()
    assert row["waiting"] == 1 and row["snapshot"]["lines"][0]["quantity"] == 5
    assert row["contact"] == before["contact"]


def test_the_order_of_a_restored_cart_names_it(saved: Saved) -> None:
    other = Visitor(saved.shop)
    other.get(saved.link())
    order = other.order_classic()
    meta = saved.shop.run("return wc_get_order( $id )->get_meta( '_relance_cart' );", id=order)
    assert meta == saved.key
    assert saved.shop.cart()["order_id"] == order


def test_the_script_may_refill_the_contact_only_after_a_link(saved: Saved) -> None:
    assert saved.shopper.config()["restored"] is False
    other = Visitor(saved.shop)
    other.get(saved.link())
    assert other.config()["restored"] is True


def test_a_link_that_is_not_ours_opens_nothing_and_sets_no_cookie(saved: Saved) -> None:
    link = saved.link()
    other = Visitor(saved.shop)
    for bad in (
        f"{link[:-2]}xx",
        link.replace(saved.key, saved.key[::-1]),
        re.sub(r"\.(\d{9,})\.", lambda end: f".{int(end[1]) + 9}.", link),
        f"{saved.shop.url}/?relance_restore[]=x",
        f"{saved.shop.url}/?relance_restore=",
    ):
        answer = other.get(bad)
        assert answer.status_code == 404, bad
        assert "This link is not known" in answer.text
    assert not other.session.cookies
    assert other.contents() == {}


def test_a_link_ends_at_its_date_and_with_its_cart(saved: Saved) -> None:
    other = Visitor(saved.shop)
    assert other.get(saved.link(-1)).status_code == 410
    assert other.get(saved.link(key="no-such-cart")).status_code == 410
    link = saved.link()
    saved.edit(deleted=1)
    assert other.get(link).status_code == 410
    saved.shopper.capture({"declined": True})
    assert other.get(link).status_code == 410
    assert "not kept any more" in other.get(link).text
    assert other.contents() == {}


def test_no_page_of_it_is_cached_found_or_framed(saved: Saved) -> None:
    for link in (saved.link(), f"{saved.shop.url}/?relance_restore=x"):
        heads = Visitor(saved.shop).get(link).headers
        assert "no-store" in heads["Cache-Control"]
        assert heads["X-Robots-Tag"] == "noindex, nofollow"
        assert heads["Referrer-Policy"] == "no-referrer"
        assert "frame-ancestors 'none'" in heads["Content-Security-Policy"]


# -- who looks at links ----------------------------------------------------------------------


def test_a_program_that_looks_at_the_link_gets_a_button_and_no_cart(saved: Saved) -> None:
    for agent in (
        "facebookexternalhit/1.1",
        "WhatsApp/2.24",
        "Slackbot-LinkExpanding 1.0",
        "Mozilla/5.0 (compatible; Googlebot/2.1)",
        "",
    ):
        other = Visitor(saved.shop)
        other.session.headers["User-Agent"] = agent
        answer = other.get(saved.link())
        assert answer.status_code == 200 and "Open my cart" in answer.text, agent
        assert not other.session.cookies
    opened = other.post(saved.link(), data={"relance_choice": "open"})
    assert opened.status_code == 302  # a person with a strange browser presses the button
    assert other.contents() == saved.all


def test_a_telephone_called_cubot_is_no_bot(saved: Saved) -> None:
    other = Visitor(saved.shop)
    other.session.headers["User-Agent"] = "Mozilla/5.0 (Linux; Android 12; CUBOT NOTE 20) Chrome"
    assert other.get(saved.link()).status_code == 302


def test_fetching_ahead_fills_nothing(saved: Saved) -> None:
    other = Visitor(saved.shop)
    assert other.get(saved.link(), headers={"Sec-Purpose": "prefetch"}).status_code == 503
    assert other.session.head(saved.link(), timeout=30).status_code == 200
    assert other.contents() == {}


# -- what changed meanwhile ------------------------------------------------------------------


def test_what_is_short_or_costs_something_else_is_said(saved: Saved) -> None:
    saved.shop.set_product(saved.shop.shirt.id, stock=1)
    saved.shop.set_product(saved.large, price="60.00")
    before = saved.shop.cart()
    other = Visitor(saved.shop)
    answer = other.get(f"{saved.link()}&relance_coupon=NOPE")
    assert answer.status_code == 200
    said = notes(answer.text)
    assert said[0] == "Only 1 of “T-shirt” left. Your cart had 2."
    assert re.match(r"“Mug - Large” costs .*60.00.* now\. It cost .*12.00", said[1])
    assert said[2].startswith("The code “nope” is not accepted any more.")
    assert other.contents() == {saved.shop.shirt.id: 1, saved.large: 1}
    assert saved.shop.cart() == before  # what was left stays as it was left
    assert other.get(saved.link()).status_code == 302  # it was said


def test_what_is_gone_is_named_by_its_old_name(saved: Saved) -> None:
    hat = saved.shop.add_product("Hat", "5.00")
    visitor = saved.shop.visitor(hat)
    visitor.put(saved.shop.shirt.id)
    visitor.agree()
    saved.shop.set_product(hat.id, delete=True)
    other = Visitor(saved.shop)
    answer = other.get(saved.link(key=str(visitor.key())))
    assert "“Hat” is not sold any more." in notes(answer.text)
    assert other.contents() == {saved.shop.shirt.id: 1}


def test_where_nothing_is_left_no_cart_is_begun(saved: Saved) -> None:
    saved.shop.set_product(saved.shop.shirt.id, stock=0)
    saved.shop.set_product(saved.large, stock=0)
    other = Visitor(saved.shop)
    answer = other.get(saved.link())
    assert "None of these items is available now" in answer.text
    assert notes(answer.text) == ["“T-shirt” is sold out.", "“Mug - Large” is sold out."]
    assert other.contents() == {}


def test_a_cart_that_was_ordered_is_not_filled_again(saved: Saved) -> None:
    order = saved.shopper.order_classic()
    other = Visitor(saved.shop)
    answer = other.get(saved.link())
    assert answer.status_code == 410 and "ordered already" in answer.text
    assert other.contents() == {}
    assert order == saved.shop.cart()["order_id"]


def test_an_order_that_was_never_paid_is_no_end(saved: Saved) -> None:
    order = saved.shop.staff_order(billing={"email": EMAIL}, status="failed")
    saved.edit(order_id=order)
    other = Visitor(saved.shop)
    assert other.get(saved.link()).status_code == 302
    assert other.contents() == saved.all
    other.change(1)  # and it is still this cart
    assert other.key() == saved.key


def test_another_currency_is_said_and_no_price_compared(saved: Saved) -> None:
    saved.shop.switch_currency("USD")
    answer = Visitor(saved.shop).get(saved.link())
    assert notes(answer.text) == [
        "Prices are shown in USD now. When you filled this cart, they were shown in EUR."
    ]


def test_the_page_speaks_the_language_of_the_shop(saved: Saved) -> None:
    saved.shop.switch_language("fr_FR")
    page = Visitor(saved.shop).get(saved.link(-1)).text
    assert '<html lang="fr-FR"' in page and "Ce panier n’est plus gardé" in page


# -- a cart is there already -----------------------------------------------------------------


@pytest.fixture
def other(saved: Saved) -> Visitor:
    """Somebody with a captured cart of their own: one small mug."""
    visitor = Visitor(saved.shop)
    small = saved.shop.mug.variations[0]
    visitor.put(saved.shop.mug.id, 1, variation_id=small, attribute_size="Small")
    visitor.agree(phone="+33699999999")
    return visitor


def choose(visitor: Visitor, link: str, choice: str, nonce: str = "") -> int:
    """Press one of the three buttons; the status."""
    page = visitor.get(link).text
    found = re.search(r'_wpnonce" value="(\w+)"', page)
    given = nonce or (found[1] if found else "")
    return visitor.post(link, data={"_wpnonce": given, "relance_choice": choice}).status_code


def test_a_cart_that_is_there_is_never_thrown_away_unasked(saved: Saved, other: Visitor) -> None:
    own = other.key()
    page = other.get(saved.link()).text
    assert "You already have a cart here" in page
    assert {"2 × T-shirt", "1 × Mug - Large", "1 × Mug - Small"} <= set(notes(page))
    assert choose(other, saved.link(), "replace", "0123456789") == 200
    assert choose(other, saved.link(), "keep") == 302
    assert other.contents() == {saved.shop.mug.variations[0]: 1}
    assert other.key() == own


def test_both_carts_become_one_and_only_once(saved: Saved, other: Visitor) -> None:
    own = other.key()
    both = saved.all | {saved.shop.mug.variations[0]: 1}
    link = saved.link()
    page = other.get(link).text
    nonce = re.findall(r'_wpnonce" value="(\w+)"', page)[0]
    assert choose(other, link, "add") == 302
    assert other.contents() == both and other.key() == saved.key
    assert choose(other, link, "add", nonce) == 302
    assert other.contents() == both
    rows = {row["cart_key"]: row for row in saved.shop.carts()}
    assert (rows[str(own)]["deleted"], rows[str(own)]["waiting"]) == (1, 1)
    assert rows[saved.key]["deleted"] == 0


def test_the_saved_cart_may_take_the_place_of_the_other(saved: Saved, other: Visitor) -> None:
    assert choose(other, saved.link(), "replace") == 302
    assert other.contents() == saved.all and other.key() == saved.key


def test_a_strangers_nonce_chooses_nothing(saved: Saved, other: Visitor) -> None:
    page = other.get(saved.link()).text
    nonce = re.findall(r'_wpnonce" value="(\w+)"', page)[0]
    victim = saved.shop.visitor(saved.shop.shirt, 7)
    assert choose(victim, saved.link(), "replace", nonce) == 200
    assert victim.contents() == {saved.shop.shirt.id: 7}


def test_a_browser_that_holds_the_same_things_goes_on(saved: Saved) -> None:
    same = saved.shop.visitor(saved.shop.shirt, 2)
    same.put(saved.shop.mug.id, 1, variation_id=saved.large, attribute_size="Large")
    assert same.get(saved.link()).status_code == 302
    assert same.contents() == saved.all and same.key() == saved.key


# -- codes -----------------------------------------------------------------------------------


def test_the_code_of_the_link_is_applied_with_the_carts_own(saved: Saved) -> None:
    saved.shop.coupon("back5", amount="5", discount_type="fixed_cart")
    other = Visitor(saved.shop)
    assert other.get(f"{saved.link()}&relance_coupon=BACK5").status_code == 302
    assert other.coupons() == ["back5", "save10"]


def test_a_code_for_one_address_waits_until_it_is_typed(saved: Saved) -> None:
    saved.shop.coupon("mine", amount="2", email_restrictions=[EMAIL])
    other = Visitor(saved.shop)
    page = other.get(f"{saved.link()}&relance_coupon=MINE").text
    assert "belongs to your e-mail address" in page
    assert other.coupons() == ["save10"]
    other.store("cart/update-customer", {"billing_address": {"email": "else@example.com"}})
    assert other.coupons() == ["save10"]
    other.store("cart/update-customer", {"billing_address": {"email": EMAIL}})
    assert other.coupons() == ["mine", "save10"]


def test_a_code_that_stands_alone_says_which_one_gave_way(saved: Saved) -> None:
    saved.shop.coupon("alone", amount="9", discount_type="fixed_cart", individual_use=True)
    other = Visitor(saved.shop)
    page = other.get(f"{saved.link()}&relance_coupon=alone").text
    assert other.coupons() == ["alone"]
    assert any("“save10” is not used" in note for note in notes(page))
    assert other.get(f"{saved.link()}&relance_coupon=alone").status_code == 302


def test_a_code_with_markup_is_shown_as_text(saved: Saved) -> None:
    page = Visitor(saved.shop).get(f"{saved.link()}&relance_coupon=<script>x</script>b").text
    assert "<script" not in page


def test_lines_that_others_bring_along_and_odd_rows_do_no_harm(saved: Saved) -> None:
    shirt = saved.shop.shirt.id
    plain = {"product_id": shirt, "variation_id": 0, "variation": {}, "quantity": 1}
    saved.edit(
        snapshot={
            "currency": "EUR",
            "coupons": [["x"], 5],
            "lines": "none",
            "restore": [
                plain | {"cart_item_data": {"engraving": "Bob"}},
                plain | {"cart_item_data": {"bundled_by": "x"}},
                plain | {"quantity": "many"},
                plain | {"product_id": "x"},
                "nonsense",
            ],
        }
    )
    other = Visitor(saved.shop)
    assert other.get(saved.link()).status_code == 302
    assert other.contents() == {shirt: 1}
