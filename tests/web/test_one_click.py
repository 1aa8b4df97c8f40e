"""The button of a mail program (RFC 8058): a bare POST to the stop link, from nobody we know."""

from __future__ import annotations

from recovery import tables
from tests.web.stage import SHOPPER, Stage
from tests.web.test_links import a_letter, token_in

FORM = "application/x-www-form-urlencoded"


def test_one_click_stops_without_cookie_login_or_question(stage: Stage) -> None:
    token = token_in(a_letter(stage, sender="Teapots"), "/stop/")
    stranger = stage.app.test_client(use_cookies=False)
    answer = stranger.post(
        f"/stop/{token}", data=b"List-Unsubscribe=One-Click", headers={"Content-Type": FORM}
    )
    assert answer.status_code == 200
    assert "Set-Cookie" not in answer.headers
    assert "Location" not in answer.headers  # the program follows nothing
    assert [row.address for row in stage.rows("suppressions")] == [SHOPPER]


def test_one_click_in_parts_stops_too(stage: Stage) -> None:
    token = token_in(a_letter(stage, sender="Teapots"), "/stop/")
    answer = stage.client.post(
        f"/stop/{token}",
        data={"List-Unsubscribe": "One-Click"},
        content_type="multipart/form-data",
        headers={"Origin": "https://mail.example", "Sec-Fetch-Site": "cross-site"},
    )
    assert answer.status_code == 200
    assert stage.count("suppressions") == 1


def test_one_click_of_a_link_that_names_nobody_any_more_is_answered_alike(stage: Stage) -> None:
    token = token_in(a_letter(stage, sender="Teapots"), "/stop/")
    nameless = tables.reminders.update().values(recipient=None)
    stage.database.run(lambda db: db.execute(nameless))
    answer = stage.client.post(f"/stop/{token}", data=b"List-Unsubscribe=One-Click")
    assert (answer.status_code, stage.count("suppressions")) == (200, 0)
