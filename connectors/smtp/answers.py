"""What a mail server's answers mean for us: its codes → which way a send failed.

Codes of RFC 5321 4.2, the ones behind them of RFC 3463 and RFC 4954. An answer's words are
never repeated: they name the recipient.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from connectors.protocols import AccountStopped, Busy, NoAnswer, Refused

# Seconds. Greylisting servers wait for 1 to 15 minutes; RFC 5321 4.5.4.1 says 30 minutes
# between tries, which would make a reminder stale.
GREYLISTED_AGAIN = 300.0
BUSY_AGAIN = 60.0
CLOSING = 421

_ENHANCED = re.compile(rb"\s*([245]\.\d{1,3}\.\d{1,3})(?:\s|$)")
_RELAYING = re.compile(rb"\brelay", re.IGNORECASE)
# Answers repeat the recipient: as a path, an address, or its domain alone.
_NAMED = re.compile(rb"<[^>]*>|\S*@\S*|\S+\.\S+")

#: 5xx that say no to us rather than to one recipient: log in, or another way of it.
_NOT_LET_IN = frozenset({530, 534, 535, 538})
#: The same in a later answer: sender unknown, bad or unproven, no right, account closed.
_ABOUT_US = frozenset(
    "5.1.7 5.1.8 5.7.0 5.7.3 5.7.8 5.7.9 5.7.11 5.7.14 5.7.23 5.7.25 5.7.26 5.7.27".split()
)

LOG_IN = "The mail server does not let this account in: check its user and password"
SENDER = "The mail server does not take this sender: check the sender's address and its domain"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server said: its code (-1: none that can be read), and its words."""

    code: int
    words: bytes

    @property
    def is_yes(self) -> bool:
        return 200 <= self.code < 300

    @property
    def detail(self) -> str:
        """Its code, and the one behind it, where it tells."""
        found = _ENHANCED.match(self.words)
        return f"{self.code} {found[1].decode()}" if found else str(self.code)

    @property
    def is_about_us(self) -> bool:
        found = _ENHANCED.match(self.words)
        behind = found[1].decode() if found else ""
        if behind and not behind.startswith("5.7."):
            return behind in _ABOUT_US
        own_words = _NAMED.sub(b" ", self.words)
        return behind in _ABOUT_US or bool(_RELAYING.search(own_words))


def failure_at_login(answer: Answer) -> Exception:
    """The error that stands for a no to AUTH; 454 is a server's own trouble (RFC 4954 4)."""
    if 400 <= answer.code < 500:
        return Busy(f"the mail server cannot let anybody in now ({answer.detail})", BUSY_AGAIN)
    return AccountStopped(f"{LOG_IN} ({answer.detail})")


def failure_of_sender(answer: Answer) -> Exception:
    """… to MAIL FROM: it knows no recipient yet, so a no is about the account."""
    if 400 <= answer.code < 500:
        return Busy(f"the mail server puts the sender off ({answer.detail})", BUSY_AGAIN)
    if answer.code == 552:
        return Refused(f"the mail server finds the e-mail too large ({answer.detail})")
    if answer.code in _NOT_LET_IN:
        return AccountStopped(f"{LOG_IN} ({answer.detail})")
    return AccountStopped(f"{SENDER} ({answer.detail})")


def failure_of_recipient(answer: Answer) -> Exception:
    """… to RCPT TO, or to DATA before anything is written."""
    if 400 <= answer.code < 500:
        return Busy(f"the mail server puts the recipient off ({answer.detail})", GREYLISTED_AGAIN)
    return _failure_for_good(answer, "the mail server refused the recipient")


def failure_of_message(answer: Answer) -> Exception:
    """… after the final dot. Only a plain no says that the message was not taken."""
    if 400 <= answer.code < 500:
        return Busy(f"the mail server puts the e-mail off ({answer.detail})", GREYLISTED_AGAIN)
    if 500 <= answer.code < 600:
        return _failure_for_good(answer, "the mail server refused the e-mail")
    return NoAnswer("the mail server's answer to the e-mail is unreadable")


def _failure_for_good(answer: Answer, otherwise: str) -> Exception:
    if answer.code in _NOT_LET_IN:
        return AccountStopped(f"{LOG_IN} ({answer.detail})")
    if answer.is_about_us:
        return AccountStopped(f"{SENDER} ({answer.detail})")
    return Refused(f"{otherwise} ({answer.detail})")
