"""The line to a mail server: opened, verified, logged in, and kept by one thread.

`smtplib.SMTP.sendmail` is not used: it writes the message and its final dot at once, and what
fails then may have been taken or not. Here the dot is a write of its own. Before it, a lost
line means that nothing was taken (RFC 5321 4.1.1.4); from it on, nobody knows.
"""

from __future__ import annotations

import base64
import select
import smtplib
import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from connectors.protocols import AccountStopped, Gate, NoAnswer, Refused
from connectors.smtp import answers
from connectors.smtp.answers import Answer
from connectors.smtp.mail import Envelope
from connectors.smtp.server import Server

ASK_AFTER = 5.0  # seconds of silence, after which the far end may have gone

CERTIFICATE = "The mail server's certificate does not hold: check the host's name"
NO_HOST = "The mail server's host is not known: check its name"
TURNED_AWAY = "The mail server takes nothing from here"
NO_TLS = "The mail server offers no encryption (STARTTLS): use another port, or ?starttls=no"
NO_LOGIN = "The mail server offers no log-in that we know: check the port, and encryption"

_LOST = (OSError, smtplib.SMTPException, ValueError)


class Broken(Exception):
    """The line failed, or the server ended it, before the final dot. Only a kind is told."""


class Line:
    """One connection to one server, for one thread. Closes itself when it is let go."""

    def __init__(self, server: Server) -> None:
        """Connect and log in. Raises `Broken`, `Busy`, `AccountStopped`."""
        self._server = server
        self._smtp = _connected(server)
        self._used_at = time.monotonic()
        try:
            self._begin()
        except BaseException:
            self.close()
            raise

    def __del__(self) -> None:
        if hasattr(self, "_smtp"):
            self.close()

    def close(self) -> None:
        """Hang up, without a word: a message that lacks its final dot is not taken."""
        with suppress(*_LOST):
            self._smtp.close()

    def is_alive(self) -> bool:
        """Whether the server still listens; asked only after a silence."""
        if time.monotonic() - self._used_at < ASK_AFTER:
            return True
        try:
            return self._ask("NOOP").is_yes
        except Broken:
            return False

    def address(self, envelope: Envelope, size: int) -> None:
        """Say from whom and to whom, up to the word that the message may be written.

        Raises `Broken`, `Busy`, `AccountStopped`, `Refused`; after the last the line stands.
        """
        if envelope.needs_utf8 and not self._smtp.has_extn("smtputf8"):
            raise Refused("the mail server cannot write to an address with such letters")
        self._must(f"MAIL FROM:<{envelope.sender}>{self._told(envelope, size)}", 2, "sender")
        self._must(f"RCPT TO:<{envelope.recipient}>", 2, "recipient")
        self._must("DATA", 3, "recipient")

    def write(self, message: bytes, gate: Gate) -> Answer:
        """Write the message inside `gate`, then wait for the answer to it.

        Raises `Broken` while nothing can have been taken, then `NoAnswer`; and what the gate
        raises, with nothing taken: the line is to be closed then.
        """
        with gate():
            self._put(_dotted(message))
            if self._has_spoken():
                raise Broken("the mail server broke off")
            lost = self._end_it()
        answer = lost or self._answer_after_the_dot()
        if isinstance(answer, Exception):
            raise answer
        self._used_at = time.monotonic()
        return answer

    # How it begins

    def _begin(self) -> None:
        self._greet()
        if self._server.tls == "starttls":
            self._encrypt()
            self._greet()
        if self._server.user is not None:
            self._log_in(self._server.user, self._server.password or "")

    def _greet(self) -> None:
        with _told_as_broken():
            self._smtp.ehlo_or_helo_if_needed()

    def _encrypt(self) -> None:
        if not self._smtp.has_extn("starttls"):
            raise AccountStopped(NO_TLS)
        context = self._server.tls_context()
        with _told_as_broken():
            code, _ = self._smtp.starttls(context=context)
            if code != 220:
                raise Broken(f"STARTTLS answered {code}")

    def _log_in(self, user: str, password: str) -> None:
        """PLAIN (RFC 4616, in UTF-8, unlike the library's), else LOGIN."""
        offered = self._smtp.esmtp_features.get("auth", "").upper().split()
        if "PLAIN" in offered:
            secrets = "\0".join(("", user, password))
            answer = self._ask(f"AUTH PLAIN {_base64(secrets)}")
        elif "LOGIN" in offered:
            answer = self._ask("AUTH LOGIN")
            for secret in (user, password):
                answer = self._ask(_base64(secret)) if answer.code == 334 else answer
        else:
            raise AccountStopped(NO_LOGIN)
        if not answer.is_yes:
            raise answers.failure_at_login(answer)

    # What is said

    def _told(self, envelope: Envelope, size: int) -> str:
        told = f" SIZE={size}" if self._smtp.has_extn("size") else ""
        return told + (" SMTPUTF8 BODY=8BITMIME" if envelope.needs_utf8 else "")

    def _must(self, command: str, wanted: int, about: str) -> None:
        answer = self._ask(command)
        if answer.code // 100 == wanted:
            return
        self._forget()
        raise _FAILURES[about](answer)

    def _forget(self) -> None:
        """The line stands; what was said of this message is over."""
        try:
            self._ask("RSET")
        except Broken:
            self.close()

    def _ask(self, command: str) -> Answer:
        """Say it, and hear the answer. Raises `Broken`, also when the server hangs up."""
        with _told_as_broken():
            self._smtp.command_encoding = "utf-8"
            self._smtp.putcmd(command)
            answer = Answer(*self._smtp.getreply())
        if answer.code in {answers.CLOSING, -1}:
            raise Broken(f"the mail server closes the line ({answer.detail})")
        self._used_at = time.monotonic()
        return answer

    # How it ends

    def _put(self, written: bytes) -> None:
        with _told_as_broken():
            self._smtp.send(written)

    def _has_spoken(self) -> bool:
        """Whether the server says something before its turn: it has broken off."""
        found = self._smtp.sock
        if found is None or (isinstance(found, ssl.SSLSocket) and found.pending()):
            return True
        ready, _, _ = select.select([found], [], [], 0)
        return bool(ready)

    def _end_it(self) -> NoAnswer | None:
        """The final dot. From here on the message may be taken."""
        try:
            self._smtp.send(b".\r\n")
        except _LOST as error:
            kind = type(error).__name__
        else:
            return None
        return NoAnswer(f"the line failed at the end of the e-mail: {kind}")

    def _answer_after_the_dot(self) -> Answer | NoAnswer:
        try:
            self._wait_for(self._server.answer_timeout)
            answer = Answer(*self._smtp.getreply())
        except _LOST as error:
            kind = type(error).__name__
        else:
            self._wait_for(self._server.timeout)
            return answer
        return NoAnswer(f"the mail server said nothing after the e-mail: {kind}")

    def _wait_for(self, seconds: float) -> None:
        if self._smtp.sock is not None:
            self._smtp.sock.settimeout(seconds)


_FAILURES = {"sender": answers.failure_of_sender, "recipient": answers.failure_of_recipient}


def _connected(server: Server) -> smtplib.SMTP:
    """The open connection, TLS and all where it begins with it."""
    context = server.tls_context() if server.tls == "at once" else None
    with _told_as_broken():
        if context is not None:
            smtp: smtplib.SMTP = smtplib.SMTP_SSL(
                server.host, server.port, server.our_name, timeout=server.timeout, context=context
            )
        else:
            smtp = smtplib.SMTP(server.host, server.port, server.our_name, timeout=server.timeout)
    if smtp.sock is not None:  # else the dot waits for the far end to confirm what is before it
        smtp.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return smtp


@contextmanager
def _told_as_broken() -> Iterator[None]:
    """What fails becomes `Broken`, a bad certificate `AccountStopped`: without its cause,
    which repeats what was said."""
    failure: Exception
    try:
        yield
        return
    except ssl.SSLCertVerificationError as error:
        failure = AccountStopped(f"{CERTIFICATE} ({error.verify_code})")
    except socket.gaierror as error:
        unknown = error.errno == socket.EAI_NONAME
        failure = AccountStopped(NO_HOST) if unknown else Broken("gaierror")
    except smtplib.SMTPConnectError as error:
        stops = 500 <= error.smtp_code < 600
        failure = (AccountStopped if stops else Broken)(f"{TURNED_AWAY} ({error.smtp_code})")
    except _LOST as error:
        failure = Broken(type(error).__name__)
    raise failure


def _dotted(message: bytes) -> bytes:
    """A line that begins with a dot gets another (RFC 5321 4.5.2); the last one ends."""
    doubled = message.replace(b"\r\n.", b"\r\n..")
    doubled = b"." + doubled if doubled.startswith(b".") else doubled
    return doubled if doubled.endswith(b"\r\n") else doubled + b"\r\n"


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode("ascii")
