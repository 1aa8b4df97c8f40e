"""Ready programmes by trade, to be taken over in one click and changed afterwards.

No preset gives anything away: an incentive is the merchant's to add (`with_offer`). The words
and the sources of the delays are in `preset_words`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from msgspec.structs import replace

from recovery.model import Channel
from recovery.preset_words import WORDS, PresetWords
from recovery.prices import locale_of
from recovery.programme_form import Delay, Incentive, Programme, Start, Step
from recovery.sending_hours import rule_for

__all__ = ["PRESETS", "Preset", "preset", "with_offer"]

MINUTE, HOUR, DAY = 60, 3_600, 86_400


@dataclass(frozen=True, slots=True)
class Preset:
    """A ready programme. `words` are its name, one line about it, and where its delays come from.

    `programme` is for countries without limits of their own; its `source` is English.
    """

    trade: str
    words: PresetWords
    programme: Programme


def preset(trade: str, country: str | None = None, language: str = "en") -> Programme:
    """The programme of a trade, ready for a shop in `country` (ISO 3166 alpha-2).

    Where a country allows a cart fewer texts, later steps become e-mails. `language` is that
    of `source`: French for a locale of French, else English. KeyError: no such trade.
    """
    chosen = PRESETS[trade]
    at = 1 if locale_of(language).language == "fr" else 0
    steps = _allowed(chosen.programme.steps, country)
    return replace(chosen.programme, steps=steps, source=chosen.words.source[at])


def with_offer(programme: Programme, incentive: Incentive, number: int = 2) -> Programme:
    """The programme with an incentive in its step `number`, and words that tell of it.

    By default the second: before it, people who have not ordered yet get none. Texts of the
    merchant's own stay as they are. A programme without that step comes back unchanged.
    """
    steps = tuple(
        replace(step, incentive=incentive, words="offer") if step.number == number else step
        for step in programme.steps
    )
    return replace(programme, steps=steps)


def _allowed(steps: Sequence[Step], country: str | None) -> tuple[Step, ...]:
    most, found, texts = rule_for(country).texts_per_cart, list[Step](), 0
    for step in steps:
        texts += Channel.SMS in (step.channel, step.fallback)
        is_past = most is not None and texts > most
        found.append(replace(step, channel=Channel.EMAIL, fallback=None) if is_past else step)
    return tuple(found)


def _steps(*written: tuple[Channel, str, int, int]) -> tuple[Step, ...]:
    """Steps of (channel, words, delay below, delay above the border), in seconds.

    The first delay counts from the start, the others from the step before; a text whose
    number or consent is lacking becomes an e-mail.
    """
    return tuple(
        Step(
            number=number,
            channel=channel,
            words=words,
            delay=Delay(below=below, above=above),
            since="start" if number == 1 else "step",
            fallback=Channel.EMAIL if channel is Channel.SMS else None,
        )
        for number, (channel, words, below, above) in enumerate(written, 1)
    )


_SMS, _EMAIL = Channel.SMS, Channel.EMAIL

#: Trade → the days after which it ends, and its steps. The idle time comes before.
_TRADES: dict[str, tuple[int, tuple[Step, ...]]] = {
    "fashion": (
        14,
        _steps(
            (_SMS, "reminder", 30 * MINUTE, 2 * HOUR),
            (_EMAIL, "second", DAY, DAY),
            (_SMS, "last", 2 * DAY, 3 * DAY),
        ),
    ),
    "beauty": (
        14,
        _steps(
            (_SMS, "reminder", 30 * MINUTE, HOUR),
            (_EMAIL, "second", DAY, DAY),
            (_EMAIL, "last", 2 * DAY, 3 * DAY),
        ),
    ),
    "food": (
        5,
        _steps(
            (_SMS, "reminder", 15 * MINUTE, 30 * MINUTE),
            (_EMAIL, "second", DAY, DAY),
        ),
    ),
    "home": (
        21,
        _steps(
            (_SMS, "reminder", HOUR, 4 * HOUR),
            (_EMAIL, "second", DAY, 2 * DAY),
            (_EMAIL, "calm", 4 * DAY, 5 * DAY),
        ),
    ),
    "electronics": (
        14,
        _steps(
            (_SMS, "reminder", HOUR, 4 * HOUR),
            (_EMAIL, "second", DAY, 2 * DAY),
            (_SMS, "last", 3 * DAY, 4 * DAY),
        ),
    ),
    "toys": (
        14,
        _steps(
            (_SMS, "reminder", 30 * MINUTE, 2 * HOUR),
            (_EMAIL, "second", DAY, DAY),
            (_EMAIL, "last", 3 * DAY, 3 * DAY),
        ),
    ),
    "sport": (
        14,
        _steps(
            (_SMS, "reminder", 30 * MINUTE, 3 * HOUR),
            (_EMAIL, "second", DAY, DAY),
            (_SMS, "last", 2 * DAY, 4 * DAY),
        ),
    ),
    "gifts": (
        7,
        _steps(
            (_SMS, "reminder", 30 * MINUTE, HOUR),
            (_EMAIL, "second", DAY, DAY),
            (_SMS, "last", 2 * DAY, 2 * DAY),
        ),
    ),
    "travel": (
        21,
        _steps(
            (_SMS, "calm", 2 * HOUR, 6 * HOUR),
            (_EMAIL, "calm", 2 * DAY, 3 * DAY),
            (_EMAIL, "calm", 4 * DAY, 5 * DAY),
        ),
    ),
    "considered": (
        21,
        _steps(
            (_SMS, "calm", 2 * HOUR, 6 * HOUR),
            (_EMAIL, "calm", 2 * DAY, 4 * DAY),
            (_EMAIL, "calm", 5 * DAY, 6 * DAY),
        ),
    ),
    "b2b": (
        21,
        _steps(
            (_EMAIL, "b2b", 2 * HOUR, 4 * HOUR),
            (_EMAIL, "b2b", 2 * DAY, 3 * DAY),
            (_EMAIL, "b2b", 4 * DAY, 5 * DAY),
        ),
    ),
}


def _preset(trade: str, days: int, steps: tuple[Step, ...]) -> Preset:
    words = WORDS[trade]
    programme = Programme(
        start=Start.CART, steps=steps, trade=trade, ends_after_days=days, source=words.source[0]
    )
    return Preset(trade, words, programme)


#: The presets, in the order in which they are shown.
PRESETS: dict[str, Preset] = {
    trade: _preset(trade, days, steps) for trade, (days, steps) in _TRADES.items()
}
