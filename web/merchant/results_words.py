"""What the figures of the results are called."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from babel import Locale
from babel.core import UnknownLocaleError
from flask_babel import format_currency, format_date, format_decimal, format_percent, get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from recovery.arms import CONTROL, HELD_OUT
from recovery.counted import By
from recovery.reasons import WORDS, Reason
from recovery.report_rows import UNKNOWN

SPLITS = {
    By.PROGRAMME: _l("By programme"),
    By.STEP: _l("By step"),
    By.VARIANT: _l("By variant"),
    By.CHANNEL: _l("By channel"),
    By.LANGUAGE: _l("By language"),
    By.COUNTRY: _l("By country"),
    By.AMOUNT: _l("By amount of the cart"),
    By.CUSTOMER: _l("New and returning"),
    By.DAY: _l("By day"),
}
HEADS = {
    By.PROGRAMME: _l("Programme"),
    By.STEP: _l("Step"),
    By.VARIANT: _l("Variant"),
    By.CHANNEL: _l("Channel"),
    By.LANGUAGE: _l("Language"),
    By.COUNTRY: _l("Country"),
    By.AMOUNT: _l("Amount"),
    By.CUSTOMER: _l("Customer"),
    By.DAY: _l("Day"),
}
#: Of messages, in the order of a table's columns.
FATES = {
    "planned": _l("Planned"),
    "left": _l("Sent"),
    "skipped": _l("Not sent"),
    "undelivered": _l("Not delivered"),
    "clicked": _l("Clicked"),
    "earned": _l("Ordered"),
}
#: Of carts, each a part of the one before.
STAGES = {
    "carts": _l("Carts begun"),
    "with_contact": _l("with a contact"),
    "with_consent": _l("that may be written to"),
    "abandoned": _l("were left behind"),
    "reminded": _l("reminded, as far as is known delivered"),
    "clicked": _l("clicked"),
    "ordered": _l("were ordered"),
}
_CHANNELS = {"sms": _l("Text message"), "email": _l("E-mail")}
_PROGRAMMES = {
    "cart": _l("Carts left behind"),
    "reply": _l("Answers to shoppers"),
    "reward": _l("Rewards"),
    "order": _l("Order texts"),
    "back_in_stock": _l("Back in stock"),
    "price_drop": _l("Price drops"),
    "welcome": _l("Welcome"),
}
_VARIANTS = {
    "": _l("compared with nobody"),
    CONTROL: _l("usual content"),
    HELD_OUT: _l("held out"),
}


def value_of(by: By, value: str) -> str:
    """A group's name, for a reader."""
    if value == UNKNOWN:
        return str(_("not known"))
    match by:
        case By.PROGRAMME:
            return str(_PROGRAMMES.get(value, value))
        case By.STEP:
            return str(_("Step %(number)s", number=value))
        case By.VARIANT:
            return str(_VARIANTS.get(value, value))
        case By.CHANNEL:
            return str(_CHANNELS.get(value, value))
        case By.CUSTOMER:
            return str(_("ordered before") if value == "returning" else _("new"))
        case By.DAY:
            return str(format_date(date.fromisoformat(value), "short"))
        case By.AMOUNT:
            return _amount(value)
    return language(value) if by is By.LANGUAGE else country(value)


def country(code: str) -> str:
    """Its name in the reader's language."""
    return str(_locale().territories.get(code.upper(), code))


def language(code: str) -> str:
    """Its name in the reader's language."""
    try:
        return str(Locale.parse(code).get_display_name(_locale()) or code)
    except (UnknownLocaleError, ValueError):
        return code


def reason(why: Reason) -> str:
    """Why a message was not sent."""
    return str(_(WORDS[why]))


def _amount(band: str) -> str:
    low, _dash, high = band.partition("-")
    if not high:
        return str(_("from %(low)s", low=money(Decimal(low.rstrip("+")), "EUR", whole=True)))
    low, high = (money(Decimal(each), "EUR", whole=True) for each in (low, high))
    return str(_("%(low)s to under %(high)s", low=low, high=high))


def amount_band(band: str) -> str:
    """A band of amounts, for a reader."""
    return str(_("not known")) if band == UNKNOWN else _amount(band)


def money(amount: Decimal, currency: str, *, whole: bool = False) -> str:
    """An amount with its currency, as the reader writes it; a number alone where there is none."""
    if not currency or currency == UNKNOWN:
        return str(format_decimal(amount.quantize(Decimal("0.01"))))
    if whole:
        pattern = _locale().currency_formats["standard"].pattern.replace(".00", "")
        return str(format_currency(amount, currency, pattern, currency_digits=False))
    return str(format_currency(amount, currency))


def share(part: Decimal | float | int, whole: Decimal | float | int) -> str:
    """A part of a whole in percent; a dash of nothing."""
    if not whole:
        return "–"
    pattern = _locale().percent_formats[None].pattern.replace("#,##0", "#,##0.0")
    return str(format_percent(float(part) / float(whole), pattern))


def points(part: float) -> str:
    """A difference of shares, in points of a hundred, with its sign."""
    return str(format_decimal(100 * part, "+0.0;-0.0"))


def day(of: date) -> str:
    """A day, as the reader writes it."""
    return str(format_date(of, "medium"))


def number(many: int) -> str:
    """A count, as the reader writes it."""
    return str(format_decimal(many))


def _locale() -> Locale:
    return get_locale() or Locale("en")
