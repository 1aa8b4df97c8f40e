"""The rooms of figures: at once or when they are counted, in files, each shop its own."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import update

from recovery import counting, prepared, reports, tables
from recovery.counted import By
from recovery.shops import ShopRow
from tests.recovery.figure_stories import DAY, a_past, answered
from tests.recovery.report_stories import left
from tests.recovery.stories import a_shopper, rows
from tests.web.stage import PLUGIN_SECRET, Stage
from tests.web.test_merchant_door import a_browser, get, mark
from tests.web.test_merchant_door import post as send
from web.merchant import charts, csv_files
from worker import counting as worker_counting

HEADS = ("Channel", "Planned", "Sent", "Not sent", "Not delivered", "Clicked", "Ordered")
CLICKED = re.compile(r'href="/shops/pots/(results/carts\?[^"]*figure=clicked&amp;by=channel[^"]*)"')


class Tools:
    """What the worker's job needs of its tools."""

    def __init__(self, stage: Stage) -> None:
        self.database, self.now = stage.database, stage.clock


@pytest.fixture
def shop(stage: Stage) -> ShopRow:
    return stage.a_woocommerce_shop(timezone="Europe/Paris")


@pytest.fixture
def past(stage: Stage, shop: ShopRow) -> list[int]:
    carts = a_past(stage.database, shop, stage.clock())
    for number, cart in enumerate(carts[-4:], 1):
        answered(stage.database, shop, cart, "shipping", stage.clock() - number * DAY, number)
    return carts


@pytest.fixture
def none_are_few(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a large shop: nothing is counted while a page waits."""
    for what, kind in list(counting.KINDS.items()):
        monkeypatch.setitem(
            counting.KINDS, what, replace(kind, few=tuple((at, 0) for at, _ in kind.few))
        )


def count(stage: Stage) -> None:
    """The worker's turn."""
    tools: Any = Tools(stage)
    for id_ in stage.database.run(lambda db: prepared.hand_out(db, stage.clock())):
        worker_counting.count(tools, id_)


def page(browser: FlaskClient, shop: ShopRow, room: str, **asked: str) -> str:
    answer = browser.get(
        f"/shops/{shop.key}/{room}", base_url="https://relance.example", query_string=asked
    )
    assert answer.status_code == 200, answer.status_code
    return re.sub(r"\s+", " ", answer.text)


def lines(browser: FlaskClient, shop: ShopRow, room: str, **asked: str) -> list[list[str]]:
    answer = browser.get(
        f"/shops/{shop.key}/{room}", base_url="https://relance.example", query_string=asked
    )
    assert answer.status_code == 200
    assert answer.mimetype == "text/csv"
    text = answer.data.decode("utf-8-sig")
    assert answer.data.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(text)))


def test_a_new_shop_is_told_what_will_appear_and_when(stage: Stage, shop: ShopRow) -> None:
    browser = a_browser(stage, shop)
    assert "There is nothing to count" in page(browser, shop, "results/")
    assert "weeks" in page(browser, shop, "results/")
    assert "Nobody answered" in page(browser, shop, "why/")
    assert rows(stage.database, tables.prepared_figures) == []


@pytest.mark.usefixtures("past")
def test_the_page_and_the_file_say_what_the_reports_say(stage: Stage, shop: ShopRow) -> None:
    browser = a_browser(stage, shop)
    told = lines(browser, shop, "results/csv", table="channel")
    assert told[:2] == [
        ["By channel"],
        [*HEADS, "Credited, EUR", "Cost, EUR", "Credited, USD", "Cost, USD"],
    ]
    now = stage.clock()
    with stage.database.reading() as db:
        span = (now - 31 * DAY, now)
        messages = reports.messages(db, shop.id, *span, by=By.CHANNEL)
        money = reports.money(db, shop.id, *span, by=By.CHANNEL)
    by_name = {row[0]: row[1:] for row in told[2:]}
    for name, value in (("Text message", "sms"), ("E-mail", "email")):
        mine, sums = messages[value], money[value]
        figures = (mine.left, mine.skipped, mine.undelivered, mine.clicked, mine.earned)
        assert by_name[name][:6] == [str(mine.planned), *(str(each.count) for each in figures)]
        wanted = [sums.revenue.get("EUR", 0), sums.messages.get("EUR", 0)]
        wanted += [sums.revenue.get("USD", 0), sums.messages.get("USD", 0)]
        assert [Decimal(each) for each in by_name[name][6:]] == wanted
    text = page(browser, shop, "results/")
    assert "€40.50" in text  # 41.50 less a refund
    assert "In other currencies: $40.50" in text
    assert "As of 20 Nov 2026, 14:00" in text
    dollars = page(browser, shop, "results/", currency="USD")
    assert '<p class="figure"><a' in dollars
    assert "In other currencies: €40.50" in dollars


@pytest.mark.usefixtures("past")
def test_the_whole_file_has_every_table_and_names_nobody(stage: Stage, shop: ShopRow) -> None:
    told = lines(a_browser(stage, shop), shop, "results/csv")
    titles = {row[0] for row in told if len(row) == 1}
    assert titles >= {"All messages", "How far carts came", "By day", "By country", "Orders by day"}
    text = "\n".join(",".join(row) for row in told)
    assert "example.com" not in text
    assert "+336" not in text
    assert ["Carts begun", "12", "1"] in told


@pytest.mark.usefixtures("past", "none_are_few")
def test_what_takes_long_is_counted_by_the_worker(stage: Stage, shop: ShopRow) -> None:
    browser = a_browser(stage, shop)
    for room in ("results/", "why/"):
        waiting = page(browser, shop, room)
        assert "These figures are being counted" in waiting
        assert 'hx-trigger="every 2s"' in waiting
        assert '<meta http-equiv="refresh"' in waiting
    answer = get(browser, f"/shops/{shop.key}/results/csv?period=last-30")
    assert answer.status_code == 302
    assert "results/?period=last-30" in answer.location
    count(stage)
    for room in ("results/", "why/"):
        ready = page(browser, shop, room)
        assert 'id="figures"' in ready
        assert "hx-trigger" not in ready
        assert "As of 20 Nov 2026, 14:00" in ready
    stage.clock.forward(hours=2)
    old = page(browser, shop, "results/")
    assert "As of 20 Nov 2026, 14:00" in old
    assert "A newer count is under way" in old


@pytest.mark.usefixtures("past", "none_are_few")
def test_a_count_that_never_comes_is_said(stage: Stage, shop: ShopRow) -> None:
    browser = a_browser(stage, shop)
    page(browser, shop, "results/")
    stage.clock.forward(minutes=11)
    assert "longer than it should" in page(browser, shop, "results/")


@pytest.mark.usefixtures("past", "none_are_few")
def test_figures_that_another_release_kept_are_counted_anew(stage: Stage, shop: ShopRow) -> None:
    browser = a_browser(stage, shop)
    page(browser, shop, "results/")
    count(stage)
    with stage.database.transaction() as db:
        db.execute(update(tables.prepared_figures).values(figures='{"old": 1}'))
    assert "being counted" in page(browser, shop, "results/")
    count(stage)
    assert "As of" in page(browser, shop, "results/")


@pytest.mark.usefixtures("past", "none_are_few")
def test_a_shops_figures_are_never_anothers(stage: Stage, shop: ShopRow) -> None:
    secrets = {"webhook_secret": "x", "plugin_secret": PLUGIN_SECRET}
    other = stage._a_shop("woocommerce", "https://cups.example", secrets, {"key": "cups"})
    who = a_shopper(stage.clock(), email="only@example.com")
    left(stage.database, other, stage.clock() - DAY, "token:only", who)
    page(a_browser(stage, shop), shop, "results/")
    count(stage)
    browser = a_browser(stage, other, nonce="aaaaaaaaaaaaaaaa")
    assert "being counted" in page(browser, other, "results/")
    count(stage)
    shown = page(browser, other, "results/")
    assert "As of" in shown
    assert "€40.50" not in shown
    assert "No cart is behind" in page(browser, other, "results/carts", figure="left")
    assert get(browser, f"/shops/{shop.key}/results/").status_code == 404


@pytest.mark.usefixtures("past")
def test_a_figure_leads_to_its_carts(stage: Stage, shop: ShopRow) -> None:
    browser = a_browser(stage, shop)
    text = page(browser, shop, "results/")
    address = CLICKED.search(text)
    assert address is not None
    answer = get(browser, f"/shops/{shop.key}/{address[1].replace('&amp;', '&')}")
    shown = answer.text
    assert shown.count('<th scope="row">') == 2
    for wrong in ("figure=seen", "by=seen", "figure=left&before=x", "figure=carts&by=channel"):
        assert get(browser, f"/shops/{shop.key}/results/carts?{wrong}").status_code == 404


def test_days_of_ones_own_are_checked_where_they_are_typed(stage: Stage, shop: ShopRow) -> None:
    browser = a_browser(stage, shop)
    address = f"/shops/{shop.key}/results/?period=own&first=2026-11-20&last=2026-11-01"
    answer = get(browser, address)
    assert answer.status_code == 422
    assert 'value="2026-11-20"' in answer.text
    assert 'id="first-wrong"' in answer.text
    for key in ("own", "last-0", "x" * 300, "2026-99"):
        assert get(browser, f"/shops/{shop.key}/results/?period={key}").status_code == 422
    assert "2026" in page(browser, shop, "results/", period="2026-10")


@pytest.mark.usefixtures("past")
def test_reasons_come_with_their_money_products_and_a_remedy(stage: Stage, shop: ShopRow) -> None:
    browser = a_browser(stage, shop)
    text = page(browser, shop, "why/")
    assert "Shipping cost too much" in text
    assert "In these carts: €240.00." in text  # 50, 80 and 110
    assert "In other currencies: $20.00." in text
    assert "Say what shipping costs" in text
    told = lines(browser, shop, "why/csv")
    assert ["Shipping cost too much", "Answers", "", "", "4"] in told
    assert ["Shipping cost too much", "Money in the carts", "", "EUR", "240"] in told


@pytest.mark.usefixtures("past")
def test_a_marked_day_is_compared_and_taken_away_and_put_back(stage: Stage, shop: ShopRow) -> None:
    browser = a_browser(stage, shop)
    form = {"form": mark(browser), "day": "2026-11-18", "words": "=Free shipping"}
    assert send(browser, f"/shops/{shop.key}/why/marks", **form).status_code == 302
    text = page(browser, shop, "why/")
    assert "=Free shipping" in text
    assert "too few answers" in text
    (row,) = rows(stage.database, tables.marks)
    address = f"/shops/{shop.key}/why/marks/{row.id}"
    assert send(browser, address, form=mark(browser), do="away").status_code == 302
    assert "Take this mark away" not in page(browser, shop, "why/")
    assert send(browser, address, form=mark(browser), do="away").status_code == 404
    assert send(browser, address, form=mark(browser), do="back").status_code == 302
    assert "Take this mark away" in page(browser, shop, "why/")
    assert [each.member_id for each in rows(stage.database, tables.changes)] == [1, 1, 1]
    wrong = {"form": mark(browser), "day": "2026-11-21", "words": ""}
    answer = send(browser, f"/shops/{shop.key}/why/marks", **wrong)
    assert answer.status_code == 422
    assert 'id="day-wrong"' in answer.text
    assert 'id="words-wrong"' in answer.text
    assert 'value="2026-11-21"' in answer.text


def test_a_reader_marks_nothing(stage: Stage, shop: ShopRow) -> None:
    a_browser(stage, shop)
    reader = a_browser(stage, shop, "8", "fedcba9876543210")
    assert "Mark this day" not in page(reader, shop, "why/")
    form = {"form": mark(reader), "day": "2026-11-18", "words": "x"}
    assert send(reader, f"/shops/{shop.key}/why/marks", **form).status_code == 403
    assert rows(stage.database, tables.marks) == []


def test_a_product_named_like_a_formula_stays_text_in_a_file() -> None:
    cells: list[str | int | Decimal] = ["=1+1", "+1", "-1", "@a", "\ta", "\ra", "a=1", ""]
    wide = [
        "\n=1",
        " =1",
        "\uff1d1",
        "\uff0b1",
        "\uff0d1",
        "\uff20a",
    ]  # some programs read these so
    cells += [-5, Decimal("-1.50"), Decimal("100.0000"), "“a”, b"]
    (_, line) = csv_files.written([cells])
    (read,) = csv.reader(io.StringIO(line))
    assert read[:8] == ["'=1+1", "'+1", "'-1", "'@a", "'\ta", "'\ra", "a=1", ""]
    assert read[8:] == ["-5", "-1.5", "100", "“a”, b"]
    (_, line) = csv_files.written([wide])
    assert next(csv.reader(io.StringIO(line, newline=""))) == [f"'{each}" for each in wide]


def test_charts_say_in_words_what_they_draw_and_escape_it() -> None:
    drawn = charts.line([1.0, None, 3.0], 'a "<b>"', band=[(0, 2), None, (2, 4)], beside=[1, 2, 3])
    assert 'role="img"' in drawn
    assert "<b>" not in drawn
    assert drawn.count('class="drawn"') == 2
    assert 'class="band"' in drawn
    assert "style=" not in drawn
    assert "nan" not in charts.line([], "nothing") + charts.line([0.0, 0.0], "zero")
    assert 'class="zero" x1="20.0"' in charts.interval(0.0, 1.0, 2.0, "above")
    assert 'width="100.00"' in charts.bar(7)


def test_the_page_of_a_large_shop_stays_small(
    stage: Stage, shop: ShopRow, none_are_few: Callable[[], None]
) -> None:
    countries = [a + b for a in "ABCDEFGH" for b in "ABCDE"]
    for place, country in enumerate(countries):
        at = stage.clock() - (place + 1) * DAY
        who = a_shopper(at, email=f"p{place}@example.com", country=country, locale=None)
        left(stage.database, shop, at, f"token:c{place}", who)
    browser = a_browser(stage, shop)
    asked = {"period": "own", "first": "2024-01-01", "last": "2026-11-20"}
    page(browser, shop, "results/", **asked)
    count(stage)
    assert len(page(browser, shop, "results/", **asked)) < 100_000
