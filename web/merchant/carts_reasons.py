"""Why a message did not leave, for the merchant's pages: `recovery.reasons` in both languages."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from recovery.reasons import Reason

REASONS = {
    Reason.ORDERED: _l("This person has ordered."),
    Reason.NEWER_CART: _l("This person has a newer cart, which is reminded instead."),
    Reason.EMPTY: _l("The cart is empty."),
    Reason.BOT: _l("The cart was filled by a program, not by a person."),
    Reason.NOT_A_SHOPPERS: _l("The shop's staff or a program made this cart."),
    Reason.CART_ENDED: _l("The cart is over."),
    Reason.STILL_SHOPPING: _l("The shopper came back to the cart just now."),
    Reason.NO_PHONE: _l("No telephone number was left."),
    Reason.PHONE_UNUSABLE: _l("The number left cannot receive texts."),
    Reason.NO_CONSENT: _l("This person did not agree to marketing on this channel."),
    Reason.STOPPED: _l("This person asked for no more messages on this channel."),
    Reason.CAPPED: _l("This person was already written to as often as allowed."),
    Reason.TOO_LATE: _l("The time in which a reminder is welcome has passed."),
    Reason.NO_DECENT_HOUR: _l("No permitted hour came before the reminder was too old."),
    Reason.NO_WAY_BACK: _l("The shop gives no address that leads back to this cart."),
    Reason.SHOP_GONE: _l("The shop is no longer connected."),
    Reason.NO_ACCOUNT: _l("The shop has no sender account."),
    Reason.ORDERS_UNKNOWN: _l("The shop's latest orders could not be read in time."),
    Reason.NOT_ASKED: _l("This person no longer asks for this text."),
    Reason.NOT_CONFIRMED: _l("This number was not yet confirmed by a reply."),
    Reason.EMAIL_NOT_CONFIRMED: _l("This e-mail address waits for its confirmation."),
    Reason.NO_REPLIES: _l("The sender cannot receive the reply that would confirm the number."),
    Reason.NOT_TRUE: _l("What the text says is not true any more."),
    Reason.OVERTAKEN: _l("A later text about the same order takes its place."),
    Reason.ORDER_CANCELLED: _l("The order was cancelled."),
    Reason.SWITCHED_OFF: _l("The shop does not send this text."),
    Reason.CODE_GONE: _l("The code that the text names does not work in the shop."),
    Reason.CODE_UNKNOWN: _l("The shop did not say in time whether the code works."),
    Reason.NOT_IN_PROGRAMME: _l("The programme no longer has this step."),
    Reason.ONE_TEXT_A_CART: _l("The law of this country allows one text for a cart."),
    Reason.NOT_FOR_THEM: _l("The programme, or this step of it, is for other carts."),
    Reason.NO_EMAIL: _l("No e-mail address was left."),
    Reason.HELD_OUT: _l("This person is held out, to see what reminders change."),
    Reason.OTHER_CHANNEL: _l("This step went by the other channel."),
    Reason.OWN_CHANNEL_FIRST: _l("The step may go by its own channel after all."),
    Reason.OUT_OF_TURN: _l("A later step of this programme went before it."),
    Reason.ANSWERED: _l("This person answered; what they said takes the place of this step."),
    Reason.PAUSED: _l("This person wrote to the shop, and waits for an answer of a person."),
    Reason.SILENCED: _l("Somebody of the shop stopped the reminders of this cart."),
}
