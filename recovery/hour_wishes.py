"""At which hour does a shopper wish to be written to? Read from their reply. Pure.

Read: "tonight", "ce soir", "demain 18h", "tomorrow at 6pm", "morgen 18 Uhr", "mañana a las
18", "domani alle 18", "amanhã 18h", "18h30", "lundi 9h", "in 2 hours"; seven languages.

- An hour that is over means the next day; a weekday that is over means next week's.
- An hour from 1 to 7 without "am", "in the morning", or a zero before it is one of the
  afternoon or evening: nobody wishes for a text at three at night, and none would leave then.
- A part of the day stands for an hour of it (`hour_words.HOURS`); a day alone means 10:00,
  today a later hour.
- Of two wishes the first counts. What is not wholly understood is None: a number left over, a
  "not" before it, a half hour in words.

The wish knows no law: the caller looks for the first decent hour from it on.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from recovery.hour_words import (
    AFTERNOON,
    AT,
    CLOCK,
    COUNTED,
    COUNTS,
    DAYS,
    EVENING,
    HOURS,
    IN_A_WHILE,
    MORNING,
    NEGATED,
    PARTIAL,
    WEEKDAYS,
)

LONGEST_REPLY = 500
LONGEST_WAIT = timedelta(days=7)
_ALONE = (10, 14, 18)  # a day without an hour
_WORD = re.compile(r"[a-z]+")
_DAY_NUMBER = re.compile(r" ?,? ?(?P<hour>\d{1,2})(?!\d|[:.]\d| ?[a-z])")


@dataclass(frozen=True, slots=True)
class Wish:
    """A wish, not yet tied to a moment. `delay` stands alone; the others go together."""

    days: int | None = None  # from today
    weekday: int | None = None  # Monday is 0
    part: str | None = None
    clock: time | None = None
    delay: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """A wish in a folded reply, and the rest of the reply without it."""

    wish: Wish | None
    rest: str


def folded(text: str) -> str:
    """Small letters without accents or anything invisible, digits of any script as 0–9."""
    apart = unicodedata.normalize("NFKD", text[:LONGEST_REPLY]).casefold()
    # Cut again: one character may have become eighteen (U+FDFA), and what reads them is slow.
    apart = unicodedata.normalize("NFKD", apart)[: 2 * LONGEST_REPLY]
    apart = apart.replace("n't", "nt").replace("n’t", "nt")
    plain = "".join(_plain(char) for char in apart)
    return re.sub(r"[ \t]+", " ", plain).strip()


def _plain(char: str) -> str:
    if unicodedata.category(char) in {"Mn", "Me", "Cf", "Cs"}:
        return ""
    digit = unicodedata.digit(char, None)
    if digit is not None:
        return str(digit)
    return " " if char in "'’‘`´-_" else char


def read_hour(text: str, language: str | None, now: datetime, zone: str) -> datetime | None:
    """The moment (UTC, after `now`) that `text` wishes for; None where it is no clear wish.

    `language` is the shopper's ("pt-BR"), `zone` an IANA name. Raises ValueError for a naive
    `now` and `ZoneInfoNotFoundError` (a KeyError) for a zone that there is not; never for
    any text.
    """
    found = find(folded(text), language)
    if found.wish is None or re.search(r"\d", found.rest):
        return None
    return moment(found.wish, now, zone)


def moment(wish: Wish, now: datetime, zone: str) -> datetime | None:
    """When `wish` is, seen from `now`; within `LONGEST_WAIT` (and its day), or None."""
    if now.tzinfo is None:
        raise ValueError("the time of a reply must be aware")
    if wish.delay is not None:
        return (now + wish.delay).astimezone(UTC) if wish.delay <= LONGEST_WAIT else None
    local = now.astimezone(ZoneInfo(zone))
    again = timedelta(days=7 if wish.weekday is not None else 1)
    day = local.date() + timedelta(days=_days_ahead(wish, local.date()))
    at = _first_after(now, day, _clocks(wish), zone)
    return at or _first_after(now, day + again, _clocks(wish), zone)


def _days_ahead(wish: Wish, today: date) -> int:
    if wish.weekday is not None:
        return (wish.weekday - today.weekday()) % 7
    return wish.days or 0


def _clocks(wish: Wish) -> list[time]:
    if wish.clock is not None:
        return [wish.clock]
    return [time(hour) for hour in (HOURS[wish.part] if wish.part else _ALONE)]


def _first_after(now: datetime, day: date, clocks: list[time], zone: str) -> datetime | None:
    moments = (datetime.combine(day, at, ZoneInfo(zone)).astimezone(UTC) for at in clocks)
    return next((at for at in moments if at > now), None)


def find(plain: str, language: str | None) -> Found:
    """The wish in a reply that is `folded`; the rest has a bar where it stood."""
    if PARTIAL.search(plain):
        return Found(None, plain)
    while_ = IN_A_WHILE.search(plain)
    if while_:
        return _unless_denied(plain, [while_.span()], _in_a_while(while_))
    days, weekday, part, spans = _day(plain, language)
    clock, clock_spans = _clock(plain, spans, part, days is not None or weekday is not None)
    spans = [*spans, *clock_spans]
    if (clock_spans and clock is None) or not spans:
        return Found(None, plain)
    return _unless_denied(plain, spans, Wish(days, weekday, part, clock))


def _unless_denied(plain: str, spans: list[tuple[int, int]], wish: Wish) -> Found:
    rest = plain
    for start, end in sorted(spans, reverse=True):
        rest = f"{rest[:start]}|{rest[end:]}"
    denied = any(NEGATED.search(plain[:start]) for start, _ in spans)
    return Found(None if denied else wish, rest)


def _in_a_while(found: re.Match[str]) -> Wish:
    count, unit = found["count"], found["unit"]
    many = COUNTS.get(count) or int(count)
    if unit.startswith(("d", "j", "t", "g")):
        return Wish(days=many) if many <= LONGEST_WAIT.days else Wish(delay=2 * LONGEST_WAIT)
    return Wish(delay=timedelta(minutes=many) if unit[0] == "m" else timedelta(hours=many))


_Days = tuple[int | None, int | None, str | None, list[tuple[int, int]]]


def _day(plain: str, language: str | None) -> _Days:
    """Days from today, weekday, part of the day, and where they stand; the first of each."""
    spans: list[tuple[int, int]] = []
    days: list[tuple[int, int]] = []
    parts: list[tuple[int, str]] = []
    for pattern, ahead, part in DAYS:
        for found in pattern.finditer(plain):
            if any(start < found.end() and found.start() < end for start, end in spans):
                continue
            spans.append(found.span())
            days += [(found.start(), ahead)] if ahead is not None else []
            parts += [(found.start(), part)] if part is not None else []
    weekday, weekday_spans = _weekday(plain, language)
    first_day = min(days)[1] if days else None
    if weekday is not None and first_day is not None and min(days)[0] > weekday_spans[0][0]:
        first_day = None
    weekday = weekday if first_day is None else None
    return first_day, weekday, min(parts)[1] if parts else None, [*spans, *weekday_spans]


def _weekday(plain: str, language: str | None) -> tuple[int | None, list[tuple[int, int]]]:
    is_portuguese = (language or "").lower().startswith("pt")
    found: list[tuple[int, tuple[int, int]]] = []
    for word in _WORD.finditer(plain):
        day = WEEKDAYS.get(word[0].removesuffix("s") if word[0] not in WEEKDAYS else word[0])
        feira = re.match(r" ?feira\b", plain[word.end() :])
        if day is None or (word[0] in COUNTED and not (feira or is_portuguese)):
            continue
        found.append((day, (word.start(), word.end() + (feira.end() if feira else 0))))
    return (found[0][0] if found else None), [span for _, span in found]


def _clock(
    plain: str, day_spans: list[tuple[int, int]], part: str | None, has_day: bool
) -> tuple[time | None, list[tuple[int, int]]]:
    """The first hour named, and where hours stand. One that no clock shows makes it None."""
    found = [*CLOCK.finditer(plain)]
    if not found:
        bare = AT.search(plain)
        if bare and (has_day or part or int(bare["hour"]) > 7):
            found = [bare]
    if not found and has_day:
        behind = (_DAY_NUMBER.match(plain, end) for _, end in sorted(day_spans))
        found = [match for match in behind if match][:1]
    if not found:
        return None, []
    return _as_time(found[0].groupdict(), part), [match.span() for match in found]


def _as_time(said: dict[str, str | None], part: str | None) -> time | None:
    digits = said["hour"] or ""
    hour, minute = int(digits), int(said.get("minute") or said.get("minute2") or 0)
    half = (said.get("half") or said.get("half2") or "")[:1]
    if half:
        hour = hour % 12 + (12 if half == "p" else 0) if 1 <= hour <= 12 else 24
    elif 1 <= hour <= _latest_of_afternoon(part, digits):
        hour += 12
    return time(hour, minute) if hour <= 23 else None


def _latest_of_afternoon(part: str | None, digits: str) -> int:
    """Up to which hour a number means the hour twelve later; see the rule above."""
    if part in {AFTERNOON, EVENING}:
        return 11
    return 0 if part == MORNING or digits.startswith("0") else 7
