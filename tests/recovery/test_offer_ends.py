"""How the day and the hour of an offer's end read, by language and region: a table, read by eye."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from recovery.offer_facts import Gift, Terms
from recovery.offer_texts import offer_phrase
from recovery.sms_parts import GSM_7, parts_of

PARIS = "Europe/Paris"
NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
HALF_PAST_FIVE = datetime(2026, 11, 24, 16, 30, tzinfo=UTC)  # 17:30 in Paris
SEVEN = datetime(2027, 1, 5, 6, 0, tzinfo=UTC)  # 7:00 in Paris; a month beside its year is short

ENDS = [
    ("fr-FR", "jusqu'au 24 novembre à 17:30", "jusqu'au 5 janv. 2027 à 07:00"),
    ("fr-BE", "jusqu'au 24 novembre à 17:30", "jusqu'au 5 janv. 2027 à 07:00"),
    ("fr-CA", "jusqu'au 24 novembre à 17 h 30", "jusqu'au 5 janv. 2027 à 07 h 00"),
    ("fr-CH", "jusqu'au 24 novembre à 17:30", "jusqu'au 5 janv. 2027 à 07:00"),
    ("en-US", "until November 24, 5:30 PM", "until Jan 5, 2027, 7:00 AM"),
    ("en-CA", "until November 24, 5:30 p.m.", "until Jan 5, 2027, 7:00 a.m."),
    ("en-GB", "until 24 November, 17:30", "until 5 Jan 2027, 07:00"),
    ("en-IE", "until 24 November, 17:30", "until 5 Jan 2027, 07:00"),
    ("en-AU", "until 24 November, 5:30 pm", "until 5 Jan 2027, 7:00 am"),
    ("de-DE", "bis zum 24. November, 17:30 Uhr", "bis zum 5. Jan. 2027, 07:00 Uhr"),
    ("de-AT", "bis zum 24. November, 17:30 Uhr", "bis zum 5. Jän. 2027, 07:00 Uhr"),
    ("de-CH", "bis zum 24. November, 17:30 Uhr", "bis zum 5. Jan. 2027, 07:00 Uhr"),
    ("es-ES", "hasta el 24 de noviembre, 17:30 h", "hasta el 5 de enero de 2027, 7:00 h"),
    ("es-MX", "hasta el 24 de noviembre, 5:30 p.m.", "hasta el 5 de enero de 2027, 7:00 a.m."),
    ("es-US", "hasta el 24 de noviembre, 5:30 p.m.", "hasta el 5 de enero de 2027, 7:00 a.m."),
    ("es-419", "hasta el 24 de noviembre, 5:30 p.m.", "hasta el 5 de enero de 2027, 7:00 a.m."),
    ("es-CO", "hasta el 24 de noviembre, 5:30 p. m.", "hasta el 5 de enero de 2027, 7:00 a. m."),
    ("es-AR", "hasta el 24 de noviembre, 5:30 p. m.", "hasta el 5 de enero de 2027, 7:00 a. m."),
    ("es-CL", "hasta el 24 de noviembre, 5:30 p. m.", "hasta el 5 de enero de 2027, 7:00 a. m."),
    ("it-IT", "fino al 24 novembre, ore 17:30", "fino al 5 gen 2027, ore 07:00"),
    ("it-CH", "fino al 24 novembre, ore 17:30", "fino al 5 gen 2027, ore 07:00"),
    ("nl-NL", "tot 24 november, 17:30 uur", "tot 5 jan 2027, 07:00 uur"),
    ("nl-BE", "tot 24 november, 17:30 uur", "tot 5 jan 2027, 07:00 uur"),
    ("pt-BR", "até 24 de novembro, 17:30", "até 5 de janeiro de 2027, 07:00"),
    ("pt-PT", "até 24 de novembro, 17:30", "até 5 de janeiro de 2027, 07:00"),
]


def _phrase(locale: str, gift: Gift, at: datetime) -> str:
    terms = Terms(gift, "free_shipping", Decimal(0), "EUR", 3, ends_at=at)
    return offer_phrase(terms, (locale,), PARIS, NOW, at)


@pytest.mark.parametrize(("locale", "in_november", "next_year"), ENDS)
def test_an_end_reads_as_people_there_write_it(
    locale: str, in_november: str, next_year: str
) -> None:
    assert _phrase(locale, Gift.NOW, HALF_PAST_FIVE).endswith(f" {in_november}")
    assert _phrase(locale, Gift.NOW, SEVEN).endswith(f" {next_year}")


@pytest.mark.parametrize(("locale", "in_november", "_"), ENDS)
def test_the_last_moment_of_an_order_reads_the_same(locale: str, in_november: str, _: str) -> None:
    moment = in_november.partition("24")[2]
    assert f"24{moment}" in _phrase(locale, Gift.NEXT, HALF_PAST_FIVE)


@pytest.mark.parametrize(("locale", "_", "__"), ENDS)
def test_no_end_needs_a_letter_that_doubles_the_price(locale: str, _: str, __: str) -> None:
    for month in range(1, 13):
        at = datetime(2027, month, 5, 16, 30, tzinfo=UTC)
        assert parts_of(_phrase(locale, Gift.NOW, at)).encoding == GSM_7


@pytest.mark.parametrize("locale", ["es-MX", "es-US", "es-CO", "es-AR"])
def test_an_hour_of_a_day_of_twelve_is_followed_by_nothing(locale: str) -> None:
    assert not _phrase(locale, Gift.NEXT, HALF_PAST_FIVE).endswith(" h")
