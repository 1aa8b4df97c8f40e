"""Phone numbers as people type them."""

from __future__ import annotations

from collections.abc import Mapping

import phonenumbers

# Countries of the shop, each with a number to try with. Nothing is ever sent to it.
EXAMPLES: Mapping[str, str] = {
    "FR": "06 12 34 56 78",
    "BE": "0470 12 34 56",
    "DE": "0152 28817386",
    "ES": "612 34 56 78",
    "GB": "07400 123456",
    "US": "(202) 555-0123",
}


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
