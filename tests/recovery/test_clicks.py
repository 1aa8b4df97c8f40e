"""Who follows a link, and what counts as one visit; on both databases."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from recovery import clicks, tables, tokens
from recovery.clicks import Who
from recovery.database import Database
from tests.conftest import SetClock
from tests.recovery.stories import rows
from tests.recovery.test_tokens import a_link_sent

IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 "
    "(KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1"
)
ANDROID = (
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/143.0.0.0 Mobile Safari/537.36"
)
IMESSAGE = (
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_11_1) AppleWebKit/601.2.4 (KHTML, like Gecko) "
    "Version/9.0.1 Safari/601.2.4 facebookexternalhit/1.1 Facebot Twitterbot/1.0"
)

PREVIEWS = [
    "WhatsApp/2.23.20.0 A",
    "WhatsApp/2",  # Signal
    IMESSAGE,
    "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
    "facebookexternalhit/1.1;line-poker/1.0",
    "meta-externalfetcher/1.1",
    "TelegramBot (like TwitterBot)",
    "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
    "Slack-ImgProxy (+https://api.slack.com/robots)",
    "Mozilla/5.0 (compatible; Discordbot/2.0; +https://discordapp.com)",
    "LinkedInBot/1.0 (compatible; Mozilla/5.0; Apache-HttpClient +http://www.linkedin.com)",
    "Mozilla/5.0 (Windows NT 6.1; WOW64) SkypeUriPreview Preview/0.5",
    "Mozilla/5.0 (compatible; GoogleMessages)",
    "Mozilla/5.0 Google (+https://developers.google.com/+/web/snippet/)",
    "Twitterbot/1.0",
    "Snap URL Preview Service; bot; snapchat; https://developers.snap.com/robots",
    "Mozilla/5.0 (compatible; redditbot/1.0; +http://www.reddit.com/feedback)",
]
BOTS = [
    "",
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 HeadlessChrome/131.0.0.0 Safari/537.36",
    "meta-externalagent/1.1",
    "python-requests/2.32.3",
    "curl/8.5.0",
    "Go-http-client/1.1",
    "okhttp/4.12.0",
    "Apache-HttpClient/4.5.14 (Java/17.0.2)",
    "Mozilla/5.0 (compatible; Barracuda Sentinel (EE))",
    # What names no engine of a browser is none, whatever it calls itself.
    "Dalvik/2.1.0 (Linux; U; Android 14; Pixel 8 Build/UQ1A)",
    "Shop/2.1 CFNetwork/1490.0.4 Darwin/23.2.0",
    "undici",
    "node",
    "PostmanRuntime/7.43.0",
    "reqwest/0.12",
    "Dart/3.2 (dart:io)",
    "CensysInspect/1.1",
    "Microsoft Office/16.0 (Windows NT 10.0)",
    "WordPress/6.4; https://shop.example",
    "Mozilla/5.0",
]
PEOPLE = [
    IPHONE,
    ANDROID,
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:133.0) Gecko/20100101 Firefox/133.0",
    # The browsers inside apps, in which people read.
    IPHONE + " [FBAN/FBIOS;FBAV/490.0.0.38.109;FBDV/iPhone15,2]",
    ANDROID + " Telegram-Android/11.4.2 (Google Pixel 8; Android 15; SDK 35; HIGH)",
    ANDROID + " Instagram 359.0.0.59.89 Android",
    IPHONE + " [LinkedInApp]/9.30.1482",
    IPHONE + " Safari Line/14.19.1",
    ANDROID + " Snapchat/13.18.0.51",
    "Mozilla/5.0 (Linux; Android 9; CUBOT_X18_Plus) AppleWebKit/537.36 Chrome/120.0 Safari/537.36",
]


@pytest.mark.parametrize("agent", PREVIEWS)
def test_what_draws_a_preview_is_neither_a_person_nor_any_bot(agent: str) -> None:
    assert clicks.who_follows("GET", {"User-Agent": agent}) is Who.PREVIEW


@pytest.mark.parametrize("agent", BOTS)
def test_a_program_is_a_bot(agent: str) -> None:
    assert clicks.who_follows("GET", {"User-Agent": agent}) is Who.BOT


@pytest.mark.parametrize("agent", PEOPLE)
def test_a_browser_is_a_persons_also_inside_an_app(agent: str) -> None:
    assert clicks.who_follows("GET", {"User-Agent": agent}) is Who.PERSON


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Sec-Purpose", "prefetch"),
        ("Sec-Purpose", "prefetch;prerender"),
        ("Purpose", "prefetch"),
        ("X-Moz", "prefetch"),
        ("X-Purpose", "preview"),
    ],
)
def test_a_browser_that_loads_ahead_is_no_person_yet(name: str, value: str) -> None:
    assert clicks.who_follows("GET", {"User-Agent": IPHONE, name: value}) is Who.PREVIEW


def test_who_asks_for_the_head_alone_or_names_no_browser_is_a_bot() -> None:
    assert clicks.who_follows("HEAD", {"User-Agent": IPHONE}) is Who.BOT
    assert clicks.who_follows("GET", {}) is Who.BOT


def a_visit(token: str, clock: SetClock, client: str = "192.0.2.1", agent: str = IPHONE) -> Any:
    return clicks.visit_of("a key of the shop", token, client, agent, clock())


def follow(
    database: Database, token: str, clock: SetClock, who: Who = Who.PERSON, **visitor: str
) -> bool:
    visit = a_visit(token, clock, **visitor)
    return database.run(lambda db: clicks.note(db, token, who, visit, clock()))


def the_link(database: Database) -> Any:
    (link,) = rows(database, tables.links)
    return link


def test_a_double_tap_is_one_visit(database: Database, clock: SetClock) -> None:
    token = a_link_sent(database, clock)
    first = clock()
    assert follow(database, token, clock)
    assert not follow(database, token, clock)
    clock.forward(seconds=1)
    assert not follow(database, token, clock)
    (click,) = rows(database, tables.clicks)
    link = the_link(database)
    assert (click.who, click.at) == ("person", first)
    assert (click.reminder_id, click.shop_id) == (link.reminder_id, link.shop_id)
    assert (link.clicks, link.first_clicked_at) == (1, first)


@pytest.mark.parametrize("start", range(0, 60, 7))
def test_a_visit_lasts_half_an_hour_wherever_the_clock_stands(
    database: Database, clock: SetClock, start: int
) -> None:
    token = a_link_sent(database, clock)
    clock.forward(minutes=start)
    follow(database, token, clock)
    clock.forward(minutes=29)
    follow(database, token, clock)
    assert the_link(database).clicks == 1
    clock.forward(minutes=2)
    follow(database, token, clock)
    assert the_link(database).clicks == 2
    clock.forward(minutes=1)
    follow(database, token, clock)
    assert the_link(database).clicks == 2


def test_two_browsers_and_two_addresses_are_visits_of_their_own(
    database: Database, clock: SetClock
) -> None:
    token = a_link_sent(database, clock)
    follow(database, token, clock)
    follow(database, token, clock, agent=ANDROID)
    follow(database, token, clock, client="192.0.2.2")
    assert the_link(database).clicks == 3


@pytest.mark.parametrize("who", [Who.PREVIEW, Who.BOT, Who.BUTTON])
def test_only_a_persons_visit_counts_on_the_link(
    database: Database, clock: SetClock, who: Who
) -> None:
    token = a_link_sent(database, clock)
    assert follow(database, token, clock, who)
    assert [row.who for row in rows(database, tables.clicks)] == [who.value]
    link = the_link(database)
    assert (link.clicks, link.first_clicked_at) == (0, None)


def test_the_button_is_noted_beside_the_visit_and_once(database: Database, clock: SetClock) -> None:
    token = a_link_sent(database, clock)
    for who in (Who.PERSON, Who.BUTTON, Who.BUTTON):
        follow(database, token, clock, who)
    assert [row.who for row in rows(database, tables.clicks)] == ["person", "button"]


def test_an_unknown_token_is_nobodys_visit(database: Database, clock: SetClock) -> None:
    a_link_sent(database, clock)
    assert not follow(database, tokens.new_token(), clock)
    assert rows(database, tables.clicks) == []


def test_a_link_that_somebody_plays_with_stops_counting(
    database: Database, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clicks, "MOST_VISITS", 3)
    token = a_link_sent(database, clock)
    for number in range(5):
        follow(database, token, clock, client=f"192.0.2.{number}")
    assert the_link(database).clicks == 3
    assert len(rows(database, tables.clicks)) == 3


def test_a_flood_of_bots_does_not_hide_the_person(
    database: Database, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clicks, "MOST_VISITS", 3)
    token = a_link_sent(database, clock)
    for number in range(5):
        follow(database, token, clock, who=Who.BOT, client=f"192.0.2.{number}")
    follow(database, token, clock, client="198.51.100.7")
    assert the_link(database).clicks == 1
    assert len(rows(database, tables.clicks)) == 4


def test_no_address_is_kept_and_none_can_be_tried_out(clock: SetClock) -> None:
    one = a_visit("token", clock)
    assert one == a_visit("token", clock)
    assert "192.0.2.1" not in str(one)
    assert one.mark != a_visit("another", clock).mark
    assert one.mark != clicks.visit_of("another key", "token", "192.0.2.1", IPHONE, clock()).mark
    later = SetClock(clock() + timedelta(minutes=30))
    assert a_visit("token", later).earlier == one.mark
    assert a_visit("token", later).mark != one.mark
