"""The plugin's whole life on the oldest WordPress that it is for and on the next one to come."""

from __future__ import annotations

import pytest

from tests.plugin.relance_shop import PLUGIN, RelanceShop, Running
from tests.plugin.visitor import PHONE, Visitor


@pytest.mark.parametrize("wordpress", ["6.4", "nightly"])
def test_from_activation_to_uninstall_php_has_nothing_to_say(wordpress: str) -> None:
    running = Running.start(wordpress)
    shop = running.shop
    try:
        shop.begin(paired=False)
        merchant = Visitor(shop, "admin")
        code = f"{shop.receiver.address}/pair/a-code-12345"
        assert "This shop is connected with" in merchant.press("relance_pair", code=code)

        visitor = shop.visitor(shop.shirt, 2)
        for kind in ("block", "classic"):
            shop.use_checkout(kind)
            told = visitor.config()
            assert 'name="relance_sms"' in told["box"]
        assert visitor.agree().status_code == 200
        shop.send()
        (cart,) = shop.receiver.posts[-1].carts
        assert cart.shopper.phone == PHONE

        other = Visitor(shop)
        assert other.get(str(cart.way_back)).status_code == 302
        assert other.contents() == {shop.shirt.id: 2}
        order = other.order_block()
        shop.send()
        assert shop.receiver.posts[-1].carts[0].aliases == (f"order:{order}",)
        assert shop.visitor(shop.shirt).order_classic() > order

        page = merchant.get("/wp-admin/admin.php?page=relance").text
        assert "Last cart sent" in page and "None yet" not in page
        fields = {"on": "1", "mode": "notice", "channels[]": "sms"}
        assert "Saved." in merchant.press("relance_save", **fields)
        assert "relance-box" in merchant.get(_page_with_box(shop), allow_redirects=True).text

        shop.uninstall(PLUGIN)
        assert shop.rows("relance_carts") is None
        assert shop.option("relance_link") is None
        assert [line for line in shop.log().splitlines() if "relance" in line] == []
    finally:
        running.end()


def _page_with_box(shop: RelanceShop) -> str:
    number = shop.php(
        "return wp_insert_post( array( 'post_type' => 'page', 'post_status' => 'publish',"
        " 'post_title' => 'A page', 'post_content' => '[relance_box]' ) );"
    )
    return f"/?page_id={number}"
