"""Which hosts are a shop's own: a link in a message leads nowhere else unasked."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit

#: Where a platform itself keeps checkouts of its shops.
_OF_THE_PLATFORM = {"shopify": ("checkout.shopify.com", "shop.app")}


def is_own(address: str, shop_address: str, others: Iterable[str], platform: str) -> bool:
    """Whether `address` lies on a host of the shop, or below one of its domains.

    `others` are further addresses or domains of the same shop. Ports do not count.
    """
    host = host_of(address)
    own = {host_of(each) for each in (shop_address, *others)} - {""}
    if not host:
        return False
    return host in _OF_THE_PLATFORM.get(platform, ()) or any(
        host == each or host.endswith(f".{each}") for each in own
    )


def host_of(address: str) -> str:
    """The host of an address or domain, without "www."; "" where there is none."""
    try:
        found = urlsplit(address if "://" in address else f"https://{address}").hostname or ""
    except ValueError:
        return ""
    return found.rstrip(".").removeprefix("www.")
