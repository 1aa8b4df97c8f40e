"""How to reach a person: phones as E.164, e-mails as a key to find the same person by.

Pure: nothing here asks a network or a database. Whatever the input, the answer
is a value or None, never an exception.
"""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from functools import lru_cache

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberType

from recovery.plain_phones import plain_e164

LONGEST_PHONE = 60  # characters as typed; the longest number has 15 digits
LONGEST_EMAIL = 254  # RFC 5321, section 4.5.3.1.3, less the angle brackets
LONGEST_LOCAL = 64

TEXTED_TYPES = frozenset({PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE})

_SEPARATORS = dict.fromkeys(map(ord, " .-()\t\u00a0\u202f\u2011"))
_INVISIBLE = "\u200b\u200c\u200d\u200e\u200f\u2060\u202a\u202c\u202d\ufeff"
_ATOM = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~\-\u0080-\U0010ffff]+", re.ASCII)
# What almost every address looks like; the others go the long way below. No "xn--", no
# label that begins or ends with a hyphen, no all-digit end.
_PLAIN = re.compile(
    r"[A-Za-z0-9_+-]+(?:\.[A-Za-z0-9_+-]+)*@(?:(?!xn--)[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,24}",
    re.ASCII,
)
_HALF_LETTER = re.compile("[\ud800-\udfff]")  # half a surrogate: no text can be sent so
_QUOTED = re.compile(r'"(?:[^"\\\x00-\x1f\x7f]|\\[\x20-\x7e])*"')


@lru_cache(maxsize=2_000)
def e164(raw: str | None, country: str | None) -> str | None:
    """`raw` as "+" and digits, or None when it is no valid number.

    `country` (ISO 3166 alpha-2, any case) is what a national number is read with;
    "+…" and "00…" need none. Valid means valid in the numbering plan that
    `phonenumbers` carries: a number that is only possible is refused.
    """
    if not raw or len(raw) > LONGEST_PHONE:
        return None
    typed = raw.strip().strip(_INVISIBLE).translate(_SEPARATORS)
    region = country.strip().upper() if country else None
    plain = plain_e164(typed, region)
    if plain is not None:
        return plain
    return _valid(typed, region) or (_valid("+" + typed[2:], None) if typed[:2] == "00" else None)


def _valid(typed: str, region: str | None) -> str | None:
    number = _parsed(typed, region)
    if number is None or not phonenumbers.is_valid_number(number):
        return None
    # What format_number(…, E164) does, without its detours: this runs for every webhook.
    return f"+{number.country_code}{phonenumbers.national_significant_number(number)}"


def _parsed(typed: str, region: str | None) -> PhoneNumber | None:
    try:
        return phonenumbers.parse(typed, region)
    except NumberParseException:
        return None


@lru_cache(maxsize=2_000)
def _type_and_region(number: str | None) -> tuple[int, str | None]:
    parsed = _parsed(number, None) if number and len(number) <= LONGEST_PHONE else None
    if parsed is None:
        return PhoneNumberType.UNKNOWN, None
    region = phonenumbers.region_code_for_number(parsed)
    # "001" stands for numbers of no country: satellites, international networks.
    return phonenumbers.number_type(parsed), None if region == "001" else region


def may_be_texted(number: str | None) -> bool:
    """Is this E.164 number a mobile, or of a country that does not tell the two apart?

    Fixed lines, premium, shared-cost, toll-free, pager, voice-over-IP and satellite
    numbers are not.
    """
    kind, region = _type_and_region(number)
    return region is not None and kind in TEXTED_TYPES


def region_of(number: str | None) -> str | None:
    """The country (ISO 3166 alpha-2) an E.164 number belongs to, or None."""
    return _type_and_region(number)[1]


@lru_cache(maxsize=2_000)
def email_key(raw: str | None) -> str | None:
    """The form under which one e-mail address is always found, or None when it is none.

    Trimmed, NFC, in small letters; a domain in punycode becomes the letters it
    stands for. Dots and "+tags" are kept: what they mean is the mail host's
    affair. Follows RFC 5321 with RFC 6531 (letters of any script); a domain
    without a dot is refused, because no shopper lives there.
    """
    if not raw or len(raw) > LONGEST_EMAIL + 64 or _HALF_LETTER.search(raw):
        return None
    if len(raw) <= LONGEST_LOCAL and _PLAIN.fullmatch(raw):
        return raw.lower()
    typed = unicodedata.normalize("NFC", raw.strip().strip(_INVISIBLE).strip())
    local, at, domain = typed.rpartition("@")
    if not at or not _is_local(local):
        return None
    host = _literal(domain) if domain.startswith("[") else _host(domain)
    key = f"{unicodedata.normalize('NFC', local.casefold())}@{host}"
    return key if host and len(key.encode()) <= LONGEST_EMAIL else None


def _is_local(local: str) -> bool:
    if not 0 < len(local.encode("utf-8", "replace")) <= LONGEST_LOCAL:
        return False
    if local.startswith('"'):
        return _QUOTED.fullmatch(local) is not None
    if any(unicodedata.category(char)[0] in "CZ" for char in local):
        return False
    return all(_ATOM.fullmatch(atom) for atom in local.split("."))


def _literal(domain: str) -> str | None:
    """An address literal such as [192.0.2.1] or [IPv6:2001:db8::1]."""
    inner = domain[1:-1].lower().removeprefix("ipv6:")
    try:
        return f"[{ipaddress.ip_address(inner)}]" if domain.endswith("]") else None
    except ValueError:
        return None


def _host(domain: str) -> str | None:
    spelled = unicodedata.normalize("NFKC", domain).replace("\u3002", ".").lower()
    labels = [_label(label) for label in spelled.split(".")]
    if len(labels) < 2 or None in labels or spelled.rpartition(".")[2].isdigit():
        return None
    return ".".join(label for label in labels if label)


def _label(label: str) -> str | None:
    if not 0 < len(label) <= 63 or label[0] == "-" or label[-1] == "-":
        return None
    if label.startswith("xn--"):
        try:
            label = unicodedata.normalize("NFC", label[4:].encode("ascii").decode("punycode"))
        except UnicodeError:
            return None
    fits = label and all(char == "-" or unicodedata.category(char)[0] in "LMN" for char in label)
    return label.lower() if fits else None
