"""From a connected shop to the first text, on one page: trade, sender, test, words, on."""

from __future__ import annotations

import logging
import re
from datetime import datetime, timedelta
from typing import Any

from babel import Locale
from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from flask_babel import gettext as _
from sqlalchemy import Connection

from connectors.protocols import Busy, NoAnswer, Refused
from recovery import (
    accounts,
    changes,
    held,
    members,
    presets,
    programmes,
    sample_texts,
    tried_texts,
)
from recovery.accounts import AccountRow
from recovery.contacts import e164, may_be_texted
from recovery.default_texts import DEFAULT_TEXTS
from recovery.members import Role
from recovery.model import Channel, Message
from recovery.programmes import CART
from recovery.tried_texts import Not, Outcome
from recovery.wording import can_receive_replies
from web.merchant import onboarding_words as words
from web.merchant.visitor import may, visitor
from web.tools import tools

blueprint = Blueprint("onboarding", __name__, url_prefix="/start")
log = logging.getLogger(__name__)
_APPLICATION = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_NAME = re.compile(r"(?=.*[A-Za-z])[A-Za-z0-9 .-]{3,11}", re.ASCII)
_NO_NAMES = frozenset({"US", "CA"})  # where a sender is a number by law or network
_LONGEST_KEY = 10_000
_COUNTRIES = ("FR", "BE", "CH", "LU", "DE", "ES", "IT", "PT", "NL", "GB", "IE", "US", "CA")
_TRIES = 10  # minutes in which a page looks again by itself


@blueprint.get("/")
def start() -> ResponseReturnValue:
    """The whole way, each step as it stands."""
    asked = request.args.get("language", "")
    return _shown({}, {"language": asked if asked in DEFAULT_TEXTS else ""})


@blueprint.get("/tried")
def tried() -> str:
    """What became of the latest test text, for a page that asks again."""
    with tools().database.reading() as db:
        latest = tried_texts.latest(db, visitor().shop.id)
    return render_template("merchant/start_tried.html", **_of_tried(latest))


@blueprint.post("/trade")
@may(Role.EDITOR)
def trade() -> ResponseReturnValue:
    """Take the ready programme of a trade."""
    chosen, shop, now = request.form.get("trade", ""), visitor().shop, tools().now()
    if chosen not in presets.PRESETS:
        return _shown({"trade": _("Choose the trade that is nearest to yours.")}, request.form)
    form = presets.preset(chosen, shop.country, str(get_locale()))
    author = members.called(visitor().member)
    tools().database.run(lambda db: programmes.save(db, shop.id, CART, form, author, now))
    flash(_("Saved."))
    return redirect(url_for("onboarding.start", _anchor="sender"))


@blueprint.post("/sender")
@may(Role.OWNER)
def sender() -> ResponseReturnValue:
    """Whose account sends: the service's, or one of the shop's own, tried before it is kept."""
    if request.form.get("whose") == "service":
        return _take_service()
    typed, errors = _typed_account()
    if not errors:
        errors = _tried_account(typed)
    if errors:
        return _shown(errors, request.form)
    shop, now = visitor().shop, tools().now()
    sent_from = typed.pop("sender")

    def keep(db: Connection) -> None:
        name = f"shop.{shop.key}"
        account = accounts.keep(db, tools().keys, name, "vonage", sent_from, typed)
        accounts.works_again(db, account.id, now)
        _use(db, account, now)

    tools().database.run(keep)
    flash(_("Vonage accepts the account. It is kept, and sends for your shop from now on."))
    return redirect(url_for("onboarding.start", _anchor="test"))


@blueprint.post("/test")
@may(Role.EDITOR)
def test() -> ResponseReturnValue:
    """A text to the merchant's own telephone, at once."""
    number, errors = _typed_number()
    language = request.form.get("language", "")
    if language not in DEFAULT_TEXTS:
        abort(400)
    shop, member, now = visitor().shop, visitor().member, tools().now()
    with tools().database.reading() as db:
        account = _account(db)
        step = _step(db)
        text = (
            sample_texts.filled(db, shop, step, language, account.sender)
            if account and step
            else None
        )
    if account is None or text is None:
        errors["number"] = _("Choose a programme with a text and a sender first.")
    if errors:
        return _shown(errors, request.form)
    assert account is not None and text is not None  # noqa: S101 - an error above
    who = {"member_id": member.id}
    begun = tools().database.run(
        lambda db: tried_texts.begin(db, shop, account, number, language, now, **who)
    )
    if isinstance(begun, Not):
        return _shown({"number": str(words.NOT[begun])}, request.form)
    sender, reference = account.sender, tried_texts.reference(begun)
    _hand_over(begun, account, Message(reference, Channel.SMS, sender, number, text))
    return redirect(url_for("onboarding.start", _anchor="test"))


@blueprint.post("/on")
@may(Role.EDITOR)
def on() -> ResponseReturnValue:
    """From now on messages leave."""
    shop, now, who = visitor().shop, tools().now(), visitor().member.id
    with tools().database.reading() as db:
        lacks = _lacks(db)
    if lacks:
        flash(_("Not yet: %(what)s", what=lacks), "error")
        return redirect(url_for("onboarding.start", _anchor="on"))
    if tools().database.run(lambda db: held.switch_on(db, shop.id, now, who)):
        flash(_("Switched on. Carts that are left from now on are reminded."))
    tools().forget()
    return redirect(url_for("home.home"))


@blueprint.post("/pause")
@may(Role.EDITOR)
def pause() -> ResponseReturnValue:
    """Nothing leaves until somebody switches it on again."""
    shop, now, who = visitor().shop, tools().now(), visitor().member.id
    if tools().database.run(lambda db: held.pause(db, shop.id, now, who)):
        flash(_("All sending is paused. What falls due meanwhile is left out for good."))
    tools().forget()
    return redirect(url_for("home.home"))


# -- what was typed -------------------------------------------------------------------------------


def _typed_account() -> tuple[dict[str, str], dict[str, str]]:
    """The account as it was typed, and what is wrong with it by field."""
    given, errors = request.form, {}
    key = given.get("private_key", "").strip()
    upload = request.files.get("key_file")
    if upload is not None and upload.filename:
        key = upload.stream.read(_LONGEST_KEY + 1).decode("ascii", "replace").strip()
    typed = {
        "application_id": given.get("application_id", "").strip().lower(),
        "private_key": key.replace("\r\n", "\n") + "\n",
        "signature_secret": given.get("signature_secret", "").strip(),
        "api_key": given.get("api_key", "").strip(),
        "api_secret": given.get("api_secret", "").strip(),
    }
    if not _APPLICATION.fullmatch(typed["application_id"]):
        errors["application_id"] = _("The id looks like 78d335fa-323d-0114-9c3d-d6f0d48968cf.")
    if not key or len(key) > _LONGEST_KEY:
        errors["private_key"] = _("Paste the private key, or choose its file.")
    if not 8 <= len(typed["signature_secret"]) <= 200:
        errors["signature_secret"] = _("Copy it from the settings of your Vonage account.")
    if bool(typed["api_key"]) != bool(typed["api_secret"]):
        errors["api_secret"] = _("Key and secret go together: type both, or neither.")
    elif max(len(typed["api_key"]), len(typed["api_secret"])) > 200:
        errors["api_secret"] = _("This is longer than any key of Vonage’s.")
    typed["sender"], wrong = _typed_sender(given.get("from", "").strip())
    return typed, errors | ({"from": wrong} if wrong else {})


def _typed_sender(typed: str) -> tuple[str, str]:
    country = visitor().shop.country
    if can_receive_replies(typed):
        digits = re.sub(r"\D", "", typed)
        if 3 <= len(digits) <= 6:  # a short code
            return digits, ""
        number = e164(typed, country) or e164(f"+{digits}", None)
        return (number, "") if number else ("", _("This number is not complete."))
    if not _NAME.fullmatch(typed):
        return "", _("A number, or a name of 3 to 11 letters and digits.")
    if country in _NO_NAMES:
        return "", _("In this country a sender is a number.")
    return typed, ""


def _tried_account(typed: dict[str, str]) -> dict[str, str]:
    """What Vonage says against it; nothing is held open meanwhile."""
    with tools().database.reading() as db:
        other = accounts.by_application(db, "vonage", typed["application_id"])
    if other is not None and other.name != _own_name():
        return {
            "application_id": _("Another sender here uses this application. Make one of its own.")
        }
    line: Any = tools().outside.messenger("vonage", "trial", "", typed)
    try:
        line.try_out()
    except (Busy, NoAnswer) as error:
        is_key = "cannot be read" in str(error)
        return {"private_key" if is_key else "application_id": words.failure(error)}
    try:
        line.credit()
    except Refused:
        return {"api_secret": _("Vonage does not accept this key and secret.")}
    except (Busy, NoAnswer):
        log.info("shop %s: credit not told while its account was tried", visitor().shop.id)
    return {}


def _typed_number() -> tuple[str, dict[str, str]]:
    errors = {}
    country = request.form.get("country", "")
    number = e164(request.form.get("number", ""), country if country in _COUNTRIES else None)
    if number is None or not may_be_texted(number):
        errors["number"] = _("This is no mobile number of the country beside it. Check both.")
    if request.form.get("mine") != "1":
        errors["mine"] = _("A test goes to your own telephone alone.")
    return number or "", errors


# -- what is done ---------------------------------------------------------------------------------


def _hand_over(tried_id: int, account: AccountRow, message: Message) -> None:
    """Hand it to the provider, with no line to the database open, and note what came of it."""
    outcome, note = Outcome.SENT, {}
    try:
        note["provider_id"] = tools().messenger(account).send(message)
    except NoAnswer:
        outcome = Outcome.UNKNOWN
    except Refused as error:
        outcome, note["refusal"] = Outcome.REFUSED, str(error)
    except Busy as error:
        outcome, note["refusal"] = Outcome.NOT_SENT, words.failure(error)
    now = tools().now()
    tools().database.run(lambda db: tried_texts.settle(db, tried_id, outcome, now, **note))


def _take_service() -> ResponseReturnValue:
    now = tools().now()

    def take(db: Connection) -> bool:
        account = accounts.by_name(db, "service")
        if account is not None:
            _use(db, account, now)
        return account is not None

    if not tools().database.run(take):
        abort(404)
    flash(_("Saved."))
    return redirect(url_for("onboarding.start", _anchor="test"))


def _use(db: Connection, account: AccountRow, now: datetime) -> None:
    by, chosen = visitor().member.id, {"account_id": account.id}
    changes.set_of_shop(db, visitor().shop.id, chosen, now, member_id=by)


def _own_name() -> str:
    return f"shop.{visitor().shop.key}"


# -- what is shown --------------------------------------------------------------------------------


def _shown(errors: dict[str, str], typed: Any) -> ResponseReturnValue:
    shop = visitor().shop
    language = typed.get("language") or _language()
    with tools().database.reading() as db:
        run = programmes.running(db, {shop.id: shop})[shop.id]
        kept = programmes.held(db, shop.id, CART)
        account, step = _account(db), _step(db)
        found = {
            "step": step,
            "texts": sample_texts.text_steps(run.form),
            "service": accounts.by_name(db, "service"),
            "own": accounts.by_name(db, _own_name()),
            "sample": sample_texts.filled(
                db, shop, step, language, account.sender if account else "+33700000000"
            )
            if step
            else None,
            "lacks": _lacks(db),
            "told": tried_texts.is_told(db, shop.id),
            **_of_tried(tried_texts.latest(db, shop.id)),
        }
    page = render_template(
        "merchant/start.html",
        errors=errors,
        typed=typed,
        language=language,
        languages_in_words=[(each, _called(each)) for each in sorted(DEFAULT_TEXTS)],
        countries_in_words=[(each, get_locale().territories[each]) for each in _COUNTRIES],
        trades=words.trades(),
        chosen=kept[2].trade if kept else None,
        says=words.steps_in_words(run.form, shop.idle_seconds),
        account=account,
        can_stop=account is not None and can_receive_replies(account.sender),
        hooks=f"{tools().public_url}/hooks/vonage",
        first_at=_first_at(run.form, tools().now()),
        **found,
    )
    return page, 422 if errors else 200


def _of_tried(latest: tried_texts.Tried | None) -> dict[str, Any]:
    waits = False
    if latest is not None and latest.outcome in (Outcome.LEAVING, Outcome.SENT):
        waits = tools().now() - latest.at < timedelta(minutes=_TRIES)
    return {
        "tried": latest,
        "outcome": words.OUTCOMES[Outcome(latest.outcome)] if latest else None,
        "waits": waits,
    }


def _account(db: Connection) -> AccountRow | None:
    number = visitor().shop.account_id
    return None if number is None else accounts.by_id(db, number)


def _step(db: Connection) -> Any:
    """The step whose text is tried: the one that is asked for, else the first."""
    shop, asked = visitor().shop, request.values.get("step", "")
    steps = sample_texts.text_steps(programmes.running(db, {shop.id: shop})[shop.id].form)
    return next((each for each in steps if str(each.number) == asked), steps[0] if steps else None)


def _lacks(db: Connection) -> str:
    """What must be there before "on"; empty: nothing is missing."""
    shop = visitor().shop
    if shop.held == held.NEW and programmes.held(db, shop.id, CART) is None:
        return str(_("choose a trade."))
    if shop.account_id is None and shop.email_account_id is None:
        return str(_("choose a sender."))
    return ""


def _language() -> str:
    spoken = (visitor().shop.locale or str(get_locale()))[:2].lower()
    return spoken if spoken in DEFAULT_TEXTS else "en"


def _called(language: str) -> str:
    return Locale(language).get_display_name() or language


def _first_at(form: Any, now: datetime) -> datetime | None:
    """When a cart that is left now gets its first message, hours of rest aside."""
    if not form.steps:
        return None
    return now + timedelta(seconds=visitor().shop.idle_seconds + form.steps[0].delay.below)
