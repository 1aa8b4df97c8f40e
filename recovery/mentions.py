"""What names a person in bodies that nobody could read: they are searched, not understood."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote_plus

import phonenumbers
from phonenumbers import NumberParseException

from recovery.contacts import email_key

# Digits as people write a number: "+33 6 12-34.56(78)", but not two numbers on two lines.
_NUMBER = re.compile(r"\+?\(?\d(?:[\s().\-/\u00a0\u2011\u202f]{0,3}\d){5,18}")
_NO_DIGIT = re.compile(r"\D")
_ADDRESS = re.compile(r"[^\s\"'<>,;:()\[\]{}&=\\]+@[^\s\"'<>,;:()\[\]{}&=\\]+")


class Mentions:
    """What names a person in a text that nobody can read: customer id, e-mails, E.164 phones."""

    def __init__(self, customer_key: str | None, addresses: set[str]) -> None:
        self._customer_key = customer_key
        self._emails = {each for each in addresses if "@" in each}
        # Not within a longer address: "joana@example.com.au" holds nothing of "ana@example.com".
        self._as_written = [
            re.compile(rf"(?<![\w.+-]){re.escape(each.casefold())}(?!\.?[\w-])")
            for each in self._emails
        ]
        self._phones = {form for each in addresses - self._emails for form in _forms(each)}

    def are_in(self, headers: str, body: bytes) -> bool:
        """Whether the headers or the body hold one of them."""
        for whole in (headers, body.decode(errors="replace")):
            values = _json(whole)
            texts = [whole, unquote_plus(whole), *(text for _, text in _leaves(values))]
            if any(map(self._stands_in, texts)) or self._is_customer(values):
                return True
        return False

    def _stands_in(self, text: str) -> bool:
        if self._emails and "@" in text:
            folded = unicodedata.normalize("NFC", text).casefold()
            if any(email.search(folded) for email in self._as_written):
                return True
            if self._emails & {email_key(found.strip(".")) for found in _ADDRESS.findall(text)}:
                return True
        numbers = (_NO_DIGIT.sub("", found) for found in _NUMBER.findall(text))
        return bool(self._phones) and not self._phones.isdisjoint(numbers)

    def _is_customer(self, values: Any) -> bool:
        if not self._customer_key:
            return False
        return any(
            name in ("customer_id", "customer_key", "customer.id", "customer.admin_graphql_api_id")
            and text.rpartition("/")[2] == self._customer_key
            for name, text in _leaves(values)
        )


def _forms(phone: str) -> Iterator[str]:
    """The digits of an E.164 number, and as it is written at home and from abroad."""
    try:
        number = phonenumbers.parse(phone)
    except NumberParseException:
        yield _NO_DIGIT.sub("", phone)
        return
    code, home = str(number.country_code), phonenumbers.national_significant_number(number)
    for start in (code, f"00{code}", f"011{code}", f"{code}0", f"00{code}0", "0", "8", ""):
        yield start + home


def _json(text: str) -> Any:
    try:
        return json.loads(text.removeprefix("\ufeff"))
    except (ValueError, RecursionError):
        return None


def _leaves(value: Any, name: str = "", parent: str = "") -> Iterator[tuple[str, str]]:
    """Each text and number with its name; what is an `id` bears its owner's name before it."""
    if isinstance(value, dict):
        for key, each in value.items():
            yield from _leaves(each, str(key), name)
    elif isinstance(value, list):
        for each in value:
            yield from _leaves(each, name, parent)
    elif isinstance(value, str | int | float) and not isinstance(value, bool):
        yield (f"{parent}.{name}" if parent == "customer" else name), str(value)
