"""What the editor shows of a message: itself, its parts, what makes it dear, what it costs."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from dataclasses import replace as dataclass_replace
from decimal import Decimal

from babel.numbers import format_currency
from flask import Response, abort, current_app, g, request
from flask_babel import format_date, get_locale, ngettext
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from itsdangerous import BadData, URLSafeSerializer
from msgspec.structs import replace
from sqlalchemy import Connection

from recovery import accounts, lines, previews, programme_edits, sms_prices, step_volumes
from recovery.accounts import AccountRow
from recovery.model import Channel, Email
from recovery.previews import Sample, Shown
from recovery.programme_form import Step
from recovery.sms_count import Count, DearLetter, cost, count
from recovery.sms_parts import in_gsm_7, plain_form
from recovery.step_checks import step_problems
from web.merchant import programmes_saving as saving
from web.merchant import programmes_words as words
from web.merchant.programmes import blueprint
from web.merchant.visitor import visitor
from web.tools import tools

#: What a text may say, for people who write one.
PLACEHOLDERS = (
    ("{{ first_name }}", _l("the shopper’s first name; nothing where it is not known")),
    ("{{ shop }}", _l("the name of your shop")),
    ("{{ first_line }}", _l("the first article of the cart")),
    ("{{ items_count }}", _l("how many articles")),
    ("{{ total }}", _l("what the cart comes to")),
    ("{{ link }}", _l("the way back to the cart")),
    ("{{ offer }}", _l("what the step offers, with its end")),
    ("{{ code }}", _l("the code of that offer")),
    ("{{ stop_words }}", _l("what one replies to refuse: STOP")),
    ("{{ stop_link }}", _l("where one refuses, when nobody can reply")),
)
_MAIL_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src https: data:; sandbox; "
    "frame-ancestors 'self'"
)
LONGEST_KEY = 3_000  # characters: what a server takes in a request's first line has an end


@dataclass(frozen=True, slots=True)
class Phone:
    """A text on a phone."""

    shown: Shown
    count: Count
    worst: Count
    price: str = ""
    worst_price: str = ""
    is_example: bool = True
    month: int = 0
    month_price: str = ""
    letters: str = ""
    dear: Sequence[tuple[DearLetter, bool, str]] = field(default=())
    # each with whether the merchant's words hold it, and what it is called


@dataclass(frozen=True, slots=True)
class Preview:
    """All that is shown beside the editor."""

    problems: Sequence[tuple[str, bool]]
    carts: Sequence[tuple[int, str]]
    cart: int
    phone: Phone | None
    mail: Email | None
    mail_key: str
    instead: bool
    promise: str
    has_sender: bool
    has_offer: bool
    no_offer: bool


def of(step: Step, language: str, variant: int) -> Preview:
    """What leaves by `step` for the cart that was chosen, and what is to be known of it."""
    shop, now = visitor().shop, tools().now()
    no_offer = bool(request.values.get("no_offer"))
    sent = replace(step, incentive=None) if no_offer else step
    with tools().database.reading() as db:
        carts = previews.samples(db, shop, now)
        senders = {Channel.SMS: _account(db, shop.account_id)}
        senders[Channel.EMAIL] = _account(db, shop.email_account_id)
        sender = accounts.sender_of(db, shop.account_id)
        month = step_volumes.about(db, shop.id, step.number, Channel.SMS, now)
    asked = request.values.get("cart", 0, type=int)
    cart = _chosen(carts, asked)
    channels = {step.channel, step.fallback or step.channel}
    shown = {each: _shown(sent, cart, each, language, senders[each]) for each in channels}
    text, mail = shown.get(Channel.SMS), shown.get(Channel.EMAIL)
    message = mail.message if mail and isinstance(mail.message, Email) else None
    phone = None
    if text is not None:
        phone = _phone(text, sent, cart, language, senders[Channel.SMS], month)
    found = step_problems(step, "", sender, shop.name or None)
    mine = [each for each in found if each.where in (f"/texts/{language}", f"/subjects/{language}")]
    return Preview(
        problems=[(saving.said(each), each.is_warning) for each in mine],
        carts=[(each.id, _called(each)) for each in carts],
        cart=cart.id,
        phone=phone,
        mail=message,
        mail_key=_key(step, variant, language, cart.id, not no_offer) if message else "",
        instead=any(each is not None and each.instead for each in shown.values()),
        promise=previews.promise(sent, cart, shop, language, now),
        has_sender=sender is not None,
        has_offer=step.incentive is not None,
        no_offer=no_offer,
    )


def twin_of(letter: str) -> str | None:
    """What says the same as a letter and costs nothing; None: nothing does."""
    return None if len(letter) > 20 or in_gsm_7(letter) else plain_form(letter)


@blueprint.get("/cart/mail/<key>")
def mail(key: str) -> Response:
    """An e-mail by itself, for the frame that shows it: no script, nothing of ours around it."""
    try:
        shop_id, number, variant, language, text, subject, cart_id, has_offer = _signer().loads(key)
    except (BadData, ValueError):
        abort(404)
    form = saving.standing().form if shop_id == visitor().shop.id else None
    step = programme_edits.step_of(form, number, variant) if form else None
    if step is None:
        abort(404)
    step = previews.with_words(step, language, text, subject)
    shop, now = visitor().shop, tools().now()
    with tools().database.reading() as db:
        cart = _chosen(previews.samples(db, shop, now), cart_id)
        account = _account(db, shop.email_account_id)
    shown = _shown(
        step if has_offer else replace(step, incentive=None), cart, "email", language, account
    )
    if shown is None or not isinstance(shown.message, Email):
        abort(404)
    answer = Response(shown.message.html, mimetype="text/html")
    framed_by = str(g.get("framed_by", "")).replace("'none'", "")
    answer.headers["Content-Security-Policy"] = f"{_MAIL_POLICY} {framed_by}".strip()
    return answer


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(str(current_app.secret_key), salt="programmes-mail")


def _key(step: Step, variant: int, language: str, cart: int, has_offer: bool) -> str:
    """What the frame's address bears: signed, so that nobody else's words are ever shown there."""
    own = (step.texts.get(language), step.subjects.get(language))
    key = _signer().dumps(
        [visitor().shop.id, step.number, variant, language, *own, cart, has_offer]
    )
    said = key if isinstance(key, str) else key.decode()
    return said if len(said) <= LONGEST_KEY else ""


def _account(db: Connection, account_id: int | None) -> AccountRow | None:
    return None if account_id is None else accounts.by_id(db, account_id)


def _chosen(carts: Sequence[Sample], cart_id: int) -> Sample:
    return next((each for each in carts if each.id == cart_id), carts[0])


def _shown(
    step: Step, cart: Sample, channel: str, language: str, account: AccountRow | None
) -> Shown | None:
    """The message, or None where it cannot be written at all; why, the problems say."""
    cart = dataclass_replace(cart, channel=channel)
    where = (tools().public_url, tools().now())
    try:
        return previews.of_step(visitor().shop, account, step, cart, language, *where)
    except (ValueError, KeyError):
        return None


def _phone(
    shown: Shown, step: Step, cart: Sample, language: str, account: AccountRow | None, month: int
) -> Phone:
    shop, where = visitor().shop, (tools().public_url, tools().now())
    counted = shown.count or count(shown.message.text)
    worst = previews.at_worst(shop, account, step, cart, language, *where)
    own = _own_prices()
    prices, country = sms_prices.with_examples(own), cart.country or shop.country
    each, dearest = cost(counted, country, prices), cost(worst, country, prices)
    template = step.texts.get(language, "")
    return Phone(
        shown,
        counted,
        worst,
        price=_money(each.amount) if each else "",
        worst_price=_money(dearest.amount) if dearest else "",
        is_example=(country or "").upper() not in own,
        month=month,
        month_price=_money(each.amount * month, 2) if each else "",
        letters=", ".join(_letter(each) for each in counted.dear),
        dear=[(each, each.letter in template, _letter(each)) for each in counted.dear],
    )


#: What cannot be seen, or is easily taken for its plain twin.
_NAMES = {
    **dict.fromkeys("“”„", _l("curly quote")),
    **dict.fromkeys("‘’‚", _l("curly apostrophe")),
    **dict.fromkeys("–—", _l("long dash")),
    **dict.fromkeys("\u00a0\u202f\u2009", _l("no-break space")),
    "…": _l("three dots in one"),
}


def _letter(dear: DearLetter) -> str:
    """A letter as it is named to people: “ê”, “…” (three dots in one), no-break space."""
    name = _NAMES.get(dear.letter)
    if name is not None and not dear.letter.strip():
        return str(name)
    if not dear.letter.isprintable() or not dear.letter.strip():
        return dear.name
    return str(_("“%(letter)s”", letter=dear.letter)) + (f" ({name})" if name else "")


def _own_prices() -> dict[str, Decimal]:
    try:
        return sms_prices.read(visitor().shop.sms_prices)
    except sms_prices.BadPrices:
        return {}


def _money(value: Decimal, decimals: int = 3) -> str:
    pattern = get_locale().currency_formats["standard"].pattern
    pattern = re.sub(r"\.0+", ".00" + "#" * (decimals - 2), pattern)
    options = {"locale": get_locale(), "currency_digits": False}
    return str(format_currency(value, sms_prices.CURRENCY, pattern, **options))


def _called(cart: Sample) -> str:
    """A cart without its person."""
    many = sum(line.quantity for line in lines.read(cart.lines))
    goods = ngettext("%(num)s article", "%(num)s articles", many)
    said = f"{goods}, {words.amount(cart.total, cart.currency)}"
    if not cart.id:
        return str(_("a made-up cart (%(goods)s)", goods=said))
    day = format_date(cart.left_at, "medium")
    return str(_("a cart of %(day)s (%(goods)s)", day=day, goods=said))
