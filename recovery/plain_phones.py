"""A quick way for the phone numbers that most shoppers leave; None sends the rest the long way.

`phonenumbers` asks the same questions of every number and takes some 70 µs for it,
which is a fifth of storing a webhook. For a country that has its calling code to
itself and a national prefix of plain digits, "valid" comes down to its table: the
number matches the plan in general and one of its kinds, each with its lengths. These
tables are read from `phonenumbers` itself; a test holds both ways against each other.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import phonenumbers
from phonenumbers import PhoneMetadata
from phonenumbers.phonemetadata import PhoneNumberDesc

_DIGITS = re.compile(r"\+?[0-9]+")
_KINDS = (  # the likeliest first
    "mobile",
    "fixed_line",
    "premium_rate",
    "toll_free",
    "shared_cost",
    "voip",
    "personal_number",
    "pager",
    "uan",
    "voicemail",
)


@dataclass(frozen=True, slots=True)
class _Plan:
    """One country's numbering plan: its calling code and what a valid number looks like."""

    code: str
    prefix: str
    is_valid: Callable[[str], bool]
    may_begin: Callable[[str], bool]
    leads_abroad: Callable[[str], bool]


def plain_e164(typed: str, region: str | None) -> str | None:
    """E.164 of a plainly valid number; None says nothing about validity.

    `typed` is without separators, `region` an upper-case country or None.
    """
    if _DIGITS.fullmatch(typed) is None:
        return None
    if typed[0] == "+":
        return _international(typed)
    plan = _plan(region) if region else None
    if plan is None or not plan.prefix or not typed.startswith(plan.prefix):
        return None
    national = typed.removeprefix(plan.prefix)
    # With its prefix it must be no number of its own, and no call abroad (in Israel 019 is
    # one way to begin it), or the long way has to judge.
    if plan.may_begin(typed) or plan.leads_abroad(typed) or not plan.is_valid(national):
        return None
    return f"+{plan.code}{national}"


def _international(typed: str) -> str | None:
    for length in (2, 3):
        plan = _plan_of_code(typed[1 : 1 + length])
        if plan is not None:
            national = typed[1 + length :]
            # A doubled trunk prefix ("+330612…") goes the long way.
            return typed if national[:1] != "0" and plan.is_valid(national) else None
    return None


@lru_cache
def _plan_of_code(code: str) -> _Plan | None:
    regions = phonenumbers.COUNTRY_CODE_TO_REGION_CODE.get(int(code), ())
    return _plan(regions[0]) if len(regions) == 1 and regions[0] != "001" else None


@lru_cache
def _plan(region: str) -> _Plan | None:
    metadata = PhoneMetadata.metadata_for_region(region, None)
    if metadata is None or len(_sharers(metadata.country_code)) != 1:
        return None
    prefix = metadata.national_prefix_for_parsing or ""
    if not prefix.isdecimal() or metadata.national_prefix_transform_rule:
        prefix = ""
    general = _matches(metadata.general_desc)
    abroad = re.compile(metadata.international_prefix or "(?!)")
    kinds = [_matches(getattr(metadata, kind)) for kind in _KINDS]
    return _Plan(
        str(metadata.country_code),
        prefix,
        lambda number: general(number) and any(kind(number) for kind in kinds),
        _pattern(metadata.general_desc),
        lambda typed: abroad.match(typed) is not None,
    )


def _sharers(code: int | None) -> tuple[str, ...]:
    found: tuple[str, ...] = phonenumbers.COUNTRY_CODE_TO_REGION_CODE.get(code or 0, ())
    return found


def _matches(rule: PhoneNumberDesc | None) -> Callable[[str], bool]:
    fits = _pattern(rule)
    lengths = frozenset(rule.possible_length) if rule is not None else frozenset()
    return lambda number: (not lengths or len(number) in lengths) and fits(number)


def _pattern(rule: PhoneNumberDesc | None) -> Callable[[str], bool]:
    if rule is None or not rule.national_number_pattern:
        return lambda number: False
    compiled = re.compile(rule.national_number_pattern)
    return lambda number: compiled.fullmatch(number) is not None
