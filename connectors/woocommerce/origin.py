"""Which shop says that it sent a webhook: this one, or a copy of it that kept its webhooks.

A staging copy has the shop's webhooks and their secret, so the signature is right. With each
delivery goes `X-WC-Webhook-Source`, the address at which that WordPress lives
(`home_url( '/' )`, WooCommerce 2.6 and later). It is not signed: a hint, and no proof.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from connectors.protocols import Headers, header
from connectors.woocommerce.install import clean_address
from connectors.woocommerce.pairing import is_same_shop

SOURCE = "X-WC-Webhook-Source"
#: A plugin for several languages may put the visitor's behind the address.
_SUBTAG = "hans|hant|latn|cyrl|formal|informal|ao90|[a-z]{2}|[0-9]{3}"
A_LANGUAGE = re.compile(rf"/[a-z]{{2,3}}(?:[_-](?:{_SUBTAG}))*\Z", re.IGNORECASE)


def copy_that_sent(headers: Headers, address: str, others: Iterable[str] = ()) -> str | None:
    """The address of another shop that sent this; None when it is this one, or does not say.

    http or https, `www.`, a slash at the end and a language do not make another shop; a host,
    a port or a folder do. What is no whole address (a proxy took the header away, a plugin
    shortens all addresses) says nothing. `others` are further addresses of the same shop, as
    its operator named them: a domain for each language, a shop front apart from its WordPress.
    """
    told = _as_written(header(headers, SOURCE) or "")
    source = clean_address(told) if told.lower().startswith(("http://", "https://")) else None
    if source is None:
        return None
    ours = {each for own in (address, *others) for each in (own, _without_language(own))}
    theirs = {source, _without_language(source)}
    return None if any(is_same_shop(own, their) for own in ours for their in theirs) else source


def _without_language(address: str) -> str:
    return A_LANGUAGE.sub("", address) if urlsplit(address).path else address


def _as_written(value: str) -> str:
    """A header's text: its bytes come as Latin-1, and a host name may be in any letters."""
    try:
        return value.encode("latin-1").decode()
    except UnicodeError:
        return value
