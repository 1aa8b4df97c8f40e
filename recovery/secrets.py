"""What is kept encrypted: credentials of shops and of sender accounts."""

from __future__ import annotations

import base64
import hashlib
import os
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM


class Sealed(Exception):
    """None of our keys opens this: a key is missing, or the text was moved or altered."""


class Keys:
    """AES-GCM under the newest key; older keys still open.

    A ciphertext is bound to `place` (its shop and column): moved to another row
    it does not open. Keys are any texts of 16 characters or more.
    """

    def __init__(self, texts: Sequence[str]) -> None:
        if not texts or any(len(text) < 16 for text in texts):
            raise ValueError("ENCRYPTION_KEYS: each key needs at least 16 characters")
        self._keys = [AESGCM(hashlib.sha256(text.encode()).digest()) for text in texts]

    def seal(self, plain: str, place: str) -> str:
        """Encrypt `plain` for `place`."""
        nonce = os.urandom(12)
        sealed = self._keys[0].encrypt(nonce, plain.encode(), place.encode())
        return base64.urlsafe_b64encode(nonce + sealed).decode()

    def open(self, sealed: str, place: str) -> str:
        """Decrypt what was sealed for `place`. Raises `Sealed`."""
        return self._opened(sealed, place)[1]

    def is_newest(self, sealed: str, place: str) -> bool:
        """Whether the newest key opens it, so that no older one is needed. Raises `Sealed`."""
        return self._opened(sealed, place)[0] == 0

    def _opened(self, sealed: str, place: str) -> tuple[int, str]:
        whole = base64.urlsafe_b64decode(sealed)
        for age, key in enumerate(self._keys):
            try:
                return age, key.decrypt(whole[:12], whole[12:], place.encode()).decode()
            except InvalidTag:
                continue
        raise Sealed(f"no key of ENCRYPTION_KEYS opens {place}")
