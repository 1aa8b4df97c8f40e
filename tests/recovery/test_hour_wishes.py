"""The hours that people wish for, in seven languages, seen from a Sunday afternoon in Paris."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from recovery.survey import read_hour

PARIS = "Europe/Paris"
NOW = datetime(2026, 11, 22, 14, 0, tzinfo=UTC)  # a Sunday, 15:00 in Paris

#: (language, text, local day of November and hour)
WISHES = [
    ("en", "tonight", "22 19:00"),
    ("en", "Tonight at 8", "22 20:00"),
    ("en", "tonight 8pm please", "22 20:00"),
    ("en", "tomorrow", "23 10:00"),
    ("en", "tomorrow at 6pm", "23 18:00"),
    ("en", "tomorrow at 6", "23 18:00"),
    ("en", "tomorrow 9", "23 09:00"),
    ("en", "Tommorow morning", "23 09:00"),
    ("en", "tomorrow at 6:30 pm", "23 18:30"),
    ("en", "6 p.m. tomorrow", "23 18:00"),
    ("en", "tomorrow at 6 am", "23 06:00"),
    ("en", "tomorrow at 12am", "23 00:00"),
    ("en", "tomorrow 12pm", "23 12:00"),
    ("en", "tomorrow at noon", "23 12:00"),
    ("en", "tomorrow evening", "23 19:00"),
    ("en", "day after tomorrow at 5pm", "24 17:00"),
    ("en", "monday 9am", "23 09:00"),
    ("en", "next Friday at 18:30", "27 18:30"),
    ("en", "Sunday 2pm", "29 14:00"),
    ("en", "Sunday 4pm", "22 16:00"),
    ("en", "wednesdays after 6", "25 18:00"),
    ("en", "in 2 hours", "22 17:00"),
    ("en", "in an hour", "22 16:00"),
    ("en", "in 45 minutes", "22 15:45"),
    ("en", "in 2 days", "24 10:00"),
    ("en", "today", "22 18:00"),
    ("en", "around 20", "22 20:00"),
    ("fr", "ce soir", "22 19:00"),
    ("fr", "Ce soir vers 20h30", "22 20:30"),
    ("fr", "ce soir à 8h", "22 20:00"),
    ("fr", "demain 18h", "23 18:00"),
    ("fr", "Demain à 18 h 30", "23 18:30"),
    ("fr", "demain 6h", "23 18:00"),
    ("fr", "demain 06h", "23 06:00"),
    ("fr", "demain 7h du matin", "23 07:00"),
    ("fr", "demain matin", "23 09:00"),
    ("fr", "demain matin 8h", "23 08:00"),
    ("fr", "demain midi", "23 12:00"),
    ("fr", "demain après-midi", "23 15:00"),
    ("fr", "après-demain", "24 10:00"),
    ("fr", "après demain à 9h", "24 09:00"),
    ("fr", "18h30", "22 18:30"),
    ("fr", "18 heures", "22 18:00"),
    ("fr", "9h", "23 09:00"),
    ("fr", "14h", "23 14:00"),
    ("fr", "15h00", "23 15:00"),
    ("fr", "15h01", "22 15:01"),
    ("fr", "lundi 9h", "23 09:00"),
    ("fr", "Samedi", "28 10:00"),
    ("fr", "vendredi prochain à 19h", "27 19:00"),
    ("fr", "dimanche 14h", "29 14:00"),
    ("fr", "dans 2 heures", "22 17:00"),
    ("fr", "dans une heure", "22 16:00"),
    ("fr", "dans 3 jours", "25 10:00"),
    ("fr", "aujourd'hui 17h", "22 17:00"),
    ("fr", "ce soir ou demain", "22 19:00"),
    ("fr", "entre 18h et 20h", "22 18:00"),
    ("de", "heute Abend", "22 19:00"),
    ("de", "heute Abend um 8", "22 20:00"),
    ("de", "morgen 18 Uhr", "23 18:00"),
    ("de", "Morgen um 18 Uhr 30", "23 18:30"),
    ("de", "morgen um 18:30 Uhr", "23 18:30"),
    ("de", "morgen 18.30", "23 18:30"),
    ("de", "morgen früh", "23 09:00"),
    ("de", "morgen Abend", "23 19:00"),
    ("de", "übermorgen um 10 Uhr", "24 10:00"),
    ("de", "uebermorgen", "24 10:00"),
    ("de", "Mittwoch 12 Uhr", "25 12:00"),
    ("de", "am Samstag nach 17", "28 17:00"),
    ("de", "Sonnabend", "28 10:00"),
    ("de", "in einer Stunde", "22 16:00"),
    ("de", "um 20 Uhr", "22 20:00"),
    ("es", "esta noche", "22 19:00"),
    ("es", "mañana a las 18", "23 18:00"),
    ("es", "mañana a las 6", "23 18:00"),
    ("es", "mañana por la mañana", "23 09:00"),
    ("es", "mañana por la tarde", "23 15:00"),
    ("es", "pasado mañana", "24 10:00"),
    ("es", "el miércoles a las 19:30", "25 19:30"),
    ("es", "sábado 11h", "28 11:00"),
    ("es", "dentro de 2 horas", "22 17:00"),
    ("es", "hoy a las 21 horas", "22 21:00"),
    ("it", "stasera", "22 19:00"),
    ("it", "stasera alle 9", "22 21:00"),
    ("it", "domani alle 18", "23 18:00"),
    ("it", "domani mattina", "23 09:00"),
    ("it", "domattina", "23 09:00"),
    ("it", "dopodomani alle 10", "24 10:00"),
    ("it", "lunedì alle 9", "23 09:00"),
    ("it", "venerdì sera alle 8", "27 20:00"),
    ("it", "tra un'ora", "22 16:00"),
    ("it", "fra 2 ore", "22 17:00"),
    ("it", "domani pomeriggio", "23 15:00"),
    ("nl", "vanavond", "22 19:00"),
    ("nl", "vanavond om 8", "22 20:00"),
    ("nl", "morgen om 18 uur", "23 18:00"),
    ("nl", "morgenochtend", "23 09:00"),
    ("nl", "morgenavond 20u", "23 20:00"),
    ("nl", "overmorgen", "24 10:00"),
    ("nl", "dinsdag 9u30", "24 09:30"),
    ("nl", "over een uur", "22 16:00"),
    ("nl", "zaterdagmiddag", None),
    ("nl", "zaterdag om 14.15", "28 14:15"),
    ("pt", "hoje à noite", "22 19:00"),
    ("pt", "amanhã 18h", "23 18:00"),
    ("pt", "amanhã às 18", "23 18:00"),
    ("pt", "amanhã de manhã", "23 09:00"),
    ("pt", "depois de amanhã", "24 10:00"),
    ("pt", "segunda às 9h", "23 09:00"),
    ("pt", "terça-feira às 18h30", "24 18:30"),
    ("pt", "sexta à tarde", "27 15:00"),
    ("pt", "daqui a 2 horas", "22 17:00"),
    ("ja", "terça-feira 18h", "24 18:00"),
    (None, "demain 18h", "23 18:00"),
]

NONSENSE = [
    ("en", ""),
    ("en", "hello"),
    ("en", "4"),
    ("en", "18"),
    ("en", "never"),
    ("en", "not tomorrow"),
    ("fr", "pas ce soir"),
    ("de", "nicht morgen"),
    ("es", "no mañana"),
    ("pt", "amanhã não, não amanhã"),
    ("en", "tomorrow at 25"),
    ("fr", "demain 25h"),
    ("fr", "demain 18h75"),
    ("en", "tomorrow at 13pm"),
    ("en", "in 900 hours"),
    ("en", "in 30 days"),
    ("en", "half past 6 tomorrow"),
    ("de", "morgen halb 8"),
    ("fr", "demain 18h et demie"),
    ("fr", "plus tard"),
    ("es", "más tarde"),
    ("es", "muy tarde"),
    ("pt", "mais tarde"),
    ("fr", "le 24/11"),
    ("en", "tomorrow for my 3 kids"),
    ("es", "segunda opción"),
    ("it", "quinta"),
    ("en", "12:99"),
    ("en", "version 10.15.7"),
    ("fr", "j'en veux 2"),
    ("en", "at 2"),
]


def _local(at: datetime) -> str:
    return at.astimezone(ZoneInfo(PARIS)).strftime("%d %H:%M")


@pytest.mark.parametrize(("language", "text", "wished"), WISHES)
def test_an_hour_is_read_in_seven_languages(
    language: str | None, text: str, wished: str | None
) -> None:
    at = read_hour(text, language, NOW, PARIS)
    assert (at and _local(at)) == wished


@pytest.mark.parametrize(("language", "text"), NONSENSE)
def test_what_is_no_clear_wish_is_none(language: str, text: str) -> None:
    assert read_hour(text, language, NOW, PARIS) is None


@pytest.mark.parametrize(
    ("local", "wished"),
    [("18:00", "22 19:00"), ("19:00", "22 20:00"), ("20:30", "22 21:00"), ("22:00", "23 19:00")],
)
def test_tonight_said_in_the_evening_is_later_that_evening_or_the_next(
    local: str, wished: str
) -> None:
    hour, minute = local.split(":")
    now = datetime(2026, 11, 22, int(hour), int(minute), tzinfo=ZoneInfo(PARIS))
    at = read_hour("ce soir", "fr", now, PARIS)
    assert at is not None
    assert _local(at) == wished


def test_the_hour_is_one_of_the_shoppers_zone() -> None:
    at = read_hour("tomorrow at 6pm", "en", NOW, "America/New_York")
    assert at == datetime(2026, 11, 23, 23, 0, tzinfo=UTC)


def test_tomorrow_is_the_shoppers_tomorrow() -> None:
    late = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)  # already Monday in Paris
    at = read_hour("demain 18h", "fr", late, PARIS)
    assert at is not None
    assert _local(at) == "24 18:00"


def test_a_day_on_which_clocks_change_keeps_its_hours() -> None:
    before = datetime(2026, 10, 24, 16, 0, tzinfo=UTC)
    assert read_hour("demain 18h", "fr", before, PARIS) == datetime(2026, 10, 25, 17, tzinfo=UTC)


def test_a_time_without_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="aware"):
        read_hour("demain 18h", "fr", datetime(2026, 11, 22), PARIS)


PIECES = st.sampled_from(
    """demain tomorrow morgen lundi friday sabado soir evening 18h 6pm at um 7 19 : . 30 pas in
    2 hours jours over een uur halb noche mañana segunda feira ² ٣ uhr h am""".split()
)


@settings(max_examples=200, deadline=None)
@given(
    st.one_of(st.text(), st.lists(PIECES).map(" ".join), st.lists(PIECES).map("".join)),
    st.sampled_from([None, "fr", "pt-BR", "xx"]),
    st.datetimes(datetime(2026, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)),
    st.sampled_from([PARIS, "America/New_York", "Pacific/Apia", "Asia/Kathmandu", "UTC"]),
)
@example("in 99 days", None, NOW, PARIS)
def test_any_text_gives_a_moment_of_the_coming_days_or_none(
    text: str, language: str | None, now: datetime, zone: str
) -> None:
    at = read_hour(text, language, now, zone)
    if at is not None:
        assert at.tzinfo is UTC
        assert now <= at <= now + timedelta(days=9)
