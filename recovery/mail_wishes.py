"""What a shop's e-mails bear, and how its pages look: names, addresses, a colour, a logo."""

from __future__ import annotations

import ipaddress
import re
from decimal import Decimal
from urllib.parse import urlsplit

from recovery.contacts import email_key
from recovery.email_look import LIGHT, contrast, picture
from recovery.shop_wishes import Field, NotSo, Section, as_columns, line, lines, text, unchanged

EASY = 4.5  # contrast that small type needs, WCAG 2.2 SC 1.4.3
_COLOUR = re.compile(r"#?([0-9A-Fa-f]{6}|[0-9A-Fa-f]{3})")
_SELECTOR = re.compile(r"[a-z0-9](?:[a-z0-9_-]{0,61}[a-z0-9])?", re.ASCII)
#: As a mail server takes it: neither quoted nor at the number of a machine.
_ADDRESS = re.compile(
    r"[\w!#$%&'*+/=?^`{|}~-]+(?:\.[\w!#$%&'*+/=?^`{|}~-]+)*"
    r"@(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)+[^\W\d_][\w-]{0,61}[^\W_]"
)


def email(words: str) -> str | None:
    """An e-mail address, or None. Raises `NotSo`."""
    plain = line(words, 254)
    if not plain:
        return None
    if not _ADDRESS.fullmatch(plain) or email_key(plain) is None or len(plain.split("@")[0]) > 64:
        raise NotSo("email")
    return plain


def selector(words: str) -> str:
    """The name of a DKIM key: one label of the DNS, or "". Raises `NotSo`."""
    plain = line(words, 63).lower()
    if plain and not _SELECTOR.fullmatch(plain):
        raise NotSo("selector")
    return plain


def colour(words: str) -> str | None:
    """A colour as "#rrggbb" on which white words can be read, or None. Raises `NotSo`."""
    plain = line(words, 20)
    if not plain:
        return None
    found = _COLOUR.fullmatch(plain)
    if found is None:
        raise NotSo("colour")
    digits = found[1].lower()
    whole = "#" + (digits if len(digits) == 6 else "".join(2 * each for each in digits))
    ratio = contrast(whole, LIGHT)
    if ratio < EASY:
        told = {"ratio": Decimal(f"{ratio:.1f}"), "least": Decimal(str(EASY))}
        raise NotSo("pale", **told, darker=darker(whole))
    return whole


def darker(pale: str) -> str:
    """The colour nearest to it, of the same hue, on which white words can be read."""
    parts = [int(pale[at : at + 2], 16) for at in (1, 3, 5)]
    shades = ("#" + "".join(f"{part * share // 100:02x}" for part in parts) for share in _SHARES)
    return next(shade for shade in shades if contrast(shade, LIGHT) >= EASY)


_SHARES = range(99, -1, -1)


def logo(words: str) -> str | None:
    """The https address of a picture on a public host, or None. Nobody fetches it here."""
    plain = line(words, 500)
    if not plain:
        return None
    try:
        parts = urlsplit(plain)
        host = (parts.hostname or "").rstrip(".")
        port = parts.port
    except ValueError as error:
        raise NotSo("https") from error
    is_plain = parts.scheme == "https" and parts.username is None and port in (None, 443)
    if not is_plain or not _is_named(host) or picture(plain) is None:
        raise NotSo("https")
    return plain


def _is_named(host: str) -> bool:
    """A name with a point in it, no number of a machine, and none of a closed network."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        end = host.rpartition(".")[2]
        closed = ("localhost", "local", "internal", "lan", "home", "arpa")
        return "." in host and not end.isdigit() and end.lower() not in closed
    return False


_MAIL = {
    "sender_name": Field(text(60)),
    "merchant_email": Field(email),
    "postal_address": Field(lines),
    "dkim_selector": Field(selector),
}
_LOOK = {"colour": Field(colour), "logo": Field(logo)}

EMAIL = Section("email", tuple(_MAIL), _MAIL, as_columns(tuple(_MAIL)), unchanged)
LOOK = Section("look", tuple(_LOOK), _LOOK, as_columns(tuple(_LOOK)), unchanged)
