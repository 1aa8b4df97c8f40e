"""The doors for programs: the list of changes, coupons, texts, e-mails. Each wants the secret."""

from __future__ import annotations

import hmac
import json
import socket
import sqlite3
import threading
import time
from collections import deque
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from flask import Blueprint, Response, abort, jsonify, request

from connectors.sandbox import carts, mails, texts
from connectors.sandbox.carts import stamp
from connectors.sandbox.goods import CURRENCY, SHELF, Terms
from connectors.sandbox.listing import change_content
from connectors.sandbox.phones import is_number
from connectors.sandbox.stand import stand

REFUSED_ENDING, DROPPED_ENDING, REFUSED_BOX = "0000", "0001", "refused@"
LONGEST_TEXT = 1600
LONGEST_ID = 200


class Limiter:
    """Lets `most` through in any second."""

    def __init__(self, most: int = 30) -> None:
        self._most = most
        self._lately: deque[float] = deque()
        self._lock = threading.Lock()

    def lets_through(self, at: float) -> bool:
        """True when one more may pass at `at` (seconds of a clock that only goes forward)."""
        with self._lock:
            while self._lately and self._lately[0] <= at - 1.0:
                self._lately.popleft()
            if len(self._lately) >= self._most:
                return False
            self._lately.append(at)
            return True


def api(limiter: Limiter) -> Blueprint:
    """The routes under `/api`."""
    doors = Blueprint("api", __name__, url_prefix="/api")
    doors.before_request(_check_secret)
    doors.get("/changes")(_changes)
    doors.get("/coupons")(_coupons)
    doors.post("/coupons")(_make_coupon)
    doors.delete("/coupons/<key>")(_drop_coupon)
    doors.post("/messages")(lambda: _take_message(limiter))
    doors.post("/mails")(_take_mail)
    doors.get("/texts")(_texts)
    doors.get("/mails")(_mails)
    return doors


def _check_secret() -> Response | tuple[Response, int] | None:
    claimed = request.headers.get("Authorization", "")
    expected = f"Bearer {stand().secret}"
    if hmac.compare_digest(claimed.encode(), expected.encode()):
        return None
    return jsonify(error="the secret is not the one of this sandbox"), 401


def _changes() -> Response:
    here = stand()
    since = request.args.get("since") or "0"
    if not (since.isascii() and since.isdigit() and len(since) < 19):
        abort(400)
    with here.store.reading() as db:
        found, more = carts.changes_after(db, int(since))
        listed = [change_content(db, each, here.public_url) for each in found]
    cursor = str(found[-1]["seq"]) if found else since
    return jsonify(changes=listed, cursor=cursor, more=more)


def _coupons() -> Response:
    """The coupon of `?code=`, in any case; an empty list where there is none."""
    with stand().store.reading() as db:
        row = carts.coupon(db, request.args.get("code", ""))
    if row is None:
        return jsonify(coupons=[])
    told = _told(row)
    return jsonify(coupons=[told | {"used": row["used_at"] is not None}])


def _make_coupon() -> tuple[Response, int]:
    here = stand()
    terms = _terms(_content())
    if terms is None:
        return jsonify(error="not the terms of a coupon of this shop"), 422
    with here.store.writing() as db:
        row = carts.make_coupon(db, terms)
    if row is None:
        return jsonify(error="this code exists with other terms"), 409
    return jsonify(_told(row)), 201


def _told(row: sqlite3.Row) -> dict[str, Any]:
    names = ("code", "key", "ends_at")
    return {name: row[name] for name in names} | {"terms": json.loads(row["terms"])}


def _drop_coupon(key: str) -> Response:
    with stand().store.writing() as db:
        carts.drop_coupon(db, key)
    return jsonify(gone=True)


def _take_message(limiter: Limiter) -> Response | tuple[Response, int]:
    here = stand()
    text = _text(_content(), here.hooks.status)
    if text is None or text.number.endswith(REFUSED_ENDING):
        return jsonify(error="this number or text cannot be sent to"), 422
    if not limiter.lets_through(time.monotonic()):
        answer = jsonify(error="more than 30 texts in a second")
        answer.headers["Retry-After"] = "1"
        return answer, 429
    with here.store.writing() as db:
        message_id = texts.take(db, text, here.now(), here.receipt_after)
    here.wake()
    if text.number.endswith(DROPPED_ENDING):
        _drop_line()
    return jsonify(message_id=message_id), 202


def _take_mail() -> Response | tuple[Response, int]:
    """An e-mail as a mail server would get it; an address that begins with refused@ is."""
    here, content = stand(), _content()
    names = ("reference", "to", "message_id", "message")
    told = [content.get(name) for name in names]
    if not all(isinstance(part, str) and part for part in told):
        abort(422)
    reference, address, message_id, message = map(str, told)
    if "@" not in address or address.casefold().startswith(REFUSED_BOX):
        return jsonify(error="this address takes no e-mails"), 422
    mail = mails.Arriving(reference, address, message_id, message.encode())
    with here.store.writing() as db:
        mails.take(db, mail, here.now())
    return jsonify(message_id=message_id), 202


def _mails() -> Response:
    """What lies in an inbox, for stories and demonstrations: `?address=`, the newest first."""
    here = stand()
    with here.store.reading() as db:
        rows = mails.inbox(db, request.args.get("address", ""))
        found = [mails.mail(db, each.id) for each in rows]
    return jsonify(
        mails=[
            {
                "subject": each.subject,
                "sender": each.sender,
                "text": each.text,
                "html": each.html,
                "headers": dict(each.headers),
                "at": stamp(each.at),
            }
            for each in found
            if each is not None
        ]
    )


def _texts() -> Response:
    """What lies on the phones, for stories and demonstrations: `?number=` in E.164."""
    here = stand()
    with here.store.reading() as db:
        found = texts.bubbles(db, request.args.get("number", ""))
    return jsonify(
        texts=[
            {
                "text": each.text,
                "sender": each.sender,
                "inbound": each.inbound,
                "state": each.state,
                "at": stamp(each.at),
            }
            for each in found
        ]
    )


def _drop_line() -> None:
    """Hang up without an answer, as a broken line would."""
    line = request.environ.get("werkzeug.socket")
    if line is not None:
        line.shutdown(socket.SHUT_RDWR)


def _content() -> Mapping[str, Any]:
    content = request.get_json(silent=True)
    if not isinstance(content, dict):
        abort(422)
    return content


def _text(content: Mapping[str, Any], status_url: str) -> texts.Text | None:
    number, sender = content.get("to"), content.get("from")
    body, reference = content.get("text"), content.get("reference")
    told = content.get("status_url") or status_url
    if not all(isinstance(part, str) and part for part in (number, sender, body, reference, told)):
        return None
    if not is_number(str(number)) or len(str(body)) > LONGEST_TEXT:
        return None
    if len(str(reference)) > LONGEST_ID or not str(told).startswith(("http://", "https://")):
        return None
    return texts.Text(str(reference), str(number), str(sender), str(body), str(told))


def _terms(content: Mapping[str, Any]) -> Terms | None:
    code, email = content.get("code"), content.get("email")
    if not isinstance(code, str) or not code.strip() or not isinstance(email, str | None):
        return None
    try:
        terms = Terms(
            code=code.strip()[:LONGEST_ID],
            ends_at=datetime.fromisoformat(str(content.get("ends_at"))),
            percent=_percent(content.get("percent")),
            amount=_amount(content.get("amount")),
            free_shipping=content.get("free_shipping") is True,
            minimum=_amount(content.get("minimum_total")),
            email=email,
            products=_products(content.get("products", [])),
            left_out=_products(content.get("left_out", [])),
        )
    except (ValueError, InvalidOperation):
        return None
    gives = (terms.percent is not None) + (terms.amount is not None) + terms.free_shipping
    if terms.free_shipping and terms.products:
        return None  # for a whole order or not at all
    return terms if gives == 1 and terms.ends_at.tzinfo is not None else None


def _products(value: object) -> tuple[str, ...]:
    """Keys of this shop's products, each once, in their order."""
    if not isinstance(value, list) or not all(isinstance(key, str) for key in value):
        raise ValueError("not a list of products")
    if not set(value) <= set(SHELF):
        raise ValueError("a product that this shop does not sell")
    return tuple(sorted(set(value)))


def _percent(value: object) -> Decimal | None:
    if value is None:
        return None
    percent = Decimal(str(value))
    if not Decimal(0) < percent <= Decimal(100):
        raise ValueError("a percentage lies above 0 and not above 100")
    return percent


def _amount(value: object) -> Decimal | None:
    if value is None:
        return None
    if not isinstance(value, dict) or value.get("currency") != CURRENCY:
        raise ValueError("an amount of another currency")
    amount = Decimal(str(value.get("amount")))
    if not amount.is_finite() or amount < 0:
        raise ValueError("an amount is not negative")
    return amount
