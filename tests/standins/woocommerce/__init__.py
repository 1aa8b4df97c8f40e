"""A WooCommerce that answers as a real one was seen to answer.

    with WooCommerceStandIn(timezone="Asia/Kolkata") as woo:
        woo.address, woo.consumer_key, woo.consumer_secret
        order = woo.shop.place_order(status="pending", email="ada@example.com")
        woo.weather.next_answers.append("drop")

`shop` is what shoppers and the merchant do, `weather` what goes wrong on the
way. What it does not model is written in its README.md.
"""

from tests.standins.woocommerce.server import WooCommerceStandIn
from tests.standins.woocommerce.shop import StandInShop
from tests.standins.woocommerce.weather import Weather

__all__ = ["StandInShop", "Weather", "WooCommerceStandIn"]
