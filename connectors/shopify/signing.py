"""Who speaks: the signature of a webhook, and the name of the shop it is for."""

from __future__ import annotations

import base64
import hmac
import re
from collections.abc import Iterable

from connectors.protocols import Forged, Headers, header

SIGNATURE = "X-Shopify-Hmac-Sha256"
SHOP_DOMAIN = "X-Shopify-Shop-Domain"

_SHOP = re.compile(r"[a-z0-9][a-z0-9-]{0,99}\.myshopify\.com")


def verify_webhook(headers: Headers, body: bytes, secrets: Iterable[str]) -> None:
    """Raise `Forged` unless one of the app's `secrets` signed the raw `body`.

    Base64 of HMAC-SHA256 over the bytes as they came. For up to an hour after a
    rotation Shopify still signs with the previous secret, so pass both.
    """
    given = _decoded(header(headers, SIGNATURE))
    genuine = False
    for secret in secrets:
        if secret:
            expected = hmac.digest(secret.encode(), body, "sha256")
            genuine |= hmac.compare_digest(expected, given)
    if not genuine:
        raise Forged("the signature does not fit the body")


def _decoded(signature: str | None) -> bytes:
    if not signature:
        raise Forged(f"no {SIGNATURE}")
    try:
        return base64.b64decode(signature, validate=True)
    except ValueError as error:  # binascii.Error is one; so is a letter outside ASCII
        raise Forged("the signature is not base64") from error


def shop_of(headers: Headers) -> str | None:
    """The domain of the shop a webhook is about, or None when it is no shop's domain.

    The signature covers the body alone: this name is a claim of whoever holds the
    app's secret, which is Shopify.
    """
    return sanitised_shop(header(headers, SHOP_DOMAIN))


def sanitised_shop(text: str | None) -> str | None:
    """`text` as "name.myshopify.com" in lower case; None for everything else.

    Only the whole domain is let through: no scheme, path, port, user, space or line
    end, because requests carrying our secret are sent to it.
    """
    if not isinstance(text, str):
        return None
    name = text.lower()
    # lower() turns a few letters outside ASCII into ASCII ones (the Kelvin sign into k)
    return name if text.isascii() and _SHOP.fullmatch(name) else None
