"""The messenger: sends through the SDK, reads what Vonage sends back."""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from jwt import PyJWTError
from pydantic import ValidationError
from requests import RequestException
from urllib3.exceptions import HTTPError
from vonage_http_client import HttpRequestError
from vonage_http_client.errors import VonageError
from vonage_messages import Messages

from connectors.protocols import (
    AccountStopped,
    Busy,
    Connection,
    Gate,
    Headers,
    NoAnswer,
    ProviderId,
    open_gate,
)
from connectors.vonage import credit, webhooks
from connectors.vonage.answers import failure_of_answer
from connectors.vonage.line import http_client, progress
from connectors.vonage.payloads import payload_of
from connectors.vonage.token import KeptToken
from recovery.model import Credit, Message, Receipt, Reply, RichText

TIMEOUT = 10.0  # seconds for each wait: connecting, then the answer


class _WithoutBodies(logging.Filter):
    """Drops the SDK's own log lines: they print numbers, texts, tokens, and at
    WARNING the body of a refusal, which repeats the number."""

    def filter(self, record: logging.LogRecord) -> bool:
        return record.module != "http_client"


logging.getLogger("vonage").setLevel(logging.INFO)
logging.getLogger("vonage").addFilter(_WithoutBodies())


class VonageMessenger:
    """One Vonage application that sends text messages.

    `connection.credentials`: `application_id`, `private_key` (PEM),
    `signature_secret`, perhaps `api_key` and `api_secret`. `connection.options`: perhaps
    `api_host` and `rest_host` (host[:port]) and `timeout` (seconds).

    Keep the object: it holds the signed token and, for each thread that sends,
    one warm TLS line. Threads may send side by side.
    """

    def __init__(self, connection: Connection) -> None:
        self._credentials = connection.credentials
        self._api_host = connection.options.get("api_host")
        self._rest_host = connection.options.get("rest_host")
        self._timeout = float(connection.options.get("timeout") or TIMEOUT)
        self._token: KeptToken | None = None
        self._token_lock = threading.Lock()
        self._of_thread = threading.local()

    def be_ready(self) -> None:
        """Sign the token and open this thread's line. Raises `Busy`, `AccountStopped`."""
        session: Any = self._messages().http_client._session
        failure = None
        try:
            session.open_line()
        except (RequestException, HTTPError, OSError) as error:
            failure = type(error).__name__
        if failure:
            raise Busy(f"Vonage could not be reached: {failure}")

    def send(self, message: Message, gate: Gate = open_gate) -> ProviderId:
        """Hand a text over, in one request whatever happens; Vonage's `message_uuid`.

        That goes for an MMS or an RCS card as well: Vonage's own failover is left unused, since
        nobody could look again, between the two, whether the text may still leave.

        `AccountStopped` speaks to the merchant. No error names a number or a text:
        the causes do (the SDK's errors hold the whole body), so they are cut off.
        """
        payload = payload_of(message)
        messages = self._messages()
        failure: Exception
        progress.written, progress.gate = False, gate
        try:
            return _taken(messages.send(payload).message_uuid)
        except HttpRequestError as error:
            failure = failure_of_answer(error.response, isinstance(message, RichText))
        except (RequestException, HTTPError, OSError) as error:
            failure = _failure_of_line(error)
        except (ValidationError, TypeError):
            # How the SDK says that a 2xx had no message id in it.
            failure = NoAnswer("Vonage took the message, but its answer is unreadable")
        if isinstance(failure, AccountStopped):
            self._kept_token().forget()
        raise failure

    def try_out(self) -> None:
        """Ask with a message to nobody, which Vonage refuses whomever it believes.

        Raises `AccountStopped` for a key or an application that it does not accept, `Busy`,
        `NoAnswer`. Credit and sender show with a first text alone.
        """
        client = self._messages().http_client
        failure: Exception | None = None
        progress.written, progress.gate = False, open_gate
        try:
            client.post(client.api_host, "/v1/messages", {"channel": "sms"})
        except HttpRequestError as error:
            if error.response.status_code not in (400, 422):
                failure = failure_of_answer(error.response)
        except (RequestException, HTTPError, OSError) as error:
            failure = _failure_of_line(error)
        if isinstance(failure, AccountStopped):
            self._kept_token().forget()
        if failure is not None:
            raise failure

    def credit(self) -> Credit | None:
        """What the account has left; see `connectors.vonage.credit`."""
        return credit.credit(self._credentials, self._rest_host, self._timeout)

    def verify(self, headers: Headers, body: bytes, now: datetime) -> None:
        """Raise `Forged` unless Vonage signed this body for our application lately."""
        webhooks.verify(self._credentials, headers, body, now)

    def read_receipt(self, body: bytes) -> Receipt | None:
        """What became of a message; None for a status we do not know. Raises `Unreadable`."""
        return webhooks.read_receipt(body)

    def read_reply(self, body: bytes) -> Reply | None:
        """What a shopper wrote; None: a tap on our button. Raises `Unreadable`."""
        return webhooks.read_reply(body)

    def _messages(self) -> Messages:
        token = self._kept_token()
        if not hasattr(self._of_thread, "messages"):
            client = http_client(token, self._api_host, self._timeout)
            self._of_thread.messages = Messages(client)
        messages: Messages = self._of_thread.messages
        return messages

    def _kept_token(self) -> KeptToken:
        with self._token_lock:
            if self._token is None:
                self._token = _signed(self._credentials)
            return self._token


def _signed(credentials: Mapping[str, str]) -> KeptToken:
    """A token that is known to be signable, so that a bad key shows before anything is sent."""
    try:
        token = KeptToken(credentials["application_id"], credentials["private_key"])
        token.create_jwt_auth_string()
    except (VonageError, PyJWTError, KeyError, ValueError, TypeError, OSError):
        token = None
    if token is None:  # out of the except: the causes hold the key
        raise AccountStopped("The Vonage private key cannot be read: paste the whole PEM file anew")
    return token


def _taken(message_uuid: str) -> ProviderId:
    if not message_uuid:
        raise TypeError("an empty message_uuid")
    return message_uuid


def _failure_of_line(error: Exception) -> Exception:
    kind = type(error).__name__
    if progress.written:
        return NoAnswer(f"Vonage's line failed after the message was written: {kind}")
    return Busy(f"Vonage could not be reached: {kind}")
