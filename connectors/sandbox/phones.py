"""Phone numbers as people type them, and what to try with."""

from __future__ import annotations

import secrets
from collections.abc import Mapping

import phonenumbers

# Countries of the shop, each with the pattern of numbers to try with (# is any digit).
# Nothing is ever sent to them.
EXAMPLES: Mapping[str, str] = {
    "FR": "06 12 ## ## ##",
    "BE": "0470 12 ## ##",
    "DE": "0152 2881####",
    "ES": "612 34 ## ##",
    "GB": "07400 12####",
    "US": "(202) 555-01##",
}
# What numbers ending so do is told on the help page: none of it is for a first try.
SPECIAL_ENDINGS = ("0000", "0001", "0002")


def made_up(country: str) -> str:
    """A number of `country` to try with, as people there type it; another one each time."""
    while True:
        typed = "".join(
            secrets.choice("0123456789") if sign == "#" else sign for sign in EXAMPLES[country]
        )
        number = e164(typed, country)
        if number is not None and not number.endswith(SPECIAL_ENDINGS):
            return typed


def made_up_address() -> str:
    """An e-mail address to try with, another one each time (RFC 2606: nobody has one there)."""
    return f"camille.{secrets.randbelow(9000) + 1000}@example.com"


def e164(typed: str, country: str) -> str | None:
    """The international form of a number typed in `country`; None when it cannot be one."""
    try:
        number = phonenumbers.parse(typed, country)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def is_number(number: str) -> bool:
    """True for an international number that may exist, those kept for stories included."""
    try:
        parsed = phonenumbers.parse(number, None)
    except phonenumbers.NumberParseException:
        return False
    plain = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
    return plain == number and phonenumbers.is_possible_number(parsed)


def readable(number: str) -> str:
    """An international number with its spaces, as people read it; a name stays as it is."""
    try:
        parsed = phonenumbers.parse(f"+{number}" if number.isdecimal() else number, None)
    except phonenumbers.NumberParseException:
        return number
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
