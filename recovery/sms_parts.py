"""How many parts a text takes as SMS, and which characters make it dear.

GSM 03.38 (3GPP TS 23.038): 160 units in one part, 153 in each of several; a
character of the extension table takes two units and is never split. One
character outside turns the whole text into UCS-2: 70 and 67 UTF-16 units, a
surrogate pair never split.
"""

from __future__ import annotations

import re
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
    **dict.fromkeys("\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\ufe0e\ufe0f", ""),
    **dict.fromkeys("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069", ""),
    **dict.fromkeys("\u2028\u2029\u0085\v", "\n"),
    **{"…": "...", "•": "-", "×": "x", "⁄": "/", "‹": "<", "›": ">", "→": "->", "←": "<-"},
    **{"œ": "oe", "Œ": "OE", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "ı": "i", "ẞ": "SS"},
    **{"ð": "d", "Ð": "D", "þ": "th", "Þ": "Th", "™": "(TM)", "®": "(R)", "©": "(c)"},
}

# What a reader takes for one letter: a flag; a letter with its marks and joiners apart; a
# picture with its skin, its form, and the pictures joined to it.
_LETTER = re.compile(
    "[\U0001f1e6-\U0001f1ff]{2}"
    "|.(?:\u200d[\u2190-\u2bff\U0001f000-\U0001faff]"
    "|[\u0300-\u036f\u200c\u200d\u20e3\ufe0e\ufe0f\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f])*",
    re.DOTALL,
)


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
    """The same text in GSM 03.38 alone, and what was put for what.

    An offer, to be shown and agreed to ("smart encoding"), never done silently. Only where
    the whole text comes to GSM-7 and takes no more parts for it; else it is the text as it
    is, and nothing put: half of it done would spoil words and save nothing.
    """
    composed = letters_of(unicodedata.normalize("NFC", text))
    forms = {letter: plain_form(letter) for letter in dict.fromkeys(composed)}
    known = {letter: form for letter, form in forms.items() if form is not None}
    if len(known) < len(forms):
        return text, ()
    pure = "".join(known[letter] for letter in composed)
    if parts_of(pure).parts > parts_of(text).parts:
        return text, ()
    return pure, tuple((letter, form) for letter, form in known.items() if form != letter)


def smart(text: str, wanted: bool) -> str:
    """What is sent: the plain form where the merchant wants it and there is one, else `text`."""
    return plain(text)[0] if wanted else text


def letters_of(text: str) -> list[str]:
    """`text` cut into what a reader takes for one letter or picture; joined it is `text` again."""
    return _LETTER.findall(text)


def in_gsm_7(text: str) -> bool:
    """Is each character in the basic table of GSM 03.38 or its extension?"""
    return all(char in BASIC or char in EXTENSION for char in text)


def plain_form(letter: str) -> str | None:
    """What says the same in GSM 03.38; "" for what is not seen; None: nothing does.

    Accents leave Latin letters alone: a Greek Ώ is no Ω. Numbers that are raised or lowered,
    circled, or parts of one have none, as "49,90²" and "42½" would become other numbers.
    """
    composed = unicodedata.normalize("NFC", letter)
    if any(unicodedata.category(char) == "No" for char in composed):
        return None
    apart = "".join(_apart(char) for char in composed)
    bare = "".join(char for char in apart if not unicodedata.combining(char))
    if bare != apart and not all("LATIN" in unicodedata.name(char, "") for char in bare):
        return None
    form = "".join(_PLAIN_FORMS.get(char, char) for char in bare)
    return form if in_gsm_7(form) else None


def _apart(char: str) -> str:
    if in_gsm_7(char):
        return char
    return _PLAIN_FORMS.get(char, unicodedata.normalize("NFKD", char))
