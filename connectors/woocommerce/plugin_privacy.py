"""What WordPress's exporter and eraser of personal data ask through the plugin."""

from __future__ import annotations

from connectors.protocols import Unreadable
from connectors.woocommerce.fields import parse_row, text, wanted
from recovery.model import PrivacyRequest, Shopper

VERSION = 1
LARGEST = 4_096  # bytes
KINDS = ("export", "erase")


def read_privacy(body: bytes) -> PrivacyRequest:
    """Who asks for what: a person by their e-mail. Raises `Unreadable`."""
    if len(body) > LARGEST:
        raise Unreadable(f"more than {LARGEST} bytes")
    row = parse_row(body)
    if row.get("version") != VERSION:
        raise Unreadable("an unknown version of the form")
    kind = text(row, "kind")
    if kind not in KINDS:
        raise Unreadable(f"kind: one of {', '.join(KINDS)} was expected")
    return PrivacyRequest(kind, Shopper(email=wanted(text(row, "email"), "email")))
