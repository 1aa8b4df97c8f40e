"""E-mail addresses as they may stand in a command and in a header."""

from __future__ import annotations

import re
from dataclasses import dataclass

import idna

LONGEST_LOCAL = 64  # octets, RFC 5321 4.5.3.1.1
LONGEST_ADDRESS = 254  # octets: a path of 256 with its brackets, RFC 5321 4.5.3.1.3

# RFC 5321 `Dot-string`, widened by RFC 6531 to any letter beyond ASCII. Quoted local parts
# ("a b"@x) are left out: hardly anybody has one, and they are how commands are smuggled in.
_ATOM = (
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~\-\u00a1-\ud7ff\uf900-\ufdcf\ufdf0-\uffef\U00010000-\U000effff]"
)
_LOCAL = re.compile(rf"{_ATOM}+(?:\.{_ATOM}+)*")
_LABEL = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?")
_UNSEEN = re.compile(r"[\u2028\u2029\u200b-\u200f\u202a-\u202e\u2066-\u2069\u3000\ufeff]|\s")


@dataclass(frozen=True, slots=True)
class Mailbox:
    """An address that holds nothing but an address; `domain` is in its ASCII form (IDNA 2008)."""

    local: str
    domain: str

    @property
    def needs_utf8(self) -> bool:
        """Whether a server must offer SMTPUTF8 (RFC 6531) to take it."""
        return not self.local.isascii()

    def __str__(self) -> str:
        return f"{self.local}@{self.domain}"


def mailbox(written: str) -> Mailbox | None:
    """The address that `written` is, or None: no display name, no brackets, no line breaks."""
    local, at, domain = written.rpartition("@")
    if not at or not _LOCAL.fullmatch(local) or _UNSEEN.search(local):
        return None
    plain = _ascii_domain(domain)
    if plain is None or len(local.encode()) > LONGEST_LOCAL:
        return None
    found = Mailbox(local, plain)
    return found if len(str(found).encode()) <= LONGEST_ADDRESS else None


def _ascii_domain(domain: str) -> str | None:
    try:
        plain = domain if domain.isascii() else idna.encode(domain, uts46=True).decode("ascii")
    except (idna.IDNAError, UnicodeError):
        return None
    labels = plain.split(".")
    fits = len(labels) > 1 and all(_LABEL.fullmatch(label) for label in labels)
    return plain.lower() if fits else None
