"""Shopify: webhooks, polling, coupons, subscriptions and the install."""

from connectors.shopify.shop import ShopifyShop
from connectors.shopify.signing import sanitised_shop, shop_of, verify_webhook
from connectors.shopify.topics import is_about_privacy

__all__ = ["ShopifyShop", "is_about_privacy", "sanitised_shop", "shop_of", "verify_webhook"]
