"""Links in messages: back to one cart, and out of the texts."""

from __future__ import annotations

import pytest

from recovery import tables
from recovery.letters import Letter
from recovery.states import CartState
from tests.recovery.asked_stories import a_product, a_watch, tick
from tests.recovery.stories import PHONE, a_cart, a_shopper, an_order, record
from tests.web.stage import SHOPPER, Stage

WAY_BACK = "https://atelier-nord.example/recover/c1?key=1&locale=fr"
OURS = "https://relance.example"


def a_letter(stage: Stage, sender: str = "", **different: object) -> Letter:
    """A text about a cart, written and on its way; with its links stored."""
    account = stage.an_account(sender) if sender else stage.an_account()
    begun = stage.clock()
    shop = stage.a_shopify_shop(account_id=account.id, any_hour=True, country="FR", cap_seconds=0)
    cart = a_cart(
        begun, shopper=a_shopper(begun, phone=SHOPPER), **{"way_back": WAY_BACK} | different
    )
    record(stage.database, shop, cart, now=begun)
    (letter,) = stage.what_leaves_after_an_hour(account)
    return letter


def token_in(letter: Letter, path: str) -> str:
    _, _, after = letter.message.text.partition(f"{OURS}{path}")
    return after.split()[0]


def test_a_link_leads_to_the_shops_own_checkout(stage: Stage) -> None:
    token = token_in(a_letter(stage), "/r/")
    answer = stage.client.get(f"/r/{token}")
    assert (answer.status_code, answer.headers["Location"]) == (302, WAY_BACK)
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert "Set-Cookie" not in answer.headers  # it logs nobody in


def test_each_visit_is_counted_and_the_first_one_dated(stage: Stage) -> None:
    token = token_in(a_letter(stage), "/r/")
    first = stage.clock()
    stage.client.get(f"/r/{token}")
    stage.clock.forward(hours=2)
    stage.client.get(f"/r/{token}")
    (link,) = stage.rows("links")
    assert (link.clicks, link.first_clicked_at) == (2, first)


def test_the_path_is_short_and_only_a_hash_of_it_is_stored(stage: Stage) -> None:
    token = token_in(a_letter(stage), "/r/")
    assert len(f"/r/{token}") <= 24
    (link,) = stage.rows("links")
    assert token not in link.token_hash


@pytest.mark.parametrize("token", ["x", "A" * 16, "%00", "..%2f", "é" * 300, "a b"])
def test_an_unknown_link_is_404(stage: Stage, token: str) -> None:
    assert stage.client.get(f"/r/{token}").status_code == 404
    assert stage.client.get(f"/stop/{token}").status_code == 404
    assert stage.client.post(f"/stop/{token}").status_code == 404


def test_after_thirty_days_the_link_has_ended(stage: Stage) -> None:
    token = token_in(a_letter(stage), "/r/")
    stage.clock.forward(days=29)
    assert stage.client.get(f"/r/{token}").status_code == 302
    stage.clock.forward(days=2)
    answer = stage.client.get(f"/r/{token}")
    assert answer.status_code == 410
    assert "https://teapots.myshopify.com" in answer.text


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example/checkout",
        "https://teapots.example.evil.example/checkout",
        "https://evilteapots.example/checkout",
        "https://teapots.example@evil.example/checkout",
        "https://evil.example/https://teapots.example/",
        "http://169.254.169.254/latest",
    ],
)
def test_a_cart_elsewhere_is_led_to_only_by_the_shoppers_own_tap(
    stage: Stage, elsewhere: str
) -> None:
    token = token_in(a_letter(stage, way_back=elsewhere), "/r/")
    answer = stage.client.get(f"/r/{token}")
    assert (answer.status_code, answer.headers.get("Location")) == (200, None)
    assert "Your cart is at another address." in answer.text
    assert [row.subject for row in stage.rows("notices")] == ["shop.1.domain"]


@pytest.mark.parametrize(
    "own",
    [
        "https://www.teapots.example/c",
        "https://fr.teapots.example/c",
        "https://teapots.myshopify.com/1/checkouts/c",
        "https://checkout.shopify.com/c",
    ],
)
def test_a_cart_at_a_domain_of_the_shop_is_led_to_at_once(stage: Stage, own: str) -> None:
    token = token_in(a_letter(stage, way_back=own), "/r/")
    assert stage.client.get(f"/r/{token}").headers["Location"] == own


def test_a_cart_that_is_over_has_an_ended_link(stage: Stage) -> None:
    token = token_in(a_letter(stage), "/r/")
    change = tables.carts.update().values(way_back="javascript:alert(1)")
    stage.database.run(lambda db: db.execute(change))
    assert stage.client.get(f"/r/{token}").status_code == 410


@pytest.mark.parametrize(
    "way_back",
    [
        *("https://a.example/\r\nSet-Cookie: a=b", "https://a.example/\n", "\x01https://a.example"),
        *("https://a.example/\u2028", "https://a.example/\x85", "https://[a", "https://a..example"),
        "https://a.example:port/",
    ],
)
def test_a_way_back_that_no_header_can_hold_has_ended_and_counts_no_click(
    stage: Stage, way_back: str
) -> None:
    token = token_in(a_letter(stage), "/r/")
    change = tables.carts.update().values(way_back=way_back)
    stage.database.run(lambda db: db.execute(change))
    assert stage.client.get(f"/r/{token}").status_code == 410
    (link,) = stage.rows("links")
    assert link.clicks == 0


def test_a_program_that_asks_for_the_head_alone_is_no_click(stage: Stage) -> None:
    token = token_in(a_letter(stage), "/r/")
    answer = stage.client.head(f"/r/{token}")
    assert (answer.status_code, answer.headers["Location"]) == (302, WAY_BACK)
    (link,) = stage.rows("links")
    assert (link.clicks, link.first_clicked_at) == (0, None)


def test_after_the_order_the_link_says_so_and_leads_to_no_cart(stage: Stage) -> None:
    token = token_in(a_letter(stage), "/r/")
    order = an_order(stage.clock(), cart_keys=("token:c1",))
    record(stage.database, stage.the_shop(), order, now=stage.clock())
    (cart,) = stage.rows("carts")
    assert cart.state == CartState.ORDERED
    answer = stage.client.get(f"/r/{token}")
    assert (answer.status_code, WAY_BACK in answer.text) == (200, False)
    assert "ordered" in answer.text


def test_no_page_shows_who_the_shopper_is(stage: Stage) -> None:
    token = token_in(a_letter(stage), "/r/")
    stage.clock.forward(days=31)
    page = stage.client.get(f"/r/{token}").text
    assert not any(part in page for part in ("Ana", "ana@example.com", SHOPPER, SHOPPER[1:]))


def test_a_reader_of_french_gets_french_words(stage: Stage) -> None:
    answer = stage.client.get("/r/nothing", headers={"Accept-Language": "fr-FR,fr;q=0.9"})
    assert 'lang="fr"' in answer.text
    assert "nulle part" in answer.text


def test_only_the_button_stops(stage: Stage) -> None:
    token = token_in(a_letter(stage, sender="Teapots"), "/stop/")
    for _ in range(2):
        assert stage.client.get(f"/stop/{token}").status_code == 200
    assert stage.client.head(f"/stop/{token}").status_code == 200
    assert stage.count("suppressions") == 0
    assert stage.client.post(f"/stop/{token}").status_code == 200
    (stop,) = stage.rows("suppressions")
    assert (stop.address, stop.source) == (SHOPPER, "link")


def test_a_stop_link_does_not_end_with_time(stage: Stage) -> None:
    token = token_in(a_letter(stage, sender="Teapots"), "/stop/")
    stage.clock.forward(days=80)
    assert stage.client.post(f"/stop/{token}").status_code == 200
    assert stage.count("suppressions") == 1


def test_each_link_is_good_for_its_own_purpose_only(stage: Stage) -> None:
    letter = a_letter(stage, sender="Teapots")
    back, out = token_in(letter, "/r/"), token_in(letter, "/stop/")
    assert stage.client.get(f"/r/{out}").status_code == 404
    assert stage.client.post(f"/stop/{back}").status_code == 404
    assert stage.count("suppressions") == 0


def test_the_stop_link_of_a_text_without_a_cart_stops_too(stage: Stage) -> None:
    account = stage.an_account("NORD")
    shop = stage.a_shopify_shop(account_id=account.id, any_hour=True, country="FR")
    begun = stage.clock()
    record(stage.database, shop, a_product(begun, False), a_watch(begun), now=begun)
    record(stage.database, shop, a_product(stage.clock.forward(minutes=1), True), now=stage.clock())
    (letter,) = tick(stage.database, stage.clock())
    token = letter.message.text.partition("/stop/")[2].split()[0]
    assert stage.client.get(f"/stop/{token}").status_code == 200
    assert stage.client.post(f"/stop/{token}").status_code == 200
    assert [row.address for row in stage.rows("suppressions")] == [PHONE]
    assert [row.ended_because for row in stage.rows("requests")] == ["stopped"]
