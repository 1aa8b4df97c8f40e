"""WooCommerce: its webhooks, its REST API and the door of the WordPress plugin.

`fields.py` takes values out of JSON, `reading.py` turns them into our model,
`client.py` is the only place that speaks HTTP, over the lines of `line.py`, which go to
public addresses only; `answers.py` judges what came, `polling.py`,
`coupons.py` and `subscriptions.py` use it, `install.py` connects a shop,
`plugin.py` reads what the plugin sends (`docs/plugin-carts.md`).

Inside this package `import woocommerce` is the client from PyPI: imports are
absolute, and nothing puts `connectors/` itself on the path.
"""

from connectors.woocommerce.shop import WooCommerceShop, is_ping

__all__ = ["WooCommerceShop", "is_ping"]
