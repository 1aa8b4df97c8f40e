"""How further settings of a shop are read from their words: addresses, colours, rules as JSON."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import urlsplit

from connectors.smtp.addresses import mailbox
from recovery import credit_rule, sms_prices
from recovery.contacts import email_key

_NONE = ("", "none")


def email(words: str) -> str | None:
    """An e-mail address; `none` for none. Raises ValueError."""
    if words.lower() in _NONE:
        return None
    # Also as a mail server takes it: neither quoted nor at the number of a machine.
    if email_key(words) is None or mailbox(words) is None:
        raise ValueError("an e-mail address, or none")
    return words


def lines(words: str) -> str:
    """Lines separated by "|", as the postal address of a sender; `none` for none."""
    told = [] if words.lower() in _NONE else [each.strip() for each in words.split("|")]
    if len(words) > 400:
        raise ValueError("at most 400 characters")
    return "\n".join(each for each in told if each)


def as_one_line(text: str) -> str:
    """Lines as `lines` reads them."""
    return text.replace("\n", " | ") or "none"


def colour(words: str) -> str | None:
    """A colour such as #2a6f4e; `none` for none. Raises ValueError."""
    if words.lower() in _NONE:
        return None
    if not re.fullmatch(r"#[0-9A-Fa-f]{6}", words):
        raise ValueError("a colour such as #2a6f4e, or none")
    return words.lower()


def picture(words: str) -> str | None:
    """The https address of a picture; `none` for none. Raises ValueError."""
    if words.lower() in _NONE:
        return None
    found = urlsplit(words)
    if found.scheme != "https" or not found.netloc or len(words) > 500:
        raise ValueError("the https address of a picture, or none")
    return words


def as_json(check: Callable[[str], object]) -> Callable[[str], str]:
    """JSON text that `check` can read; `none` for the defaults."""

    def read(words: str) -> str:
        text = "" if words.lower() in _NONE else words
        check(text)  # raises a ValueError that says where
        return text

    return read


rule_of_credit = as_json(credit_rule.read)
prices = as_json(sms_prices.read)
