"""A Shopify on loopback that executes the official Admin schema. See README.md here."""

from tests.standins.shopify.records import Consent, Line, Variant
from tests.standins.shopify.shop import StandInShop
from tests.standins.shopify.standin import StandInShopify
from tests.standins.shopify.webhooks import Weather

__all__ = ["Consent", "Line", "StandInShop", "StandInShopify", "Variant", "Weather"]
