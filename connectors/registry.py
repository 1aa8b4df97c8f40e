"""Which platforms and messengers there are, and how one of each is opened."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import cast

from connectors.protocols import Connection, Messenger, Shop

#: platform → "module:class". Imported when first needed: an SDK costs memory.
SHOPS: dict[str, str] = {
    "shopify": "connectors.shopify:ShopifyShop",
    "woocommerce": "connectors.woocommerce:WooCommerceShop",
    "sandbox": "connectors.sandbox:SandboxShop",
}
MESSENGERS: dict[str, str] = {
    "vonage": "connectors.vonage:VonageMessenger",
    "smtp": "connectors.smtp:Smtp",
    "sandbox": "connectors.sandbox:SandboxMessenger",
}

Options = Mapping[str, Mapping[str, str]]


class Outside:
    """The way to every shop and messenger, with the options that the settings give them."""

    def __init__(self, shop_options: Options, messenger_options: Options) -> None:
        self._shop_options = shop_options
        self._messenger_options = messenger_options

    def shop(self, platform: str, key: str, address: str, credentials: Mapping[str, str]) -> Shop:
        """The connector of one shop."""
        options = self._shop_options.get(platform, {})
        made = _load(SHOPS[platform])(Connection(key, address, credentials, options))
        return cast(Shop, made)

    def messenger(
        self, name: str, key: str, address: str, credentials: Mapping[str, str]
    ) -> Messenger:
        """The messenger of one sender account."""
        options = self._messenger_options.get(name, {})
        made = _load(MESSENGERS[name])(Connection(key, address, credentials, options))
        return cast(Messenger, made)

    def options(self, platform: str) -> Mapping[str, str]:
        """The options that all shops of a platform share."""
        return self._shop_options.get(platform, {})


def _load(name: str) -> type:
    module, _, attribute = name.partition(":")
    return cast(type, getattr(import_module(module), attribute))
