"""Who may send: the application's key, and the tokens that are signed with it."""

from __future__ import annotations

import functools
import time
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa


@functools.lru_cache(maxsize=1)
def key_pair() -> tuple[str, Any]:
    """One RSA key for the process: making one takes longer than most tests."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return pem.decode(), key.public_key()


class Tokens:
    """The tokens seen; each one's signature is checked once."""

    def __init__(self, application_id: str, public_key: Any) -> None:
        self._application_id = application_id
        self._public_key = public_key
        self._ends: dict[bytes, float] = {}  # Authorization value → when it lapses

    def known(self, authorization: bytes) -> bool:
        """Whether this token is the application's and still holds."""
        ends = self._ends.get(authorization)
        if ends is None:
            ends = self._ends[authorization] = self._end_of(authorization)
        return time.time() < ends

    def _end_of(self, authorization: bytes) -> float:
        token = authorization.removeprefix(b"Bearer ")
        try:
            claims = jwt.decode(token, self._public_key, algorithms=["RS256"])
        except jwt.PyJWTError:
            return 0.0
        ours = claims.get("application_id") == self._application_id
        return float(claims.get("exp", 0)) if ours else 0.0
