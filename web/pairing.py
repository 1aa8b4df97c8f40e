"""Joining a shop's WordPress plugin to its shop here, by a code.

Whoever has the code gets nothing by it alone: the shop, at the address it was connected by,
has to say that it waits for this very request
(`docs/decisions/0011-who-may-see-a-pairing-code.md`). What goes wrong is told in words for
the merchant, who reads them in WordPress.
"""

from __future__ import annotations

import logging
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from flask import Blueprint, Response, jsonify, make_response, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection as Database

from connectors.protocols import AccountStopped, Busy, Connection, Refused, Unreadable
from recovery import pairings, shops
from recovery.shops import ShopRow
from web import plugin_door
from web.tools import tools
from web.words import in_our_language

blueprint = Blueprint("pairing", __name__)
blueprint.after_request(plugin_door.mark)
log = logging.getLogger(__name__)

_PLATFORM = "woocommerce"
_NO_FORM = "This is not how the plugin asks. Please update it, and try again."
_NO_CODE = "This code is not known, was used already, or is over. Please get a new one."
_TOO_OFTEN = "This code was tried too often. Please get a new one."
_BUSY = "Other shops are being connected at this moment. Please try again in a minute."
_ANOTHER = "This code is for another shop. Please get one for this shop's own address."
_TWO_NAMES = (
    "Here the shop is connected as {ours}, but WordPress calls itself {theirs}. If it answers "
    "only there, connect it again by that address."
)
#: So many shops are asked back at once: one that lets its answer drip, header by header,
#: holds a thread of this process for a minute or two.
_ASKING = threading.BoundedSemaphore(2)


class _Unpaired(Exception):
    """The pairing did not come about: a status, and words for the merchant."""

    def __init__(self, status: int, words: str) -> None:
        super().__init__(words)
        self.status = status


@dataclass(frozen=True, slots=True)
class _Asked:
    """What the plugin posted."""

    code: str
    address: str
    nonce: str


@blueprint.get("/pair/<code>")
def look(code: str) -> ResponseReturnValue:
    """What to do with the code, for a person who opens it in a browser."""
    now = tools().now()
    with tools().database.reading() as db:
        found = pairings.look(db, code, now)
    if found is None:
        return _page("over"), 404
    return _page("code", code=whole_code(code))


@blueprint.post("/pair")
def pair() -> ResponseReturnValue:
    """The plugin asks for its secret. The shop is asked back before it is told."""
    try:
        asked = _read()
        shop = _shop_of(asked)
        _ask_back(shop, asked)
        answer = jsonify(_given(asked))
    except _Unpaired as error:
        answer = jsonify(error=str(error))
        answer.status_code = error.status
    answer.headers["Cache-Control"] = "no-store"
    return answer


def step_two(shop: ShopRow) -> Response:
    """The page of a shop just connected: the plugin, a fresh code, and the way to paste it."""
    from connectors.woocommerce.pairing import shown

    now = tools().now()
    code = whole_code(tools().database.run(lambda db: pairings.begin(db, shop.id, now)))
    settings = f"{shown(shop.address)}/wp-admin/admin.php?page=relance&code={quote(code, safe='')}"
    return _page("step_two", code=code, settings=settings)


def not_yet(again: str) -> Response:
    """The page of a shop whose keys have not come in yet."""
    return _page("not_yet", again=again)


def elsewhere() -> Response:
    """The page of somebody who comes back in another browser, or too late."""
    return _page("elsewhere")


def whole_code(code: str) -> str:
    """The code as it is pasted: it tells the plugin where we are."""
    return f"{tools().public_url}/pair/{code}"


def _read() -> _Asked:
    from connectors.woocommerce.pairing import read_pairing

    try:
        return _Asked(*read_pairing(request.get_data()))
    except Unreadable as error:
        raise _Unpaired(400, in_our_language(_NO_FORM)) from error


def _shop_of(asked: _Asked) -> ShopRow:
    from connectors.woocommerce.pairing import is_same_shop

    now = tools().now()
    with tools().database.reading() as db:
        found = pairings.look(db, asked.code, now)
        shop = None if found is None else shops.by_id(db, found.shop_id)
    if shop is None or not _may_be_paired(shop):
        raise _Unpaired(404, in_our_language(_NO_CODE))
    # Asking back is not enough: another shop could show the proof that it read in this one.
    ours = (shop.address, *shop.further_addresses)
    if not any(is_same_shop(each, asked.address) for each in ours):
        raise _Unpaired(409, in_our_language(_ANOTHER))
    return shop


def _ask_back(shop: ShopRow, asked: _Asked) -> None:
    from connectors.woocommerce.pairing import confirm, shown

    options = tools().outside.options(_PLATFORM)
    try:
        with _one_of_few():
            _count_the_try(asked.code)
            confirm(Connection(shop.key, shop.address, {}, options), asked.nonce)
    except (AccountStopped, Busy, Refused, Unreadable) as error:
        log.warning("pairing of shop %s: %s", shop.id, type(error).__name__)
        words = in_our_language(str(error))
        if asked.address != shop.address:
            names = {"ours": shown(shop.address), "theirs": shown(asked.address)}
            words = f"{words} {in_our_language(_TWO_NAMES).format(**names)}"
        raise _Unpaired(502, words) from error


@contextmanager
def _one_of_few() -> Iterator[None]:
    if not _ASKING.acquire(blocking=False):
        raise _Unpaired(429, in_our_language(_BUSY))
    try:
        yield
    finally:
        _ASKING.release()


def _count_the_try(code: str) -> None:
    now = tools().now()
    if not tools().database.run(lambda db: pairings.try_once(db, code, now)):
        raise _Unpaired(404, in_our_language(_TOO_OFTEN))


def _given(asked: _Asked) -> dict[str, str]:
    """Use the code up, and give the key, the name and the plugin's secret of its shop."""
    from connectors.woocommerce.pairing import shown_name

    now = tools().now()

    def work(db: Database) -> dict[str, str] | None:
        shop_id = pairings.take(db, asked.code, now)
        shop = None if shop_id is None else shops.by_id(db, shop_id)
        if shop is None or not _may_be_paired(shop):
            return None
        return {"shop": shop.key, "name": shown_name(shop.name), "secret": _secret_of(db, shop)}

    given = tools().database.run(work)
    if given is None:
        raise _Unpaired(404, in_our_language(_NO_CODE))
    tools().forget()
    return given


def _secret_of(db: Database, shop: ShopRow) -> str:
    """The plugin's secret; made now where the shop has none yet."""
    credentials = shops.credentials_of(tools().keys, shop)
    if not credentials.get("plugin_secret"):
        credentials["plugin_secret"] = secrets.token_urlsafe(32)
        shops.keep_credentials(db, tools().keys, shop, credentials)
    return credentials["plugin_secret"]


def _may_be_paired(shop: ShopRow) -> bool:
    return shop.is_active and shop.platform == _PLATFORM


def _page(kind: str, **names: Any) -> Response:
    answer = make_response(render_template("pairing.html", kind=kind, **names))
    answer.headers["Cache-Control"] = "no-store"
    return answer
