"""The quick way and the long way say the same of every number."""

from __future__ import annotations

import re

import phonenumbers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recovery.contacts import _valid, email_key
from recovery.plain_phones import plain_e164

REGIONS = sorted(phonenumbers.SUPPORTED_REGIONS)


@st.composite
def numbers(draw: st.DrawFn) -> tuple[str, str]:
    """A number near to valid ones of some country, national or international."""
    region = draw(st.sampled_from(REGIONS))
    kind = draw(st.sampled_from([0, 1, 2, 3, 4, 6, 7]))
    example = phonenumbers.example_number_for_type(region, kind)
    digits = phonenumbers.national_significant_number(example) if example else "612345678"
    end = draw(st.text("0123456789", min_size=0, max_size=5))
    digits = (digits[: -len(end)] if end else digits) + end
    digits = draw(st.sampled_from([digits, digits[:-1], digits + "1"]))
    code = phonenumbers.country_code_for_region(region)
    lead = draw(st.sampled_from(["", "0", f"+{code}", f"+{code}0", f"00{code}", "8", str(code)]))
    return lead + digits, region


@settings(max_examples=4000, deadline=None)
@given(numbers())
def test_what_the_quick_way_finds_the_long_way_finds_too(case: tuple[str, str]) -> None:
    typed, region = case
    quick = plain_e164(typed, region)
    assert quick is None or quick == _valid(typed, region)


@pytest.mark.parametrize(
    ("typed", "region"),
    [("0612345678", "FR"), ("+33612345678", None), ("015123456789", "DE"), ("+351912345678", None)],
)
def test_ordinary_numbers_go_the_quick_way(typed: str, region: str | None) -> None:
    assert plain_e164(typed, region) == _valid(typed, region) is not None


def test_a_number_that_begins_as_a_call_abroad_goes_the_long_way() -> None:
    assert plain_e164("01919123456", "IL") is None is _valid("01919123456", "IL")


@pytest.mark.parametrize("region", REGIONS)
def test_an_example_of_every_country_is_judged_alike(region: str) -> None:
    example = phonenumbers.example_number_for_type(region, phonenumbers.PhoneNumberType.MOBILE)
    if example is None:
        example = phonenumbers.example_number(region)
    typed = f"+{example.country_code}{phonenumbers.national_significant_number(example)}"
    quick = plain_e164(typed, None)
    assert quick is None or quick == _valid(typed, None)


@settings(max_examples=1500, deadline=None)
@given(
    st.from_regex(
        re.compile(r"[A-Za-z0-9_.+-]{1,12}@[a-z0-9.-]{1,12}\.[a-z0-9]{1,5}"), fullmatch=True
    )
)
def test_a_plain_address_has_the_key_that_the_long_way_gives(address: str) -> None:
    # A space before it sends the same address the long way.
    assert email_key(address) == email_key(" " + address)
