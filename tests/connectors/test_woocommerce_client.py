"""What an answer of the shop means, and what trouble of the line means."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
import requests
from urllib3.exceptions import SSLError

from connectors.protocols import AccountStopped, Busy, NoAnswer, Refused, Unreadable
from connectors.woocommerce.answers import Reply, judge
from connectors.woocommerce.client import base_address, trouble

DATE = "Fri, 20 Nov 2026 13:00:00 GMT"


def error(code: str, words: str = "Nele Brandt may not.") -> bytes:
    return json.dumps({"code": code, "message": words, "data": {}}).encode()


def reply(status: int, content: bytes = b"", **headers: str) -> Reply:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply(status, named, content)


def test_a_good_answer_tells_its_rows_its_pages_and_the_shops_time() -> None:
    got = judge(reply(200, b'[{"id":1}]', X_WP_TotalPages="3", Date=DATE), reading=True)
    assert (got.rows(), got.pages) == ([{"id": 1}], 3)
    assert got.at == datetime(2026, 11, 20, 13, 0, tzinfo=UTC)


@pytest.mark.parametrize("headers", [{}, {"X_WP_TotalPages": "x", "Date": "soon"}])
def test_headers_that_a_host_took_away_are_not_missed(headers: dict[str, str]) -> None:
    got = judge(reply(200, b"[]", **headers), reading=True)
    assert (got.pages, got.at) == (None, None)


@pytest.mark.parametrize("content", [b"7", b"null", b'{"a":1}', b"[7]"])
def test_rows_of_another_sort_are_unreadable(content: bytes) -> None:
    with pytest.raises(Unreadable):
        judge(reply(200, content), reading=True).rows()


@pytest.mark.parametrize(
    ("status", "content", "reading", "writing"),
    [
        (200, b"<html>", Unreadable, NoAnswer),
        (200, b"<b>Notice</b>[]", Unreadable, NoAnswer),
        (301, b"", AccountStopped, AccountStopped),
        (400, error("rest_invalid_param"), Refused, Refused),
        (401, error("woocommerce_rest_cannot_view"), AccountStopped, AccountStopped),
        (401, b"<html>", AccountStopped, AccountStopped),
        (403, b"<html>", AccountStopped, AccountStopped),
        (404, error("rest_no_route"), AccountStopped, AccountStopped),
        (404, b"<html>", AccountStopped, AccountStopped),
        (404, error("woocommerce_rest_shop_order_invalid_id"), Refused, Refused),
        (410, b"", Refused, Refused),
        (429, b"", Busy, Busy),
        (500, b"<html>", Busy, NoAnswer),
        (502, b"", Busy, NoAnswer),
        (503, b"", Busy, NoAnswer),
    ],
)
def test_each_status_has_its_meaning(
    status: int, content: bytes, reading: type[Exception], writing: type[Exception]
) -> None:
    for is_reading, wanted in ((True, reading), (False, writing)):
        with pytest.raises(wanted) as told:
            judge(reply(status, content), reading=is_reading)
        assert type(told.value) is wanted
        assert "Nele" not in str(told.value), "the shop's own words may quote a person"


@pytest.mark.parametrize(
    ("told", "seconds"),
    [
        ("12", 12.0),
        ("0", 1.0),
        ("999999", 3600.0),
        ("9" * 400, 30.0),
        ("Fri, 20 Nov 2026 13:02:00 GMT", 120.0),
        ("Fri, 20 Nov 2026 12:00:00 GMT", 1.0),
        ("soon", 30.0),
        ("", 30.0),
        ("-5", 30.0),
    ],
)
def test_retry_after_is_seconds_or_a_date_within_an_hour(told: str, seconds: float) -> None:
    with pytest.raises(Busy) as busy:
        judge(reply(503, b"", Retry_After=told, Date=DATE), reading=False)
    assert busy.value.retry_after == seconds


@pytest.mark.parametrize(
    ("location", "words"),
    [
        ("https://www.pots.example/wp-json/?oauth_token=x", "https://www.pots.example:"),
        ("https://user:pw@pots.example/", "https://pots.example:"),
        ("/login", "another page"),
        ("https://[::1", "another page"),
        ("https://p\u043ets.example/", "another page"),
        ("https://pots.example\u202e/", "another page"),
        ("https://pots.example\x1b[31m/", "another page"),
        ("javascript://pots.example/", "another page"),
        ("", "another page"),
    ],
)
def test_a_redirect_is_told_by_its_host_alone(location: str, words: str) -> None:
    with pytest.raises(AccountStopped) as told:
        judge(reply(301, b"", Location=location), reading=False)
    assert words in str(told.value)
    assert "pw" not in str(told.value)
    assert "oauth" not in str(told.value)


@pytest.mark.parametrize(
    ("what", "reading", "writing"),
    [
        (requests.ReadTimeout("slow"), Busy, NoAnswer),
        (requests.ConnectTimeout("slow"), Busy, Busy),
        (requests.ConnectionError("reset"), Busy, NoAnswer),
        (requests.ConnectionError(), Busy, NoAnswer),
        (requests.exceptions.ChunkedEncodingError("cut"), Busy, NoAnswer),
        (requests.exceptions.SSLError(SSLError("EOF in the middle")), Busy, NoAnswer),
        (requests.exceptions.ProxyError("no way"), Busy, Busy),
        (requests.exceptions.InvalidURL("x"), AccountStopped, AccountStopped),
    ],
)
def test_trouble_of_the_line_says_whether_something_left(
    what: requests.RequestException, reading: type[Exception], writing: type[Exception]
) -> None:
    assert type(trouble(what, reading=True)) is reading
    assert type(trouble(what, reading=False)) is writing


@pytest.mark.parametrize(
    ("told", "base"),
    [
        ("pots.example", "https://pots.example"),
        (" https://pots.example/shop/ ", "https://pots.example/shop"),
        ("http://pots.example", "http://pots.example"),
    ],
)
def test_the_base_address_has_a_scheme_and_no_slash_at_its_end(told: str, base: str) -> None:
    assert base_address(told) == base
