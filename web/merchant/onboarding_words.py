"""What the start page says: delays, trades, failures and outcomes in words."""

from __future__ import annotations

from babel.dates import format_timedelta
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from connectors.protocols import AccountStopped, NoAnswer
from recovery.model import Channel
from recovery.presets import PRESETS
from recovery.programme_form import Programme
from recovery.tried_texts import Not, Outcome

OUTCOMES = {
    Outcome.LEAVING: _l("It is on its way to the provider."),
    Outcome.SENT: _l("Accepted: the provider has it and hands it to the network."),
    Outcome.DELIVERED: _l("Delivered: it is on the telephone."),
    Outcome.REFUSED: _l("Refused: it does not arrive."),
    Outcome.NOT_SENT: _l("Nothing left."),
    Outcome.UNKNOWN: _l("The line broke. It may still arrive; look at the telephone."),
}
NOT = {
    Not.STOPPED: _l("This number said STOP to your shop. It gets nothing, no test either."),
    Not.SHOP_OFTEN: _l("Five test texts left within the hour. Try again in an hour."),
    Not.NUMBER_OFTEN: _l("Three test texts went to this number today. Try again tomorrow."),
}


def lasts(seconds: float) -> str:
    """A delay in words, in the reader's language: "45 minutes", "2 hours"."""
    unit = "minute" if seconds < 7200 and seconds % 3600 else "hour"
    unit = "day" if seconds % 86_400 == 0 else unit
    amount = round(seconds / {"minute": 60, "hour": 3600, "day": 86_400}[unit])
    words = format_timedelta(
        amount * {"minute": 60, "hour": 3600, "day": 86_400}[unit],
        granularity=unit,  # type: ignore[arg-type]
        threshold=1000,
        locale=get_locale(),
    )
    return str(words)


def trades() -> list[tuple[str, str, str]]:
    """Each preset: what it is called by us, its name, and one line about it."""
    at = 1 if str(get_locale()).startswith("fr") else 0
    return [(key, each.words.name[at], each.words.line[at]) for key, each in PRESETS.items()]


def steps_in_words(form: Programme, idle: int) -> list[str]:
    """What a programme sends, and when after the cart was left."""
    found = []
    for step in form.steps:
        first = step.since == "start"
        wait = idle if first else 0
        below, above = wait + step.delay.below, step.delay.above
        names = {"below": lasts(below), "above": lasts(wait + (above or step.delay.below))}
        differs = above is not None and above != step.delay.below
        found.append(_said(step.channel, first, differs) % names)
    return found


def _said(channel: Channel, first: bool, differs: bool) -> str:
    if first and channel is Channel.SMS:
        if differs:
            return str(_("A text %(below)s after the cart is left; %(above)s for a dear cart."))
        return str(_("A text %(below)s after the cart is left."))
    if first:
        if differs:
            return str(_("An e-mail %(below)s after the cart is left; %(above)s for a dear cart."))
        return str(_("An e-mail %(below)s after the cart is left."))
    if channel is Channel.SMS:
        if differs:
            return str(_("Then a text %(below)s later; %(above)s for a dear cart."))
        return str(_("Then a text %(below)s later."))
    if differs:
        return str(_("Then an e-mail %(below)s later; %(above)s for a dear cart."))
    return str(_("Then an e-mail %(below)s later."))


def failure(error: Exception) -> str:
    """Why a provider did not take it, and what to do."""
    said = str(error)
    if isinstance(error, AccountStopped):
        for part, words in _STOPPED:
            if part in said:
                return str(words)
        return str(_STOPPED[0][1])
    if isinstance(error, NoAnswer):
        return str(_("Vonage did not answer. Nothing was kept; try again in a minute."))
    return str(_("Vonage could not be reached. Nothing was kept; try again in a minute."))


_STOPPED = (
    (
        "does not accept",
        _l(
            "Vonage does not accept this key for this application. Check both: the "
            "key belongs to the application."
        ),
    ),
    (
        "cannot be read",
        _l(
            "This is no private key. Paste the whole file, from “BEGIN PRIVATE "
            "KEY” to “END PRIVATE KEY”."
        ),
    ),
    ("no credit", _l("The Vonage account has no credit left. Top it up, then try again.")),
    (
        "does not allow",
        _l(
            "Vonage does not let this account send here. Look at the application’s "
            "rights and the sender in Vonage’s dashboard."
        ),
    ),
    (
        "does not know",
        _l("Vonage does not know this application. Copy its id anew from the dashboard."),
    ),
)
