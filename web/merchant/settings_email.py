"""What the DNS says of the domain that e-mails come from; asked only when somebody asks for it."""

from __future__ import annotations

from typing import Protocol, cast

from flask import current_app, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l

from connectors.dns_check import Finding, Lookup, Standing
from recovery import changes
from recovery.mail_wishes import EMAIL, selector
from recovery.members import Role
from recovery.shop_wishes import NotSo
from web.merchant import settings_around
from web.merchant.settings import blueprint, page
from web.merchant.settings_words import problem
from web.merchant.visitor import may, visitor
from web.tools import tools

DNS = "relance dns"  # of the app's extensions: who is asked, where it is not the machine's own

STANDINGS = {
    Standing.GOOD: _l("Good"),
    Standing.WEAK: _l("Could be better"),
    Standing.BAD: _l("Missing or wrong"),
    Standing.UNKNOWN: _l("Not known"),
}
ABOUT = {
    "spf": _l("SPF: which servers may send for you"),
    "dkim": _l("DKIM: the key that signs your e-mails"),
    "dmarc": _l("DMARC: what is done with forged e-mails"),
}
WORDS = {
    "no_domain": _l("There is no sender address yet whose domain could be looked up."),
    "not_looked_up": _l("It could not be looked up. Nothing is said about it; try again later."),
    "spf_missing": _l(
        "No SPF record. Publish a TXT record at your domain, such as: "
        "v=spf1 include:(what your mail provider names) ~all"
    ),
    "spf_several": _l("There are two SPF records: receivers take none. Join them into one."),
    "spf_open": _l("+all lets everybody send in your name. End the record with ~all or -all."),
    "spf_no_end": _l("The record does not end with ~all or -all, so it forbids nobody. Add it."),
    "spf_lookups": _l(
        "It makes receivers look up more than 10 names, so they give up. Take out what you do "
        "not use."
    ),
    "spf_good": _l("There is one record, and it says who may send."),
    "no_selector": _l("Type the selector that your mail provider names, and check again."),
    "dkim_missing": _l(
        "There is no key at this name. Publish the TXT record that your mail provider gives."
    ),
    "dkim_several": _l("There are several keys at one name. Keep the one in use."),
    "dkim_taken_back": _l("The key was taken back: its p= is empty. Publish the one in use."),
    "dkim_broken": _l("The key cannot be read. Copy the record from your mail provider again."),
    "dkim_short": _l("The key is shorter than 1024 bits. Ask your mail provider for a new one."),
    "dkim_trial": _l("The key is marked as on trial (t=y). Take the mark out when e-mails arrive."),
    "dkim_good": _l("There is a key, and it can be read."),
    "dmarc_missing": _l(
        "No DMARC record. Publish a TXT record at this name, such as: v=DMARC1; p=quarantine"
    ),
    "dmarc_several": _l("There are two DMARC records: receivers take none. Keep one."),
    "dmarc_none": _l(
        "p=none only watches. When your own e-mails pass, say p=quarantine or p=reject."
    ),
    "dmarc_broken": _l("The record says no p=, or one that does not exist. Say p=quarantine."),
    "dmarc_good": _l("Forged e-mails are put aside or refused."),
}


class Asked(Protocol):
    """Who looks up what the DNS says of a domain."""

    def check(self, domain: str, selector: str = "") -> list[Finding]:
        """SPF, DKIM and DMARC."""


@blueprint.post("/domain")
@may(Role.EDITOR)
def domain() -> ResponseReturnValue:
    """Look the domain up with the selector that was typed; nothing is kept."""
    typed = EMAIL.kept(request.form)
    wrong: dict[str, NotSo] = {}
    name = ""
    try:
        name = selector(request.form.get("dkim_selector", ""))
    except NotSo as error:
        wrong["dkim_selector"] = error
    shop = visitor().shop
    with tools().database.reading() as db:
        stands = changes.values_of(db, shop.id, EMAIL.columns)
        around = settings_around.of(db, shop, EMAIL, stands, tools().now())
    found = [] if wrong else _asked().check(around["domain"], name)  # no session while it thinks
    told = {"findings": found, "standings": STANDINGS, "about_dns": ABOUT, "dns_words": WORDS}
    if "HX-Request" in request.headers:
        told_wrong = problem(wrong["dkim_selector"]) if wrong else None
        return render_template("merchant/settings_findings.html", wrong=told_wrong, **told)
    with tools().database.reading() as db:
        seen = request.form.get("seen", "")[:40]
        body = page(db, EMAIL, stands, typed, wrong, seen=seen, **told)
    return body, 422 if wrong else 200


def _asked() -> Asked:
    return cast(Asked, current_app.extensions.setdefault(DNS, Lookup()))
