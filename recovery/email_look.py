"""The shop's colour on our e-mails, such that what stands on it can be read; and its pictures."""

from __future__ import annotations

import re
from dataclasses import dataclass

CALM = "#24453b"  # where a shop names no colour
LIGHT, DARK = "#ffffff", "#1b1b1a"
DARK_CARD = "#1f1f1e"
EASY = 3.0  # contrast that large type and a button's edge need, WCAG 2.2 SC 1.4.3 and 1.4.11
LONGEST_ADDRESS = 1000

_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
_PICTURE = re.compile(r"(?:https://|http://127\.0\.0\.1[:/])[^\s\"'<>\\`\x00-\x1f\x7f]+")


@dataclass(frozen=True, slots=True)
class Look:
    """Colours as "#rrggbb": of the button and its words, by day and in dark mode."""

    button: str
    on_button: str
    night_button: str
    night_on_button: str


def look_of(colour: str | None) -> Look:
    """The look of a shop's colour; a calm one of ours where it names none that can be read."""
    day = colour.lower() if colour and _COLOUR.fullmatch(colour) else CALM
    night = day if contrast(day, DARK_CARD) >= EASY else "#f1f0ec"
    return Look(day, _words_on(day), night, _words_on(night))


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours, 1 to 21, by WCAG 2.2."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def picture(address: str | None) -> str | None:
    """The address of a picture that a mail program may load, or None: https, or on this machine."""
    found = address or ""
    fits = len(found) <= LONGEST_ADDRESS and _PICTURE.fullmatch(found)
    return found if fits else None


def _words_on(colour: str) -> str:
    return LIGHT if contrast(colour, LIGHT) >= contrast(colour, DARK) else DARK


def _luminance(colour: str) -> float:
    parts = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
