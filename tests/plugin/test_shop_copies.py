"""A copy of a shop holds the carts of real shoppers: it must not send them."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from typing import Any

import pytest

from in_shop.wordpress import pack
from tests.plugin.relance_shop import ASIDE, RelanceShop
from tests.plugin.visitor import PHONE, Visitor

pytest_plugins = ["tests.plugin.shop_fixtures"]

SAME, ENDS = "This is still the same shop", "Disconnect"


def move(shop: RelanceShop, address: str) -> None:
    """As if this shop had been connected there."""
    shop.run(
        "return update_option( 'relance_address', bin2hex( $address ) );",
        address=address,
    )


def may_be_a_copy(page: str) -> bool:
    """Whether a page of the back office asks."""
    return SAME in page and "Until you decide, nothing is captured" in page


@pytest.fixture
def copy(relance_shop: RelanceShop) -> Iterator[RelanceShop]:
    """The whole database of a connected shop, with a cart that waits, at another address."""
    relance_shop.visitor(relance_shop.shirt).agree()
    other = RelanceShop.start()
    assert isinstance(other, RelanceShop)
    try:
        other.halt()
        for name in ("database", "wp-content/uploads"):
            if (relance_shop.folder / name).exists():
                shutil.rmtree(other.folder / name, ignore_errors=True)
                shutil.copytree(relance_shop.folder / name, other.folder / name)
        for folder in (pack.PLUGIN, ASIDE):
            other.add_plugin(folder, activate=False)
        other.serve()
        other.receiver, other.shirt, other.mug = (
            relance_shop.receiver,
            relance_shop.shirt,
            relance_shop.mug,
        )
        yield other
        assert other.log() == ""
    finally:
        other.stop()


def test_a_copy_captures_and_sends_nothing(copy: RelanceShop, relance_shop: RelanceShop) -> None:
    assert len(copy.carts()) == 1 and copy.cart()["waiting"] == 1
    copy.send()
    assert copy.receiver.posts == []
    visitor = copy.visitor(copy.shirt)
    assert "relance" not in visitor.get("/checkout/").text
    visitor.nonce = copy.php(
        "wp_set_current_user( 0 ); return wp_create_nonce( 'relance_capture' );"
    )
    assert visitor.agree().status_code == 204
    visitor.order_classic()
    assert len(copy.carts()) == 1
    posted = copy.php(
        "return Relance_Link::post( 'carts', array( 'version' => 1 ) )->get_error_code();"
    )
    assert posted == "relance_moved"
    relance_shop.send()  # the shop itself goes on
    assert len(relance_shop.receiver.carts()) == 1


def test_whoever_runs_the_copy_is_asked_and_may_disconnect_it(copy: RelanceShop) -> None:
    merchant = Visitor(copy, "admin")
    page = merchant.get("/wp-admin/admin.php?page=relance").text
    assert may_be_a_copy(page) and "Now it is 127." in page
    assert "Pairing code" not in page and "Test the connection" not in page
    assert may_be_a_copy(merchant.get("/wp-admin/edit.php").text)
    after = merchant.press("relance_unpair")
    assert "This shop is disconnected" in after and not may_be_a_copy(after)
    assert copy.carts() == [] and copy.option("relance_address") is None
    assert copy.receiver.posts == []


def test_a_shop_that_moved_goes_on_when_the_merchant_says_so(relance_shop: RelanceShop) -> None:
    relance_shop.visitor(relance_shop.shirt).agree()
    move(relance_shop, "old.example")
    relance_shop.send()
    assert relance_shop.receiver.posts == []
    merchant = Visitor(relance_shop, "admin")
    page = merchant.get("/wp-admin/admin.php?page=relance").text
    assert "connected as old.example. Now it is 127.0.0.1" in page
    after = merchant.press("relance_same", page="index.php")
    assert "Relance goes on for 127.0.0.1" in after and not may_be_a_copy(after)
    relance_shop.send()
    assert len(relance_shop.receiver.carts()) == 1
    assert relance_shop.visitor(relance_shop.shirt).agree().status_code == 200


def test_only_who_manages_the_shop_is_asked_and_may_answer(relance_shop: RelanceShop) -> None:
    move(relance_shop, "old.example")
    editor = Visitor(relance_shop, relance_shop.somebody("editor"))
    assert not may_be_a_copy(editor.get("/wp-admin/edit.php").text)
    for form in ({}, {"_wpnonce": "0123456789"}):
        answer = editor.post("/wp-admin/admin-post.php", data={"action": "relance_same"} | form)
        assert answer.status_code == 403
    merchant = Visitor(relance_shop, relance_shop.somebody("shop_manager"))
    without = merchant.post("/wp-admin/admin-post.php", data={"action": "relance_same"})
    assert without.status_code == 403
    assert relance_shop.php("return Relance_Link::has_moved();") is True
    assert may_be_a_copy(merchant.get("/wp-admin/edit.php").text)


def test_a_shop_that_stands_where_it_stood_asks_nothing(relance_shop: RelanceShop) -> None:
    merchant = Visitor(relance_shop, "admin")
    assert SAME not in merchant.get("/wp-admin/edit.php").text
    page = merchant.get("/wp-admin/admin.php?page=relance").text
    assert SAME not in page and "Test the connection" in page
    told = merchant.post("/wp-admin/admin-post.php", data={"action": "relance_same"})
    assert told.status_code == 403


ADDRESSES: list[tuple[str, str]] = [
    ("https://shop.example", "shop.example"),
    ("http://www.Shop.example/", "shop.example"),
    ("https://shop.example:443/blog/", "shop.example/blog"),
    ("http://shop.example:8080/a", "shop.example:8080/a"),
    ("https://staging.shop.example", "staging.shop.example"),
    ("shop.example", ""),
    ("http://", ""),
]


def test_an_address_is_its_host_and_path(relance_shop: RelanceShop) -> None:
    told = relance_shop.run(
        "return array_map( array( 'Relance_Address', 'plain' ), $all );",
        all=[url for url, _ in ADDRESSES],
    )
    assert told == [plain for _, plain in ADDRESSES]


def test_what_language_plugins_answer_moves_no_shop(relance_shop: RelanceShop) -> None:
    filtered: Any = relance_shop.php(
        "$other = function () { return 'https://fr.shop.example'; };"
        "foreach ( array( 'option_siteurl', 'pre_option_siteurl', 'site_url', 'option_home' ) as"
        " $name ) { add_filter( $name, $other, 99 ); }"
        "return array( get_option( 'siteurl' ), Relance_Link::is_paired() );"
    )
    assert filtered == ["https://fr.shop.example", True]


def test_the_raw_option_counts_where_no_constant_says_otherwise(relance_shop: RelanceShop) -> None:
    told = relance_shop.php(
        "add_filter( 'relance_address', function () { return Relance_Address::plain("
        " wp_load_alloptions()['siteurl'] ); } );"
        "Relance_Address::keep(); $before = Relance_Link::is_paired();"
        "update_option( 'siteurl', 'https://staging.example' ); $after = Relance_Link::is_paired();"
        "update_option( 'siteurl', 'http://127.0.0.1:9' );"
        "return array( $before, $after, Relance_Link::has_moved() );"
    )
    assert told == [True, False, False]


def test_the_kept_address_survives_a_search_and_replace(relance_shop: RelanceShop) -> None:
    host = relance_shop.url.removeprefix("http://")
    kept = str(relance_shop.option("relance_address"))
    assert host not in kept and bytes.fromhex(kept).decode() == host


def test_pairing_keeps_the_address_and_a_copy_can_be_connected_anew(
    relance_shop: RelanceShop,
) -> None:
    move(relance_shop, "old.example")
    merchant = Visitor(relance_shop, "admin")
    code = f"{relance_shop.receiver.address}/pair/a-code-12345"
    link = f"/wp-admin/admin.php?page=relance&code={code}"
    assert "It replaces the connection with 127.0.0.1" in merchant.get(link).text
    after = merchant.press("relance_pair", page=link.removeprefix("/wp-admin/"))
    assert "This shop is connected with" in after
    assert relance_shop.php("return Relance_Link::is_paired();") is True
    relance_shop.visitor(relance_shop.shirt).capture({"phone": PHONE, "consents": {"sms": True}})
    assert len(relance_shop.carts()) == 1


def test_the_words_for_the_merchant_are_french_too(relance_shop: RelanceShop) -> None:
    move(relance_shop, "old.example")
    relance_shop.switch_language("fr_FR")
    page = Visitor(relance_shop, "admin").get("/wp-admin/edit.php").text
    assert "C’est toujours la même boutique" in page and "rien n’est envoyé" in page


def test_an_erasure_in_a_copy_erases_nothing_at_the_service(relance_shop: RelanceShop) -> None:
    relance_shop.visitor(relance_shop.shirt).agree(
        phone="", email="zoe@example.com", consents={"email": True}
    )
    move(relance_shop, "old.example")
    done = relance_shop.php("return Relance_Privacy::erase( 'zoe@example.com' );")
    assert done["items_removed"] is True
    relance_shop.send()
    assert relance_shop.receiver.posts == []
