"""Webhooks of message providers: receipts, and what shoppers reply.

Unsigned: 503 (the provider may rarely lose a signature and tries again on 5xx).
Signed wrongly: 401. Unreadable, or refused by the database: 200, and kept. A stop holds
before the answer is given.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable

from flask import Blueprint, Response, request

from connectors.protocols import Forged, Unreadable
from recovery import accounts, receipts, tried_texts, unread
from recovery.accounts import AccountRow
from recovery.polls import REFUSED_AT_LAST
from web.tools import tools

blueprint = Blueprint("message_hooks", __name__, url_prefix="/hooks")
log = logging.getLogger(__name__)


@blueprint.post("/vonage/status")
def vonage_status() -> Response:
    """What became of a message."""
    return _receipt(_vonage_account())


@blueprint.post("/vonage/inbound")
def vonage_inbound() -> Response:
    """A text from a shopper."""
    return _reply(_vonage_account())


@blueprint.post("/sandbox/status")
def sandbox_status() -> Response:
    """What became of a message to the sandbox phone."""
    return _receipt(_sandbox_account())


@blueprint.post("/sandbox/inbound")
def sandbox_inbound() -> Response:
    """A text from the sandbox phone."""
    return _reply(_sandbox_account())


def _vonage_account() -> AccountRow:
    from connectors.vonage import Unsigned, application_of

    if not request.headers.get("Authorization"):
        raise Unsigned("no signature")
    application = application_of(_headers())
    with tools().database.reading() as db:
        account = accounts.by_application(db, "vonage", application) if application else None
    return _verified(account)


def _sandbox_account() -> AccountRow:
    with tools().database.reading() as db:
        return _verified(accounts.by_name(db, "sandbox"))


def _verified(account: AccountRow | None) -> AccountRow:
    if account is None:
        raise Forged("no such account")
    tools().messenger(account).verify(_headers(), request.get_data(), tools().now())
    return account


def _receipt(account: AccountRow) -> Response:
    def note() -> None:
        receipt = tools().messenger(account).read_receipt(request.get_data())
        if receipt is not None:
            now = tools().now()
            tools().database.run(
                lambda db: (
                    tried_texts.record_receipt(db, account, receipt, now)
                    or receipts.record_receipt(db, account, receipt, now)
                )
            )

    return _noted(account, "status", note)


def _reply(account: AccountRow) -> Response:
    def note() -> None:
        reply = tools().messenger(account).read_reply(request.get_data())
        if reply is not None:
            now = tools().now()
            tools().database.run(lambda db: receipts.record_reply(db, account, reply, now))

    return _noted(account, "inbound", note)


def _noted(account: AccountRow, door: str, note: Callable[[], None]) -> Response:
    try:
        note()
    except Unreadable as error:
        return _keep_unread(account, door, str(error))
    except REFUSED_AT_LAST as error:
        # No database holds these values, and no repeat changes that.
        return _keep_unread(account, door, f"refused: {type(error).__name__}")
    return _answer("noted")


def _keep_unread(account: AccountRow, door: str, error: str) -> Response:
    log.error("unread: door %s, account %s: %s", door, account.id, error)
    row = unread.Unread(door, json.dumps({}), request.get_data(), error, account_id=account.id)
    tools().database.run(lambda db: unread.keep(db, row, tools().now()))
    return _answer("kept, not understood")


@blueprint.errorhandler(Forged)
def forged(error: Forged) -> Response:
    """Not signed by the provider: nothing changed."""
    unsigned = type(error).__name__ == "Unsigned"
    return _answer("not signed by the provider", 503 if unsigned else 401)


def _headers() -> dict[str, str]:
    return dict(request.headers.items())


def _answer(text: str, status: int = 200) -> Response:
    return Response(text, status, mimetype="text/plain")
