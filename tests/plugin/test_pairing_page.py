"""Connecting the shop from the settings page: which host a code leads to, and what may go wrong."""

from __future__ import annotations

import json

import pytest

from tests.plugin.office import CODE, PAIRED, page, told_by


def test_a_link_with_a_code_names_the_host_and_connects_nothing_by_itself() -> None:
    result = told_by(
        f"$_GET['code'] = '{CODE}'; return array(shown(), $GLOBALS['told']['posts'],"
        " Relance_Link::is_paired());"
    )
    shown, posts, paired = result
    assert "will send the carts of its shoppers to: relance.example:8443" in shown
    assert 'value="Connect with relance.example:8443"' in shown
    assert f'value="{CODE}"' in shown
    assert (posts, paired) == ([], False)


def test_a_link_with_a_code_says_which_connection_it_would_replace() -> None:
    assert "replaces the connection with relance.example:8443" in page(
        "pair_the_shop(); $_GET['code'] = 'https://other.example/pair/abcDEF123';"
    )


@pytest.mark.parametrize(
    "code",
    [
        "https://relance.example/other/abcDEF123",
        "javascript:alert(1)//pair/abcDEF123",
        '"><script>alert(1)</script>',
        "relance.example",
    ],
)
def test_a_link_with_something_else_offers_no_connection(code: str) -> None:
    shown = page(f"$_GET['code'] = {json.dumps(code)};")
    assert "Connect with" not in shown
    assert "<script" not in shown


def offered(code: str) -> str:
    """The page is opened by an install link with this code, byte for byte."""
    return f"$_GET['code'] = hex2bin('{code.encode().hex()}');"


@pytest.mark.parametrize(
    "host",
    [
        "good.example@bad.example",
        "\u202emoc.elpmaxe",
        "good.example\u2066",
        "go\u200bod.example",
        "good.example\\@bad.example",
        "good\x1b.example",
    ],
)
def test_a_host_that_may_be_read_as_another_is_not_offered(host: str) -> None:
    shown = page(offered(f"https://{host}/pair/abcDEF123"))
    assert "holds no pairing code" in shown
    assert "Connect with" not in shown and "\u202e" not in shown


def test_a_host_of_another_script_is_named_in_ascii() -> None:
    look_alike = "https://g\u043e\u043ed.example/pair/abcDEF123"  # two letters are Cyrillic
    shown = page(offered(look_alike))
    assert "shoppers to: xn--gd-fmca.example<" in shown or "holds no pairing code" in shown
    assert 'value="Connect with g\u043e' not in shown


def test_a_pairing_that_wordpress_cannot_note_asks_nobody() -> None:
    (_, told), posts, paired = told_by(
        "$GLOBALS['site']['lost'] = array('relance_pairing');"
        f"$told = posted('pair', array('code' => '{CODE}'));"
        "return array($told, $GLOBALS['told']['posts'], Relance_Link::is_paired());"
    )
    assert told["type"] == "error" and "could not note" in told["words"]
    assert (posts, paired) == ([], False)


def test_a_code_connects_and_the_page_says_with_whom() -> None:
    result = told_by(
        f"$GLOBALS['site']['answers'][] = array(200, '{PAIRED}');"
        f"return array(posted('pair', array('code' => ' {CODE} ')), $GLOBALS['told']['posts'][0],"
        " Relance_Settings::is_active());"
    )
    (went, told), (url, body), active = result
    assert went.endswith("admin.php?page=relance")
    assert told["type"] == "success" and "relance.example:8443" in told["words"]
    assert url == "https://relance.example:8443/pair"
    assert body["code"] == "abcDEF123_-"
    assert active is True


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ("new WP_Error('http', 'cURL 7')", "could not be reached (cURL 7)"),
        ('array(404, \'{"error":"This code was used."}\')', "This code was used."),
        ("array(200, '<html>')", "not as a Relance service does"),
        (f"array(200, '{PAIRED}', array())", "Something else answers"),
    ],
)
def test_a_code_that_fails_says_why(answer: str, words: str) -> None:
    result = told_by(
        f"$GLOBALS['site']['answers'][] = {answer};"
        f"return array(posted('pair', array('code' => '{CODE}')), Relance_Link::is_paired());"
    )
    (_, told), paired = result
    assert told["type"] == "error" and words in told["words"]
    assert paired is False
