"""The sandbox phone as a messenger: texts and e-mails go to its screen, receipts of texts and
replies come back."""

from __future__ import annotations

from datetime import UTC, datetime
from types import MappingProxyType

from connectors.protocols import (
    Connection,
    Gate,
    Headers,
    NoAnswer,
    ProviderId,
    Refused,
    Unreadable,
    open_gate,
)
from connectors.sandbox import signing
from connectors.sandbox.wire import Line, fields, load_json, moment, word, word_or_none
from connectors.smtp.mail import envelope_of, written
from recovery.model import Channel, Email, Message, Receipt, Reply

# Their word → our word.
STATES = MappingProxyType(
    {"submitted": "sent", "delivered": "delivered", "undelivered": "undelivered"}
)


class SandboxMessenger:
    """Sends to the phone of the sandbox service. No real text or e-mail is ever sent."""

    def __init__(self, connection: Connection) -> None:
        self._secret = connection.credentials.get("secret", "")
        self._line = Line(connection)

    def be_ready(self) -> None:
        """Nothing to open: the phone is next door, and takes any number at once."""

    def send(self, message: Message, gate: Gate = open_gate) -> ProviderId:
        """Put a text or an e-mail on the phone, once.

        Raises `Refused` (a number ending in 0000), `Busy` (not running, or too fast),
        `AccountStopped` (wrong secret), `NoAnswer` (the line broke after we wrote).
        """
        if isinstance(message, Email):
            return self._send_email(message, gate)
        if message.channel is not Channel.SMS:
            raise Refused("the sandbox phone takes texts and e-mails only")
        with gate():  # its answer comes at once
            answer = self._line.post(
                "/api/messages",
                {
                    "reference": message.reference,
                    "to": message.recipient,
                    "from": message.sender,
                    "text": message.text,
                    "status_url": message.status_url,
                },
            )
        return _message_id(answer)

    def _send_email(self, email: Email, gate: Gate) -> ProviderId:
        """The very bytes that a mail server would get."""
        envelope = envelope_of(email)
        message = written(email, envelope, email.written_at or datetime.now(UTC))
        with gate():
            answer = self._line.post(
                "/api/mails",
                {
                    "reference": email.reference,
                    "to": str(envelope.recipient),
                    "message_id": envelope.message_id,
                    "message": message.decode(),
                },
            )
        return _message_id(answer)

    def verify(self, headers: Headers, body: bytes, now: datetime) -> None:
        """Raise `Forged` unless the sandbox signed this webhook within five minutes of `now`."""
        signing.check(self._secret, headers, body, now)

    def read_receipt(self, body: bytes) -> Receipt | None:
        """What became of a text; None for a status we have no word for. Raises `Unreadable`."""
        payload = fields(load_json(body), "the receipt")
        provider_id, status = word(payload, "message_id"), word(payload, "status")
        at = moment(payload.get("at"))
        if status not in STATES:
            return None
        return Receipt(
            provider_id=provider_id,
            state=STATES[status],
            at=at,
            reference=word_or_none(payload, "reference"),
            reason=word_or_none(payload, "reason"),
            raw=payload,
        )

    def read_reply(self, body: bytes) -> Reply:
        """What somebody typed on the phone. Raises `Unreadable`."""
        payload = fields(load_json(body), "the reply")
        text = payload.get("text")
        if not isinstance(text, str):
            raise Unreadable("no text")
        return Reply(
            provider_id=word(payload, "message_id"),
            sender=word(payload, "from"),
            recipient=word(payload, "to"),
            text=text,
            at=moment(payload.get("at")),
        )


def _message_id(answer: object) -> ProviderId:
    try:
        return word(fields(answer, "the answer"), "message_id")
    except Unreadable as error:
        # It was accepted, so it must not be sent again.
        raise NoAnswer("the sandbox accepted without naming the message") from error
