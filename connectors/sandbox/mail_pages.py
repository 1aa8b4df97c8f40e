"""The pages of the inbox: one e-mail, what it looks like, and the way out of it."""

from __future__ import annotations

import logging

import requests
from flask import Blueprint, Response, abort, redirect, render_template, session, url_for
from werkzeug.wrappers import Response as Answer

from connectors.sandbox import browser, mails
from connectors.sandbox.mails import ONE_CLICK, Mail
from connectors.sandbox.stand import stand

mail_pages = Blueprint("mail", __name__)
log = logging.getLogger(__name__)

TIMES_OUT = (3.0, 10.0)
#: An e-mail runs nothing and loads nothing but pictures, as in a mail program; a link opens
#: in a window of its own.
POLICY = (
    "default-src 'none'; img-src http: https: data:; style-src 'unsafe-inline'; "
    "form-action 'none'; base-uri 'none'; frame-ancestors 'self'; "
    "sandbox allow-popups allow-popups-to-escape-sandbox"
)
_LINKS_LEAVE = '<base target="_blank">'


@mail_pages.get("/mail/<int:number>")
def mail(number: int) -> str:
    """One e-mail, with its plain part and its headers."""
    here = stand()
    with here.store.writing() as db:
        mails.note_opened(db, number, here.now())
    session["app"] = "mail"
    return render_template("mail.html", mail=_found(number))


@mail_pages.get("/mail/<int:number>/page")
def page(number: int) -> Response:
    """The e-mail's own HTML, for the frame."""
    html = _found(number).html
    answer = Response(html.replace("<head>", f"<head>{_LINKS_LEAVE}", 1), mimetype="text/html")
    answer.headers["Content-Security-Policy"] = POLICY
    return answer


@mail_pages.post("/mail/<int:number>/unsubscribe")
def unsubscribe(number: int) -> Answer:
    """The one click of RFC 8058, made as a mail program makes it: a bare POST, no cookies."""
    here, found = stand(), _found(number)
    if found.way_out is None:
        abort(404)
    done = _one_click(found.way_out)
    if done:
        with here.store.writing() as db:
            mails.note_unsubscribed(db, number, here.now())
    browser.say("mail_unsubscribed" if done else "mail_not_unsubscribed")
    return redirect(url_for("mail.mail", number=number))


def _found(number: int) -> Mail:
    with stand().store.reading() as db:
        found = mails.mail(db, number)
    if found is None:
        abort(404)
    return found


def _one_click(way_out: str) -> bool:
    name, _, value = ONE_CLICK.partition("=")
    with requests.Session() as line:
        line.trust_env = False  # a proxy of the machine does not know this machine's ports
        try:
            answer = line.post(
                way_out, data={name: value}, timeout=TIMES_OUT, allow_redirects=False
            )
        except requests.RequestException as error:
            log.warning("the way out of an e-mail: %s", type(error).__name__)
            return False
    return answer.ok
