"""Keys of platforms as we keep them: whole when they fit, else still different from each other."""

from __future__ import annotations

import hashlib

_LONGEST = 400
_DIGEST = 32


def key_within(shop_id: int, key: str) -> str:
    """A cart's key as `cart_keys` and `order_cart_keys` hold it, with its shop."""
    return shortened(f"{shop_id}|{key}", _LONGEST)


def shortened(key: str, length: int) -> str:
    """`key` in at most `length` characters; two keys that only begin alike stay two."""
    if len(key) <= length:
        return key
    digest = hashlib.sha256(key.encode(errors="replace")).hexdigest()[:_DIGEST]
    return f"{key[: length - _DIGEST - 1]}#{digest}"
