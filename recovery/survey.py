"""Why was the cart left? Read from a reply to "1 shipping cost, 2 account, 3 …". Pure.

- A wish to stop (`stop_words.is_stop`) wins over everything and is never an answer.
- A reply of nothing but digits 1–5 (of any script, in words of the
  survey's language, as keycaps) and filling words is
  answered by its first one: who names several names the weightiest first.
- A digit at the beginning with a mark behind it ("2. no password again") is the answer, unless
  the words name another reason. "2 weeks" is none.
- Words are looked for in the shopper's language first, then in all seven. A word may hold one
  wrong, missing, added or swapped letter from six letters on, two from nine on; its first
  letter must be right. Shorter ones must be exact.
- Where two reasons compete there is none: a person reads it. So it is with everything else
  that is not understood. What was typed is kept.
- An hour alone ("demain 18h") says: no time now, but then.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from recovery.hour_wishes import LONGEST_REPLY, Wish, find, folded, read_hour
from recovery.stop_words import is_stop
from recovery.survey_words import (
    BETWEEN,
    DECIDED,
    FILLING,
    NEGATIONS,
    NOT_YET,
    NUMBERS,
    PHRASES,
    WEAK_NEGATIONS,
    Left,
)

__all__ = ["Answer", "Left", "Wish", "distance", "read_answer", "read_hour"]

_REASONS = tuple(Left)
_TOKEN = re.compile(r"\d+|[^\W\d_]+|[.,;:!?()\n\r|/]")
_LEADING = re.compile(r"[^\w]*(?:[^\W\d_]+\W+){0,3}?[^\w]*([1-5]) ?[.,;:)\n\r!|](?!\d)")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a reply says. `words` is what was typed, for people; `stops`: it is no answer.

    `wish` is an hour named in it (`hour_wishes.moment` ties it to a time).
    """

    reason: Left | None
    words: str
    wish: Wish | None = None
    stops: bool = False


def read_answer(text: str, language: str | None) -> Answer:
    """The answer that `text` gives; `language` is the survey's ("fr-FR"). Raises nothing."""
    words = text.strip()
    if is_stop(text):
        return Answer(None, words, stops=True)
    if len(words) > LONGEST_REPLY:
        return Answer(None, words)
    found = find(folded(words), language)
    said = [word for word in _TOKEN.findall(found.rest) if word.isalnum() and word not in FILLING]
    digits = _digits(said, NUMBERS.get((language or "").lower()[:2], {}))
    if digits:
        return Answer(digits[0], words, found.wish)
    if not said:
        return Answer(Left.NO_TIME if found.wish else None, words, found.wish)
    leading = _leading(found.rest)
    by_words = _by_words(found.rest, language)
    return Answer(_agreed(leading, by_words), words, found.wish)


def distance(word: str, other: str, most: int) -> int:
    """Letters wrong, missing, added or swapped with the next; `most` + 1 when there are more."""
    if abs(len(word) - len(other)) > most:
        return most + 1
    before: list[int] = []
    row = list(range(len(other) + 1))
    for at, char in enumerate(word, 1):
        before_that, before, row = before, row, [at]
        for to, theirs in enumerate(other, 1):
            cost = min(before[to] + 1, row[-1] + 1, before[to - 1] + (char != theirs))
            swapped = at > 1 and to > 1 and char == other[to - 2] and word[at - 2] == theirs
            row.append(min(cost, before_that[to - 2] + 1) if swapped else cost)
    return min(row[-1], most + 1)


def _digits(said: list[str], numbers: dict[str, int]) -> list[Left]:
    """The reasons named by digits, when nothing else is said. An article is no digit beside one."""
    figures = [word for word in said if word.isdigit()]
    if not all(word in numbers or word in {"1", "2", "3", "4", "5"} for word in said):
        return []
    if figures:
        return [_REASONS[int(word) - 1] for word in figures]
    return [_REASONS[numbers[word] - 1] for word in said]


def _leading(rest: str) -> Left | None:
    found = _LEADING.match(rest)
    if found is None:
        return None
    before = [word for word in _TOKEN.findall(rest[: found.start(1)]) if word.isalnum()]
    return _REASONS[int(found[1]) - 1] if all(word in FILLING for word in before) else None


def _agreed(leading: Left | None, by_words: set[Left]) -> Left | None:
    named = by_words | ({leading} if leading else set())
    return named.pop() if len(named) == 1 else None


def _by_words(rest: str, language: str | None) -> set[Left]:
    """The reasons that words name: by the language's own, else by those of all others."""
    words = tuple(_TOKEN.findall(rest))
    own = (language or "").lower()[:2]
    named = set(_named(words, _table((own,)))) if own in PHRASES else set()
    named = named or set(_named(words, _table(tuple(PHRASES))))
    return named - {Left.DECIDING} if _has_decided(words) else named


def _has_decided(words: tuple[str, ...]) -> bool:
    """Is the mind made up? Not where one of the three words before denies it."""
    return any(
        words[at : at + len(phrase)] == phrase and NOT_YET.isdisjoint(words[max(0, at - 3) : at])
        for phrase in DECIDED
        for at in range(len(words))
    )


_Table = tuple[tuple[tuple[str, ...], Left], ...]


@lru_cache(maxsize=20)
def _table(languages: tuple[str, ...]) -> _Table:
    """The phrases of these languages, longest first."""
    listed = {
        (phrase, reason)
        for language in languages
        for reason, phrases in PHRASES[language].items()
        for phrase in phrases
    }
    return tuple(sorted(listed, key=lambda each: (-len(each[0]), each)))


def _named(words: tuple[str, ...], table: _Table) -> Iterator[Left]:
    """The reasons at each place, the longest phrase of a place first; denied ones left out."""
    at = 0
    while at < len(words):
        near = [(phrase, reason) for phrase, reason in table if _stands(phrase, words, at)]
        length = len(near[0][0]) if near else 1
        if near and not _is_denied(words, at):
            yield from (reason for phrase, reason in near if len(phrase) == length)
        at += length


def _stands(phrase: tuple[str, ...], words: tuple[str, ...], at: int) -> bool:
    there = words[at : at + len(phrase)]
    return len(there) == len(phrase) and all(
        _is_like(word, wanted) for word, wanted in zip(there, phrase, strict=True)
    )


@lru_cache(maxsize=20_000)
def _is_like(word: str, wanted: str) -> bool:
    if word == wanted or not wanted.isalpha() or word[0] != wanted[0]:
        return word == wanted
    most = 2 if len(wanted) >= 9 else 1 if len(wanted) >= 6 else 0
    return most > 0 and distance(word, wanted, most) <= most


def _is_denied(words: tuple[str, ...], at: int) -> bool:
    """Does "not" stand before this place? "Pas de", "no" alone complain and deny nothing."""
    start = at
    while start and words[start - 1] in BETWEEN:
        start -= 1
    before = words[start - 1] if start else ""
    if before not in NEGATIONS or (before == "pas" and "de" in words[start:at]):
        return False
    return before not in WEAK_NEGATIONS or start < at
