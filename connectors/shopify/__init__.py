"""Shopify: webhooks, polling, coupons, subscriptions and the install."""

from connectors.shopify.shop import ShopifyShop
from connectors.shopify.signing import sanitised_shop, shop_of, verify_webhook

__all__ = ["ShopifyShop", "sanitised_shop", "shop_of", "verify_webhook"]
