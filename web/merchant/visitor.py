"""Who asks for a merchant's page, how they proved it, and what they may do there.

Every page lies under `/shops/<key>/`. A visitor is a member of that very shop, or there is
nothing at the address: 404 tells nobody which shops are here. Stand-alone they hold a session
of ours; inside Shopify's admin each request bears a token of Shopify's, good for a minute
(`web.merchant.frames`), and no cookie counts. While a shop is disconnected nobody is let in.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import ParamSpec, TypeVar, cast

from flask import Blueprint, Response, abort, g, render_template, request, session
from flask.typing import ResponseReturnValue

from connectors.protocols import Forged
from connectors.shopify.session_tokens import Stale
from recovery import members, shops
from recovery.members import Member, Role
from recovery.shops import ShopRow
from web.merchant import frames
from web.tools import tools

P = ParamSpec("P")
R = TypeVar("R")

_ENTERED = "entered"  # of the session: the member's row id, by the shop's key
_FORMS = "forms"  # of the session: what each form must bear
_CHANGING = frozenset({"POST", "PUT", "PATCH", "DELETE"})


@dataclass(frozen=True, slots=True)
class Visitor:
    """A member at a page of their shop. `framed`: inside the platform's own pages."""

    shop: ShopRow
    member: Member
    framed: bool = False

    def may(self, role: str) -> bool:
        """For templates: whether what that role may do is theirs to do."""
        return self.member.may(Role(role))


def visitor() -> Visitor:
    """Who asks for this page."""
    return cast(Visitor, g.visitor)


def enter(shop: ShopRow, member: Member) -> None:
    """Let this browser in: from now on its session says so."""
    kept = dict(session.get(_ENTERED, {}))
    session.clear()  # a session that somebody else planted is of no use to them
    session[_ENTERED] = kept | {shop.key: member.id}
    session[_FORMS] = secrets.token_urlsafe(24)
    session.permanent = True


def leave(shop_key: str) -> None:
    """This browser has nothing more to do with that shop."""
    kept = dict(session.get(_ENTERED, {}))
    kept.pop(shop_key, None)
    session[_ENTERED] = kept


def shop_keys() -> list[str]:
    """The shops that this browser entered."""
    return sorted(session.get(_ENTERED, {}))


def form_mark() -> str:
    """What a form of this session must bear, so that no other site can fill it in."""
    return cast(str, session.get(_FORMS, ""))


def admit(blueprint: Blueprint) -> None:
    """Ask for a member at every address of `blueprint`, and for the mark at every form."""

    @blueprint.url_value_preprocessor
    def take_key(endpoint: str | None, values: dict[str, str] | None) -> None:
        g.shop_key = (values or {}).pop("shop_key", "")

    @blueprint.url_defaults
    def give_key(endpoint: str, values: dict[str, str]) -> None:
        if "shop_key" not in values and g.get("shop_key"):
            values["shop_key"] = g.shop_key

    @blueprint.before_request
    def ask() -> ResponseReturnValue | None:
        if frames.is_asked():
            return _in_frame()
        _with_session()
        return None

    @blueprint.after_request
    def dress(response: Response) -> Response:
        # What names people stays in no browser's memory: after "Sign out" Back shows nothing.
        response.headers["Cache-Control"] = "no-store"
        found = g.get("visitor")
        framed = found is not None and found.framed
        return frames.dress(response, found.shop, found.member.id) if framed else response


def may(role: Role) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """For a view: only members who may do what `role` may. Others are told so (403)."""

    def guarded(view: Callable[P, R]) -> Callable[P, R]:
        @wraps(view)
        def asked(*args: P.args, **kwargs: P.kwargs) -> R:
            if not visitor().member.may(role):
                abort(403)
            return view(*args, **kwargs)

        return asked

    return guarded


def _with_session() -> None:
    found = _from_session(g.shop_key)
    if found is None:
        abort(404)
    if request.method in _CHANGING and not is_marked():
        abort(400)
    _admit(found)


def _in_frame() -> ResponseReturnValue | None:
    """A form needs no mark here: no other site can have the token that it bears."""
    try:
        looker = frames.prove()
    except Stale as error:
        return frames.fresh(error.shop)
    except Forged:
        return frames.fresh(None)
    with tools().database.reading() as db:
        shop = shops.by_address(db, "shopify", looker.shop)
    if shop is None or shop.key != g.shop_key:
        abort(404)
    if not shop.is_active:  # Shopify knows better: the app is there, or was just now
        return frames.bounce(frames.APP, looker.shop)
    member = _member(shop, f"shopify:{looker.user}")
    if member is None:
        return render_template("merchant/not_here.html", shop=shop), 403
    _admit(Visitor(shop, member, framed=True))
    frames.tell_again(member.id)
    return None


def _admit(found: Visitor) -> None:
    g.visitor = found
    _note(found)


def _member(shop: ShopRow, subject: str) -> Member | None:
    """Whom the platform calls that; whoever comes for the first time is one from now on."""
    with tools().database.reading() as db:
        found = members.by_subject(db, shop.id, subject)
    if found is not None:
        return found if found.removed_at is None else None
    now = tools().now()
    return tools().database.run(lambda db: members.enter(db, shop.id, subject, now))


def _from_session(key: str) -> Visitor | None:
    member_id = session.get(_ENTERED, {}).get(key)
    if not isinstance(member_id, int):
        return None
    with tools().database.reading() as db:
        shop = shops.by_key(db, key)
        member = None if shop is None else members.by_id(db, shop.id, member_id)
    if shop is None or member is None or not shop.is_active:
        return None
    return Visitor(shop, member)


def is_marked() -> bool:
    """Whether the form that was sent is one of this session's own."""
    given, wanted = request.form.get("form", ""), form_mark()
    return bool(wanted) and hmac.compare_digest(given.encode(), wanted.encode())


def _note(found: Visitor) -> None:
    now = tools().now()
    if not members.is_seen_lately(found.member, now):
        tools().database.run(lambda db: members.note_seen(db, found.member, now))
