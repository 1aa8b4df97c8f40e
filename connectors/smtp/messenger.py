"""The messenger: one e-mail is one transaction with the server, never a second.

Bounces that come later, as e-mails to the sender (RFC 3464), are not read here: only what
the server says while the line is open. "Taken" therefore means taken by that server.
"""

from __future__ import annotations

import threading
from datetime import UTC, datetime

from connectors.protocols import (
    Busy,
    Connection,
    Forged,
    Gate,
    Headers,
    ProviderId,
    Refused,
    Unreadable,
    open_gate,
)
from connectors.smtp import answers
from connectors.smtp.line import Broken, Line
from connectors.smtp.mail import Envelope, envelope_of, written
from connectors.smtp.server import Server, server_of
from recovery.model import Channel, Email, Message, Receipt, Reply


class Smtp:
    """One account at one mail server.

    `connection.credentials["url"]`, else `connection.options["url"]`: smtp://user:password@
    host:587, with STARTTLS demanded unless the host is this machine or the URL ends in
    ?starttls=no; or smtps://…:465. More options in `connectors.smtp.server`.

    Keep the object: it holds one open line for each thread that sends. Threads may send side
    by side.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._server: Server | None = None
        self._of_thread = threading.local()

    def be_ready(self) -> None:
        """Open this thread's line, or see that it still stands. Raises `Busy`, `AccountStopped`."""
        line: Line | None = getattr(self._of_thread, "line", None)
        if line is not None and line.is_alive():
            return
        self._open()

    def send(self, message: Message, gate: Gate = open_gate) -> ProviderId:
        """Hand an `Email` over, once; its `Message-ID`.

        The gate is entered when the server waits for the message, and left when its last dot
        is written. Should the gate raise, the line is closed and nothing is taken. Raises
        `Refused`, `Busy`, `AccountStopped`, `NoAnswer`; none names an address or a word of
        the message.
        """
        if not isinstance(message, Email) or message.channel is not Channel.EMAIL:
            raise Refused("this messenger carries e-mails only")
        envelope = envelope_of(message)
        body = written(message, envelope, message.written_at or datetime.now(UTC))
        line = self._addressed(envelope, len(body))
        answer = self._written(line, body, gate)
        if answer.code == answers.CLOSING:
            self.close()
        if not answer.is_yes:
            raise answers.failure_of_message(answer)
        return envelope.message_id

    def verify(self, headers: Headers, body: bytes, now: datetime) -> None:
        """A mail server sends no webhooks: whatever claims to be one is `Forged`."""
        raise Forged("a mail server sends no webhooks")

    def read_receipt(self, body: bytes) -> Receipt | None:
        """Raises `Unreadable`: see `verify`."""
        raise Unreadable("a mail server sends no webhooks")

    def read_reply(self, body: bytes) -> Reply:
        """Raises `Unreadable`: replies go to the shop's own mailbox."""
        raise Unreadable("a mail server sends no webhooks")

    def close(self) -> None:
        """Hang up this thread's line, if there is one."""
        line: Line | None = getattr(self._of_thread, "line", None)
        self._of_thread.line = None
        if line is not None:
            line.close()

    def _addressed(self, envelope: Envelope, size: int) -> Line:
        """A line that waits for the message. One that was kept may have ended meanwhile;
        nothing is written yet, so a new one may say the same."""
        kept: Line | None = getattr(self._of_thread, "line", None)
        if kept is not None and self._address(kept, envelope, size) is None:
            return kept
        line = self._open()
        failure = self._address(line, envelope, size)
        if failure is not None:
            raise Busy(f"the line failed before the e-mail: {failure}", answers.BUSY_AGAIN)
        return line

    def _address(self, line: Line, envelope: Envelope, size: int) -> str | None:
        """None when the server waits for the message; else how the line failed."""
        try:
            line.address(envelope, size)
        except Broken as error:
            self.close()
            return str(error)
        return None

    def _written(self, line: Line, body: bytes, gate: Gate) -> answers.Answer:
        failure = ""
        try:
            return line.write(body, gate)
        except Broken as error:
            failure = str(error)
            self.close()
        except BaseException:
            self.close()
            raise
        raise Busy(f"the mail server's line failed within the e-mail: {failure}")

    def _open(self) -> Line:
        self.close()
        failure = ""
        try:
            if self._server is None:
                self._server = server_of(self._connection.credentials, self._connection.options)
            self._of_thread.line = Line(self._server)
        except Broken as error:
            failure = str(error)
        if failure:
            raise Busy(f"the mail server could not be reached: {failure}", answers.BUSY_AGAIN)
        line: Line = self._of_thread.line
        return line
