"""A text packed as the air carries it: messages of at most 140 octets, by 3GPP TS 23.038/23.040.

Written from the standard and apart from the code under test: positions instead of sets,
real septets in real octets. `unpacked` reads the octets again.
"""

from __future__ import annotations

OCTETS = 140
_HEADER = 6  # octets: length, concatenation, its length, reference, how many, which

_ROWS = (  # the basic table, eight rows of sixteen positions
    "@£$¥èéùìòÇ\nØø\rÅå",
    "Δ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ",
    " !\"#¤%&'()*+,-./",
    "0123456789:;<=>?",
    "¡ABCDEFGHIJKLMNO",
    "PQRSTUVWXYZÄÖÑÜ§",
    "¿abcdefghijklmno",
    "pqrstuvwxyzäöñüà",
)
POSITIONS = {
    char: 16 * row + column
    for row, chars in enumerate(_ROWS)
    for column, char in enumerate(chars)
    if char != "\x1b"
}
EXTENDED = {
    **{"\f": 0x0A, "^": 0x14, "{": 0x28, "}": 0x29, "\\": 0x2F},
    **{"[": 0x3C, "~": 0x3D, "]": 0x3E, "|": 0x40, "€": 0x65},
}


def pdus(text: str) -> list[bytes]:
    """The messages that `text` takes, each with its header where there are several."""
    seven = all(char in POSITIONS or char in EXTENDED for char in text)
    whole = _packed(text, 0) if seven else text.encode("utf-16-be")
    if len(whole) <= OCTETS:
        return [whole] if text else []
    bodies, start = [], 0
    while start < len(text):
        end = start + 1
        while end < len(text) and _octets(text[start : end + 1], seven) <= OCTETS:
            end += 1
        bodies.append(text[start:end])
        start = end
    return [_message(body, seven, len(bodies), number) for number, body in enumerate(bodies, 1)]


def unpacked(messages: list[bytes], seven: bool) -> str:
    """The text of the messages, each read alone: what came apart at a seam would not come back."""
    header = _HEADER if len(messages) > 1 else 0
    if not seven:
        return "".join(message[header:].decode("utf-16-be") for message in messages)
    return "".join(_read_septets(message, header) for message in messages)


def _octets(body: str, seven: bool) -> int:
    packed = _packed(body, _HEADER) if seven else bytes(_HEADER) + body.encode("utf-16-be")
    return len(packed)


def _message(body: str, seven: bool, many: int, number: int) -> bytes:
    header = bytes([5, 0, 3, 7, many % 256, number % 256])
    if seven:
        return header + _packed(body, _HEADER)[_HEADER:]
    return header + body.encode("utf-16-be")


def _packed(body: str, header: int) -> bytes:
    """Septets from the lowest bit on, behind `header` empty octets and the bits to fill up."""
    bits, at = 0, -(-header * 8 // 7) * 7
    for char in body:
        pair = (POSITIONS[char],) if char in POSITIONS else (0x1B, EXTENDED[char])
        for septet in pair:
            bits |= septet << at
            at += 7
    return bits.to_bytes(-(-at // 8), "little")


def _read_septets(message: bytes, header: int) -> str:
    bits, at = int.from_bytes(message, "little"), -(-header * 8 // 7) * 7
    basic = {position: char for char, position in POSITIONS.items()}
    extended = {position: char for char, position in EXTENDED.items()}
    text, escaped = "", False
    while at + 7 <= len(message) * 8:
        septet = bits >> at & 0x7F
        at += 7
        if septet == 0x1B and not escaped:
            escaped = True
            continue
        text, escaped = text + (extended if escaped else basic)[septet], False
    return text + ("\x1b" if escaped else "")
