"""The page that asks an address to confirm: looking changes nothing, its one button does."""

from __future__ import annotations

import pytest

from recovery import tables, tokens
from recovery.tokens import Link
from tests.recovery.channel_stories import a_shop_with_mail
from tests.recovery.stories import EMAIL, record, tick
from tests.recovery.test_email_double_opt_in import ticked
from tests.web.stage import Stage


def a_token(stage: Stage, **known: object) -> str:
    """That of an e-mail which asks Ana to confirm."""
    wanted = {"email_double_opt_in": True, "colour": "#7a1f3d", "name": "Pots & <b>Pans</b>"}
    shop = a_shop_with_mail(stage.database, stage.clock(), **wanted)
    record(stage.database, shop, ticked(stage.clock(), **known), now=stage.clock())
    (letter,) = tick(stage.database, stage.clock())
    return letter.message.text.partition("/confirm/")[2].split()[0]


def said(stage: Stage) -> list[tuple[str, str | None, str | None]]:
    return [(row.source, row.page, row.ip) for row in stage.rows("consents")]


BOX = ("box", None, None)


def test_the_page_has_one_button_in_the_shops_colour_and_no_script(stage: Stage) -> None:
    token = a_token(stage, locale="de")
    page = stage.client.get(f"/confirm/{token}")
    assert page.status_code == 200
    assert page.text.count("<button") == 1
    assert "Ja, ich bestätige" in page.text
    assert '<html lang="de">' in page.text
    assert "#7a1f3d" in page.text
    assert "<script" not in page.text and "<b>" not in page.text
    assert EMAIL not in page.text
    headers = page.headers
    assert headers["X-Robots-Tag"] == "noindex, nofollow"
    assert headers["Cache-Control"] == "no-store"
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "form-action 'self'" in headers["Content-Security-Policy"]
    assert "Set-Cookie" not in headers


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "PUT"])
def test_who_only_looks_confirms_nothing(stage: Stage, method: str) -> None:
    token = a_token(stage)
    for _ in range(2):
        stage.client.open(f"/confirm/{token}", method=method)
    assert said(stage) == [BOX]


def test_the_button_confirms_once_with_page_and_ip_and_without_the_token(stage: Stage) -> None:
    token = a_token(stage)
    where = {"REMOTE_ADDR": "203.0.113.9"}
    for _ in range(2):
        page = stage.client.post(f"/confirm/{token}", environ_overrides=where)
        assert page.status_code == 200
        assert "Votre adresse e-mail est confirmée" in page.text
        assert "<button" not in page.text
    told = ("box, confirmed by link", "https://relance.example/confirm", "203.0.113.9")
    assert said(stage) == [BOX, told]
    assert "est confirmée" in stage.client.get(f"/confirm/{token}").text


def test_after_fourteen_days_the_page_says_that_the_link_has_ended(stage: Stage) -> None:
    token = a_token(stage)
    stage.clock.forward(days=14)
    for method in ("GET", "POST"):
        page = stage.client.open(f"/confirm/{token}", method=method)
        assert page.status_code == 410
        assert "Ce lien n’est plus valable" in page.text
        assert "<button" not in page.text
    assert said(stage) == [BOX]


@pytest.mark.parametrize("token", ["x", "A" * 16, "%00", "..%2f", "é" * 300, "a b"])
def test_a_forged_link_leads_nowhere(stage: Stage, token: str) -> None:
    a_token(stage)
    assert stage.client.get(f"/confirm/{token}").status_code == 404
    assert stage.client.post(f"/confirm/{token}").status_code == 404
    assert said(stage) == [BOX]


def test_a_link_of_another_purpose_confirms_nothing_nor_does_this_one_anything_else(
    stage: Stage,
) -> None:
    token = a_token(stage)
    (row,) = stage.rows("reminders")
    for purpose in ("cart", "stop"):
        other = tokens.new_token()
        ends = stage.clock.at.replace(year=2030)
        link = Link(purpose, row.shop_id, None, row.id, ends)
        stage.database.run(lambda db, kept=(other, link): tokens.keep(db, [kept]))
        assert stage.client.post(f"/confirm/{other}").status_code == 404
    for path in (f"/r/{token}", f"/r/{token}/go", f"/stop/{token}"):
        assert stage.client.get(path).status_code == 404
    assert stage.client.post(f"/stop/{token}").status_code == 404
    assert said(stage) == [BOX]
    assert stage.rows("suppressions") == []


def test_a_shop_that_left_asks_nothing_any_more(stage: Stage) -> None:
    token = a_token(stage)
    gone = tables.shops.update().values(state="uninstalled")
    stage.database.run(lambda db: db.execute(gone))
    assert stage.client.post(f"/confirm/{token}").status_code == 404
    assert said(stage) == [BOX]
