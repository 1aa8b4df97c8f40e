"""Why a reminder does not leave: all reasons at once, kept on the row and shown."""

from __future__ import annotations

import json
from collections.abc import Iterable
from enum import StrEnum


class Reason(StrEnum):
    """One reason not to send. The value is what is stored; `WORDS` is what is shown."""

    ORDERED = "ordered"
    NEWER_CART = "newer_cart"
    EMPTY = "empty"
    BOT = "bot"
    NOT_A_SHOPPERS = "not_a_shoppers"
    CART_ENDED = "cart_ended"
    STILL_SHOPPING = "still_shopping"
    NO_PHONE = "no_phone"
    PHONE_UNUSABLE = "phone_unusable"
    NO_CONSENT = "no_consent"
    STOPPED = "stopped"
    CAPPED = "capped"
    TOO_LATE = "too_late"
    NO_DECENT_HOUR = "no_decent_hour"
    NO_WAY_BACK = "no_way_back"
    SHOP_GONE = "shop_gone"
    NOT_ON = "not_on"
    NO_ACCOUNT = "no_account"
    ORDERS_UNKNOWN = "orders_unknown"
    NOT_ASKED = "not_asked"
    NOT_CONFIRMED = "not_confirmed"
    EMAIL_NOT_CONFIRMED = "email_not_confirmed"
    NO_REPLIES = "no_replies"
    NOT_TRUE = "not_true"
    OVERTAKEN = "overtaken"
    ORDER_CANCELLED = "order_cancelled"
    SWITCHED_OFF = "switched_off"
    CODE_GONE = "code_gone"
    CODE_UNKNOWN = "code_unknown"
    NOT_IN_PROGRAMME = "not_in_programme"
    ONE_TEXT_A_CART = "one_text_a_cart"
    NOT_FOR_THEM = "not_for_them"
    NO_EMAIL = "no_email"
    HELD_OUT = "held_out"
    OTHER_CHANNEL = "other_channel"
    OWN_CHANNEL_FIRST = "own_channel_first"
    OUT_OF_TURN = "out_of_turn"
    ANSWERED = "answered"
    PAUSED = "paused"
    SILENCED = "silenced"


WORDS: dict[Reason, str] = {
    Reason.ORDERED: "This person has ordered.",
    Reason.NEWER_CART: "This person has a newer cart, which is reminded instead.",
    Reason.EMPTY: "The cart is empty.",
    Reason.BOT: "The cart was filled by a program, not by a person.",
    Reason.NOT_A_SHOPPERS: "The shop's staff or a program made this cart.",
    Reason.CART_ENDED: "The cart is over.",
    Reason.STILL_SHOPPING: "The shopper came back to the cart just now.",
    Reason.NO_PHONE: "No telephone number was left.",
    Reason.PHONE_UNUSABLE: "The number left cannot receive texts.",
    Reason.NO_CONSENT: "This person did not agree to marketing on this channel.",
    Reason.STOPPED: "This person asked for no more messages on this channel.",
    Reason.CAPPED: "This person was already written to as often as allowed.",
    Reason.TOO_LATE: "The time in which a reminder is welcome has passed.",
    Reason.NO_DECENT_HOUR: "No permitted hour came before the reminder was too old.",
    Reason.NO_WAY_BACK: "The shop gives no address that leads back to this cart.",
    Reason.SHOP_GONE: "The shop is no longer connected.",
    Reason.NOT_ON: "The shop had not switched sending on, or paused it.",
    Reason.NO_ACCOUNT: "The shop has no sender account.",
    Reason.ORDERS_UNKNOWN: "The shop's latest orders could not be read in time.",
    Reason.NOT_ASKED: "This person no longer asks for this text.",
    Reason.NOT_CONFIRMED: "This number was not yet confirmed by a reply.",
    Reason.EMAIL_NOT_CONFIRMED: "This e-mail address waits for its confirmation.",
    Reason.NO_REPLIES: "The sender cannot receive the reply that would confirm the number.",
    Reason.NOT_TRUE: "What the text says is not true any more.",
    Reason.OVERTAKEN: "A later text about the same order takes its place.",
    Reason.ORDER_CANCELLED: "The order was cancelled.",
    Reason.SWITCHED_OFF: "The shop does not send this text.",
    Reason.CODE_GONE: "The code that the text names does not work in the shop.",
    Reason.CODE_UNKNOWN: "The shop did not say in time whether the code works.",
    Reason.NOT_IN_PROGRAMME: "The programme no longer has this step.",
    Reason.ONE_TEXT_A_CART: "The law of this country allows one text for a cart.",
    Reason.NOT_FOR_THEM: "The programme, or this step of it, is for other carts.",
    Reason.NO_EMAIL: "No e-mail address was left.",
    Reason.HELD_OUT: "This person is held out, to see what reminders change.",
    Reason.OTHER_CHANNEL: "This step went by the other channel.",
    Reason.OWN_CHANNEL_FIRST: "The step may go by its own channel after all.",
    Reason.OUT_OF_TURN: "A later step of this programme went before it.",
    Reason.ANSWERED: "This person answered; what they said takes the place of this step.",
    Reason.PAUSED: "This person wrote to the shop, and waits for an answer of a person.",
    Reason.SILENCED: "Somebody of the shop stopped the reminders of this cart.",
}


def written(reasons: Iterable[Reason]) -> str:
    """The reasons as they are kept on a row."""
    return json.dumps([reason.value for reason in reasons])


def read(text: str | None) -> list[Reason]:
    """The reasons kept on a row."""
    return [Reason(value) for value in json.loads(text)] if text else []
