"""Richer forms of a text, MMS and RCS: which a sender account has, and in which countries.

An account names them in words such as "mms,rcs:FR,rcs:DE". Vonage sends MMS in the United
States and Canada, from a number of there
(https://developer.vonage.com/en/messages/concepts/mms). An RCS agent is launched in one
country after the other, so each has to be named.
"""

from __future__ import annotations

import re

from recovery.contacts import region_of

MMS, RCS = "mms", "rcs"
KINDS = (MMS, RCS)
#: Of a reminder whose rich form came to nothing: it leaves as the plain text.
PLAIN = "text"
MMS_COUNTRIES = ("CA", "US")

_ONE = re.compile(r"(?:(mms)|rcs:([A-Z]{2}))")
_SHORT_CODE = re.compile(r"\d{3,8}")
_AGENT = re.compile(r"[a-zA-Z0-9_&-]{1,80}")


def read(words: str) -> frozenset[tuple[str, str]]:
    """(kind, country) for each that an account has. Raises ValueError with what it must be."""
    found: set[tuple[str, str]] = set()
    for each in filter(None, re.split(r"[,\s]+", words)):
        fits = _ONE.fullmatch(each)
        if fits is None:
            raise ValueError("mms, and rcs with each of its countries, such as mms,rcs:FR,rcs:DE")
        found |= {(MMS, country) for country in MMS_COUNTRIES} if fits[1] else {(RCS, fits[2])}
    return frozenset(found)


def check_agent(words: str, agent: str) -> None:
    """Raise ValueError unless the kinds in `words` can be read and RCS has its agent."""
    if any(kind == RCS for kind, _ in read(words)) and not _AGENT.fullmatch(agent):
        raise ValueError("RCS needs the id of its agent: letters, digits, - _ and &")


def may_take(words: str, kind: str, sender: str, recipient: str) -> bool:
    """Whether an account with these `words` and this `sender` can send `kind` to that number."""
    country = region_of(recipient)
    if country is None or (kind, country) not in read(words):
        return False
    return kind != MMS or region_of(sender) in MMS_COUNTRIES or bool(_SHORT_CODE.fullmatch(sender))
