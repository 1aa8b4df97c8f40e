"""Who follows a link: a person, what draws a link's preview, or another program.

Each visit becomes one row of `clicks`; only persons' visits count on the link itself, which is
what orders are credited by. A program that names itself as a browser (some scanners of mail
do) cannot be told from a person here.

A visit is one browser at one address within 30 minutes of its first look, as in web analytics
(Matomo and Google Analytics end a visit after 30 minutes of rest): a double tap, a reload and
the way back from the checkout are one, the look in the evening is another.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, func, select

from recovery import tables, tokens
from recovery.upserts import insert_into

VISIT = timedelta(minutes=30)
#: Of one link by people, and as many by others: it leads to one person's cart, and more is
#: somebody who plays with it.
MOST_VISITS = 500
_CLICKS = tables.clicks


class Who(StrEnum):
    """Who asked; `BUTTON` is a person who pressed the button of our page."""

    PERSON = "person"
    PREVIEW = "preview"
    BOT = "bot"
    BUTTON = "button"


_PEOPLE = frozenset({Who.PERSON, Who.BUTTON})


@dataclass(frozen=True, slots=True)
class Visit:
    """The marks of a visit that begins now, and of one that began in the half hour before."""

    mark: str
    earlier: str


#: What draws the preview of a link in a message, by User-Agent. Not the browsers inside those
#: apps, in which a person reads ("Telegram-Android/", "FBAN/", "LinkedInApp", "Line/").
_PREVIEW = re.compile(
    "|".join(
        (
            # developers.facebook.com/docs/sharing/webmasters/web-crawlers. iMessage names itself
            # "… Safari/601.2.4 facebookexternalhit/1.1 Facebot Twitterbot/1.0"
            # (peter.upfold.org.uk, February 2019); LINE "facebookexternalhit/1.1;line-poker/1.0".
            r"facebookexternalhit|facebot|facebookcatalog|meta-externalfetcher",
            r"twitterbot",  # developer.x.com, cards: getting started
            # Its own fetcher begins so; Signal's, HalloApp's and others name themselves
            # "WhatsApp/2" (their sources; opengraphplus.com/consumers/signal).
            r"^whatsapp/",
            r"telegrambot",  # "TelegramBot (like TwitterBot)"
            r"slackbot|slack-imgproxy",  # api.slack.com/robots
            r"discordbot",  # "Mozilla/5.0 (compatible; Discordbot/2.0; +https://discordapp.com)"
            r"linkedinbot",
            r"skypeuripreview|microsoftpreview",  # Skype, Teams
            # developers.google.com/crawling: user-triggered fetchers, Google Messages; before
            # 2026 the snippet fetcher of Google+ was used.
            r"googlemessages|developers\.google\.com/\+/web/snippet",
            r"^viber|kakaotalk-scrap|snap url preview|mattermost-bot|rocket\.chat|zulipurlpreview",
            r"redditbot|pinterestbot|vkshare|embedly|iframely|bitlybot|link ?preview",
        )
    ),
    re.IGNORECASE,
)
#: Everything else that says it is no browser: crawlers, scanners, HTTP libraries. Cubot makes
#: telephones.
_BOT = re.compile(
    r"(?<!cu)bot(\b|_)|crawl|spider|slurp|headless|phantomjs|lighthouse|monitor|scan(ner)?\b|preview"
    r"|meta-externalagent|python|curl/|wget|libwww|java/|okhttp|go-http|node-fetch|axios|^ruby|perl/"
    r"|httpclient|guzzle|scrapy|urlresolver|safelinks|barracuda|proofpoint|mimecast|virustotal",
    re.IGNORECASE,
)
#: What every browser of the last twenty years names, and hardly anything else: its engine.
_ENGINE = re.compile(r"AppleWebKit/|Gecko/|Presto/|Trident/|KHTML/|like Gecko", re.IGNORECASE)
#: A browser that loads ahead: developer.mozilla.org, Sec-Purpose; `Purpose` is Chrome's older
#: one, `X-Moz` Firefox's, `X-Purpose` Safari's.
_AHEAD = ("Sec-Purpose", "Purpose", "X-Purpose", "X-Moz")


def who_follows(method: str, headers: Mapping[str, str]) -> Who:
    """Who sent this request, by its method and headers ("User-Agent": …, in that case)."""
    agent = headers.get("User-Agent", "").strip()
    ahead = " ".join(headers.get(name, "") for name in _AHEAD).lower()
    if _PREVIEW.search(agent) or "prefetch" in ahead or "preview" in ahead:
        return Who.PREVIEW
    if method != "GET" or _BOT.search(agent) or not _ENGINE.search(agent):
        return Who.BOT
    return Who.PERSON


def visit_of(
    draw_key: str, token: str, client: str | None, agent: str | None, now: datetime
) -> Visit:
    """Marks by which this visitor is known on this link for half an hour, and never again.

    Keyed with the shop's `draw_key` and the token itself, which we do not keep: nobody who
    holds our rows can find out a `client` address by trying them all.
    """
    window = int(now.timestamp() // VISIT.total_seconds())
    who = "\n".join((token, client or "", agent or ""))
    return Visit(_mark(draw_key, who, window), _mark(draw_key, who, window - 1))


def note(db: Connection, token: str, who: Who, visit: Visit, now: datetime) -> bool:
    """Note a visit of this link, once; whether it was a new one.

    A person's counts on the link, too. An unknown token is nobody's visit.
    """
    link = _link(db, token)
    if link is None or _is_known(db, link.token_hash, who, visit, now):
        return False
    row = {"shop_id": link.shop_id, "reminder_id": link.reminder_id, "who": who.value, "at": now}
    new = (
        insert_into(db, _CLICKS)
        .values(link_hash=link.token_hash, visit=_of(who, visit.mark), **row)
        .on_conflict_do_nothing()
        .returning(_CLICKS.c.id)
    )
    is_new = db.execute(new).first() is not None
    if is_new and who is Who.PERSON:
        tokens.note_click(db, token, now)
    return is_new


def _link(db: Connection, token: str) -> Any | None:
    links = tables.links
    columns = (links.c.token_hash, links.c.shop_id, links.c.reminder_id)
    return db.execute(select(*columns).where(links.c.token_hash == tokens.hashed(token))).first()


def _is_known(db: Connection, link_hash: str, who: Who, visit: Visit, now: datetime) -> bool:
    """Whether this visit has its row, or the link has had more of them than can be true."""
    here = _CLICKS.c.link_hash == link_hash
    earlier = (_CLICKS.c.visit == _of(who, visit.earlier), _CLICKS.c.at > now - VISIT)
    if db.execute(select(_CLICKS.c.id).where(here, *earlier)).first() is not None:
        return True
    kinds = _PEOPLE if who in _PEOPLE else frozenset(Who) - _PEOPLE
    alike = (here, _CLICKS.c.who.in_(sorted(kinds)))
    return bool(db.execute(select(func.count()).where(*alike)).scalar_one() >= MOST_VISITS)


def _of(who: Who, mark: str) -> str:
    """Beside the visit of the page itself, its button has one of its own."""
    return mark if who is not Who.BUTTON else hashlib.sha256(f"button {mark}".encode()).hexdigest()


def _mark(key: str, who: str, window: int) -> str:
    return hmac.new(key.encode(), f"{window}\n{who}".encode(), hashlib.sha256).hexdigest()
