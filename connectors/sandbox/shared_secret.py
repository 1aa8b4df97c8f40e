"""The secret that both sides of the sandbox sign with, drawn from the house's own."""

from __future__ import annotations

import hashlib
import hmac


def sandbox_secret(secret_key: str) -> str:
    """The same text for the same SECRET_KEY, and no way back to it."""
    return hmac.new(secret_key.encode(), b"sandbox", hashlib.sha256).hexdigest()
