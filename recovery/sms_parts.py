"""How many parts a text takes as SMS, and which characters make it dear.

GSM 03.38 (3GPP TS 23.038): 160 units in one part, 153 in each of several; a
character of the extension table takes two units and is never split. One
character outside turns the whole text into UCS-2: 70 and 67 UTF-16 units, a
surrogate pair never split.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

GSM_7 = "GSM-7"
UCS_2 = "UCS-2"

BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENSION = frozenset("\f^{}\\[~]|€")
SIZES = {GSM_7: (160, 153), UCS_2: (70, 67)}  # alone, and in each of several

_PLAIN_FORMS = {
    **dict.fromkeys("‘’‚‛′`´ʼ", "'"),
    **dict.fromkeys("“”„‟″«»", '"'),
    **dict.fromkeys("‐‑‒–—―−", "-"),
    **dict.fromkeys("\u00a0\u1680\u202f\u205f\u3000\t", " "),
    **dict.fromkeys(map(chr, range(0x2000, 0x200B)), " "),
    **dict.fromkeys("\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\ufe0f", ""),
    **dict.fromkeys("\u2028\u2029\u0085\v", "\n"),
    **{"…": "...", "•": "-", "·": "-", "×": "x", "⁄": "/", "‹": "<", "›": ">"},
    **{"œ": "oe", "Œ": "OE", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "ı": "i", "ẞ": "SS"},
    **{"ð": "d", "Ð": "D", "þ": "th", "Þ": "Th", "→": "->", "←": "<-"},
}


@dataclass(frozen=True, slots=True)
class Parts:
    """What a text weighs as SMS.

    `units` are septets (GSM-7) or UTF-16 units (UCS-2), without what is lost
    where a pair did not fit; `culprits` are the characters, each once, that
    force UCS-2; `left_in_part` is how many units the last part still takes.
    """

    encoding: str
    parts: int
    units: int
    culprits: tuple[str, ...]
    left_in_part: int


def parts_of(text: str) -> Parts:
    """Count `text` exactly as it is sent. An empty text has no part."""
    culprits = tuple(dict.fromkeys(c for c in text if c not in BASIC and c not in EXTENSION))
    encoding = UCS_2 if culprits else GSM_7
    widths = [_width(char, encoding) for char in text]
    alone, each = SIZES[encoding]
    units = sum(widths)
    if units <= alone:
        return Parts(encoding, 1 if text else 0, units, culprits, alone - units)
    parts, used = 1, 0
    for width in widths:
        if used + width > each:
            parts, used = parts + 1, 0
        used += width
    return Parts(encoding, parts, units, culprits, each - used)


def _width(char: str, encoding: str) -> int:
    if encoding == GSM_7:
        return 2 if char in EXTENSION else 1
    return 2 if ord(char) > 0xFFFF else 1


def plain(text: str) -> tuple[str, tuple[tuple[str, str], ...]]:
    """The same text in GSM 03.38 as far as it goes, and what was put for what.

    An offer, to be shown and agreed to ("smart encoding"), never done silently.
    What has no plain form (other scripts, emoji) stays as it is.
    """
    composed = unicodedata.normalize("NFC", text)
    forms = {char: _plain_form(char) for char in dict.fromkeys(composed)}
    changed = tuple((char, form) for char, form in forms.items() if form != char)
    return "".join(forms[char] for char in composed), changed


def _plain_form(char: str) -> str:
    if char in BASIC or char in EXTENSION:
        return char
    if char in _PLAIN_FORMS:
        return _PLAIN_FORMS[char]
    apart = unicodedata.normalize("NFKD", char)
    bare = "".join(_PLAIN_FORMS.get(c, c) for c in apart if not unicodedata.combining(c))
    return bare if bare and all(c in BASIC or c in EXTENSION for c in bare) else char
