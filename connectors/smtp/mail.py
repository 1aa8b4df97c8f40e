"""An e-mail, and the bytes of it.

Headers are written here, line by line: the standard library's own folding encodes a long
link as if it were words, and then no mail program finds it.

There is no `Auto-Submitted` header. RFC 3834 means `auto-generated` for notices of a machine
that nobody is to answer; a reminder is a marketing message of a shop, sent to many, to which
a person may reply, and which must not pass for a notice. What marks it is `List-Unsubscribe`.
"""

from __future__ import annotations

import re
import secrets
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from email.header import Header
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from connectors.protocols import AccountStopped, Refused
from connectors.smtp.addresses import Mailbox, mailbox
from recovery.model import Email

LONGEST_SUBJECT = 250
LONGEST_NAME = 80
LONGEST_LINK = 900  # a header's line holds 998 octets, RFC 5322 2.1.1

# https, or this machine itself, where one tries things out: nothing goes over a line then.
_LINK = re.compile(r"(?:https://|http://127\.0\.0\.1[:/])[!#-;=?-\[\]_a-z~]+")
_MAILTO = re.compile(r"mailto:[!#-;=?-\[\]_a-z~]+@[!#-;=?-\[\]_a-z~]+")
_PLAIN_REFERENCE = re.compile(r"[A-Za-z0-9_-]{1,64}")
_PLAIN_WORDS = re.compile(r"[\w !#$%&'*+/=?^`{|}~-]+", re.ASCII)
_LINE_END = re.compile(rb"\r\n|\r|\n")
_BREAKS = frozenset({"Cc", "Zl", "Zp"})


@dataclass(frozen=True, slots=True)
class Envelope:
    """Who writes to whom, as the server is told; `message_id` is the one in the header."""

    sender: Mailbox
    recipient: Mailbox
    needs_utf8: bool
    message_id: str


def envelope_of(email: Email) -> Envelope:
    """The envelope of an e-mail, with a new `Message-ID`.

    Raises `Refused` for a recipient that is no address, `AccountStopped` for a sender that
    is none: then no other message of this account can leave either.
    """
    recipient = mailbox(email.recipient)
    if recipient is None:
        raise Refused("the recipient is not an e-mail address")
    sender = _ours(email.sender)
    bounces_to = _ours(email.bounces_to or email.sender)
    boxes = (recipient, sender, bounces_to, _reply_to(email) or sender)
    needs_utf8 = any(each.needs_utf8 for each in boxes)
    return Envelope(bounces_to, recipient, needs_utf8, _message_id(email.reference, sender.domain))


def written(email: Email, envelope: Envelope, now: datetime) -> bytes:
    """The whole message, its lines ended by CRLF, none of them "." alone unless doubled."""
    headers = [
        ("Date", format_datetime(now)),
        ("From", _from(email.sender_name, _ours(email.sender))),
        ("To", str(envelope.recipient)),
        ("Subject", _words(email.subject, LONGEST_SUBJECT, "Subject")),
        ("Message-ID", envelope.message_id),
    ]
    reply_to = _reply_to(email)
    if reply_to is not None:
        headers.append(("Reply-To", str(reply_to)))
    headers += _ways_out(email)
    top = "".join(f"{name}: {value}\r\n" for name, value in headers).encode()
    return _LINE_END.sub(b"\r\n", top + _parts(email))


def _reply_to(email: Email) -> Mailbox | None:
    """It is one shop's, the account may be that of several: one that is none is left out."""
    return mailbox(email.reply_to) if email.reply_to else None


def _ours(address: str) -> Mailbox:
    found = mailbox(address)
    if found is None:
        raise AccountStopped("The sender of the e-mails is not an e-mail address: correct it")
    return found


def _message_id(reference: str, domain: str) -> str:
    """One of our own, new for each try. A reference that is no plain word is left out."""
    known = reference if _PLAIN_REFERENCE.fullmatch(reference) else "message"
    return f"<{known}.{secrets.token_hex(8)}@{domain}>"


def _from(name: str, sender: Mailbox) -> str:
    words = _words(name, LONGEST_NAME, "From")
    break_here = "\r\n" if words.startswith("=?") else ""  # encoded words fill their line
    return f"{words}{break_here} <{sender}>" if words else str(sender)


def _words(text: str, longest: int, header: str) -> str:
    """Words as a header may hold them: one line, encoded where they are more than plain."""
    line = _one_line(text, longest)
    if not line or (_PLAIN_WORDS.fullmatch(line) and "=?" not in line):
        return line
    return Header(line, "utf-8", maxlinelen=75, header_name=header).encode(linesep="\r\n")


def _one_line(text: str, longest: int) -> str:
    kept = (" " if unicodedata.category(char) in _BREAKS else char for char in text[: 4 * longest])
    line = " ".join(_whole("".join(kept)).split())
    return line if len(line) <= longest else line[: longest - 1].rstrip() + "…"


def _whole(text: str) -> str:
    """Half a surrogate pair cannot be written in UTF-8."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _ways_out(email: Email) -> list[tuple[str, str]]:
    """RFC 2369 and RFC 8058. A way that is odd is an error of ours: nothing leaves without it."""
    link, mailto = email.unsubscribe_link, email.unsubscribe_mailto
    for way, form in ((link, _LINK), (mailto, _MAILTO)):
        if way is not None and (len(way) > LONGEST_LINK or not form.fullmatch(way)):
            raise Refused("a way to unsubscribe is not an https or mailto address")
    ways = [f"<{way}>" for way in (link, mailto) if way]
    found = [("List-Unsubscribe", ",\r\n ".join(ways))] if ways else []
    if link:
        found.append(("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"))
    return found


def _parts(email: Email) -> bytes:
    """Both parts, the plain one first: a reader takes the last that it can show (RFC 2046)."""
    body = EmailMessage(policy=SMTP)
    body.set_content(_text(email.text), charset="utf-8", cte="quoted-printable")
    body.add_alternative(_text(email.html), "html", charset="utf-8", cte="quoted-printable")
    return body.as_bytes()


def _text(text: str) -> str:
    return _whole(text).replace("\r\n", "\n").replace("\r", "\n")
