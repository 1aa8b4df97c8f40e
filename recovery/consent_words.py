"""Where a row of the ledger of consents comes from, listed once, and in words.

A row is what somebody said: yes or no, on one channel. What a person was shown stands in
its `words`; for a reply, what they wrote. Language, page and IP address are kept of a yes
that we collected ourselves, to prove it (GDPR art. 7(1)), and of nothing else.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from urllib.parse import urlsplit

LONGEST_PAGE = 500
#: How the rows begin that note a stop, its taking back, and what the platform was told. They
#: are part of the proof and no consent: a stop is asked of `suppressions`.
STOP, START, TOLD = "stop by ", "start by ", "told "
_NO_WORDS = (STOP, START, TOLD)
_LANGUAGE = re.compile(r"([A-Za-z]{2,3})(?:[-_]([A-Za-z]{4}))?(?:[-_]([A-Za-z]{2}|[0-9]{3}))?\b")


class Kind(StrEnum):
    """By which way somebody said yes or no."""

    CHECKOUT_BOX = "checkout_box"
    PLUGIN = "plugin"  # our box in the shop, before any checkout
    PLATFORM = "platform"
    DOUBLE_OPT_IN = "double_opt_in"
    REPLY = "reply"
    LINK = "link"
    IMPORT = "import"
    MERCHANT = "merchant"


@dataclass(frozen=True, slots=True)
class Source:
    """One source. `is_ours`: we showed the words ourselves, on a page that we know of."""

    kind: Kind
    en: str
    fr: str
    is_ours: bool = False


SOURCES: dict[str, Source] = {
    "checkout": Source(
        Kind.CHECKOUT_BOX, "box at the checkout", "case à cocher au paiement", is_ours=True
    ),
    "sandbox checkout": Source(
        Kind.CHECKOUT_BOX,
        "box at the checkout of the sandbox",
        "case à cocher au paiement du bac à sable",
        is_ours=True,
    ),
    "box": Source(
        Kind.PLUGIN, "box in the shop or the account", "case dans la boutique ou le compte", True
    ),
    "embed": Source(Kind.PLUGIN, "box in the shop's theme", "case dans le thème", is_ours=True),
    "shopify checkout": Source(
        Kind.PLATFORM, "Shopify's own checkout", "le paiement de Shopify lui-même"
    ),
    "shopify customer": Source(
        Kind.PLATFORM, "the customer's page in Shopify", "la fiche client de Shopify"
    ),
    "box, confirmed by reply": Source(
        Kind.DOUBLE_OPT_IN,
        "box, confirmed by a reply from the number",
        "case, confirmée par une réponse du numéro",
    ),
    "box, confirmed by link": Source(
        Kind.DOUBLE_OPT_IN,
        "box, confirmed by a link in an e-mail",
        "case, confirmée par un lien dans un e-mail",
    ),
    "reply": Source(Kind.REPLY, "reply to a message", "réponse à un message"),
    "link": Source(Kind.LINK, "link in a message", "lien dans un message"),
    "import": Source(Kind.IMPORT, "import of a list", "import d'une liste"),
    "merchant": Source(Kind.MERCHANT, "entered by the merchant", "saisi par le marchand"),
}
#: A yes by one of these was given to us alone: the platform is told of it.
GIVEN_TO_US = ("box, confirmed by reply", "box, confirmed by link", "reply", "link")
_PREFIXES = {
    STOP: ("stop: {}", "stop : {}"),
    START: ("stop taken back: {}", "stop repris : {}"),
    TOLD: ("the platform was told: {}", "la plateforme est informée : {}"),
}


def is_ours(source: str) -> bool:
    """Whether a yes of that source was collected by us, in the shop."""
    found = SOURCES.get(source)
    return found is not None and found.is_ours


def kind_of(source: str) -> Kind | None:
    """By which way that was said; None for a source that nobody listed."""
    found = SOURCES.get(_without_prefix(source)[1])
    return None if found is None else found.kind


def words_of(source: str, language: str = "en") -> str:
    """The source in words, French or English; one that nobody listed as it is."""
    prefix, bare = _without_prefix(source)
    found, french = SOURCES.get(bare), language[:2].lower() == "fr"
    said = bare if found is None else found.fr if french else found.en
    return _PREFIXES[prefix][french].format(said) if prefix else said


def _without_prefix(source: str) -> tuple[str, str]:
    prefix = next((each for each in _NO_WORDS if source.startswith(each)), "")
    return prefix, source[len(prefix) :]


# -- where it was said ----------------------------------------------------------------------------


@lru_cache(maxsize=500)
def language_of(locale: str | None) -> str | None:
    """A locale in one form: "de_DE_formal" and "de-de" are "de-DE"; None when it is none."""
    found = _LANGUAGE.match((locale or "").replace("_", "-"))
    if found is None:
        return None
    language, script, region = found.groups()
    parts = (language.lower(), script and script.title(), region and region.upper())
    return "-".join(part for part in parts if part)


def page_of(address: str | None) -> str | None:
    """A page's address without its query, which may name a person; None when it is none."""
    try:
        parts = urlsplit((address or "").strip())
        host = parts.hostname
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not host:
        return None
    return f"{parts.scheme}://{host}{parts.path}"[:LONGEST_PAGE]


def ip_of(address: str | None) -> str | None:
    """An IP address in its one form, or None when it is none."""
    try:
        return str(ipaddress.ip_address((address or "").strip().partition("%")[0]))
    except ValueError:
        return None
