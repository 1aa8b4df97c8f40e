"""The bytes of an e-mail, and what may not get into them."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.utils import parseaddr
from typing import Any

import pytest

from connectors.protocols import AccountStopped, Refused
from connectors.smtp.addresses import mailbox
from connectors.smtp.mail import envelope_of, written
from recovery.model import Email
from tests.connectors.test_smtp import EMAIL

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
LINK = "https://r.example.com/stop/" + "aB3-_" * 30 + "?c=e,mail&x=%C3%A9"


def bytes_of(**changes: Any) -> bytes:
    email: Email = replace(EMAIL, **changes)
    return written(email, envelope_of(email), NOW)


def read(raw: bytes) -> EmailMessage:
    found = message_from_bytes(raw, policy=policy.SMTPUTF8)
    assert isinstance(found, EmailMessage)
    return found


def test_the_headers_say_who_to_whom_what_and_when() -> None:
    mail = read(bytes_of(reply_to="team@teehaus.example"))
    assert mail["From"].addresses[0].display_name == "Teehaus & Söhne"
    assert mail["From"].addresses[0].addr_spec == EMAIL.sender
    assert mail["To"] == EMAIL.recipient
    assert mail["Reply-To"] == "team@teehaus.example"
    assert mail["Subject"] == EMAIL.subject
    assert mail["Date"].datetime == NOW
    assert mail["MIME-Version"] == "1.0"


def test_plain_text_comes_before_html_and_both_are_utf_8() -> None:
    mail = read(bytes_of())
    assert mail.get_content_type() == "multipart/alternative"
    parts = [part.get_content_type() for part in mail.iter_parts()]
    assert parts == ["text/plain", "text/html"]
    assert [part.get_content_charset() for part in mail.iter_parts()] == ["utf-8", "utf-8"]


def test_an_email_can_be_unsubscribed_with_one_click() -> None:
    raw = bytes_of(unsubscribe_link=LINK, unsubscribe_mailto="mailto:out@teehaus.example?subject=4")
    way = f"List-Unsubscribe: <{LINK}>,\r\n <mailto:out@teehaus.example?subject=4>\r\n"
    assert way.encode() in raw
    assert b"\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n" in raw


def test_one_click_needs_no_https_on_this_very_machine() -> None:
    mail = read(bytes_of(unsubscribe_link="http://127.0.0.1:8000/stop/a"))
    assert mail["List-Unsubscribe"] == "<http://127.0.0.1:8000/stop/a>"


def test_one_click_is_not_promised_without_a_link_to_post_to() -> None:
    mail = read(bytes_of(unsubscribe_mailto="mailto:out@teehaus.example"))
    assert mail["List-Unsubscribe"] == "<mailto:out@teehaus.example>"
    assert mail["List-Unsubscribe-Post"] is None
    assert read(bytes_of())["List-Unsubscribe"] is None


@pytest.mark.parametrize(
    "link",
    [
        "http://r.example.com/stop/a",
        "http://127.0.0.1.example.com/stop/a",
        "http://127.0.0.1@r.example.com/stop/a",
        "https://r.example.com/a>, <https://evil.example",
        "https://r.example.com/a\r\nBcc: evil@evil.example",
        "https://r.example.com/é",
        "https://r.example.com/a b",
        "https://r.example.com/" + "a" * 1000,
        "javascript:alert(1)",
    ],
)
def test_an_odd_way_to_unsubscribe_lets_nothing_leave(link: str) -> None:
    with pytest.raises(Refused):
        bytes_of(unsubscribe_link=link)


def test_a_reminder_does_not_pass_for_a_notice_of_a_machine() -> None:
    assert read(bytes_of())["Auto-Submitted"] is None


ATTACKS = [
    "x\r\nBcc: evil@evil.example",
    "x\nBcc: evil@evil.example",
    "x\rBcc: evil@evil.example",
    "x\r\n\r\n<script>",
    "x\x0bBcc: evil@evil.example",
    "x\x85Bcc: evil@evil.example",
    "x\u2028Bcc: evil@evil.example",
    "x\u2029Bcc: evil@evil.example",
    "x\0Bcc: evil@evil.example",
    'x" <evil@evil.example>, "',
    "x <evil@evil.example>",
    "=?utf-8?q?x=0D=0ABcc:_evil@evil.example?=",
    "x, evil@evil.example",
    "\ud800Bcc: evil@evil.example",
]


@pytest.mark.parametrize("field", ["subject", "sender_name", "reference"])
@pytest.mark.parametrize("attack", ATTACKS)
def test_what_was_typed_adds_no_header_and_no_recipient(field: str, attack: str) -> None:
    raw = bytes_of(**{field: attack})
    top = raw.partition(b"\r\n\r\n")[0]
    names = {line.split(b":")[0] for line in top.split(b"\r\n") if line[:1] not in b" \t"}
    wanted = {b"Date", b"From", b"To", b"Subject", b"Message-ID", b"MIME-Version", b"Content-Type"}
    assert names == wanted
    mail = read(raw)
    assert [each.addr_spec for each in mail["From"].addresses] == [EMAIL.sender]
    assert mail["Bcc"] is None
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]


@pytest.mark.parametrize(
    "name",
    ["Doe, Müller & Co", 'The "Best" Shop', "O'Neill; Sons", "Ж" * 70, "店铺", "a.b@c", "x" * 80],
)
def test_a_shops_name_is_read_as_it_was_written(name: str) -> None:
    # Read by the rules of RFC 2047: the library's newer reader puts a space between two words.
    found = message_from_bytes(bytes_of(sender_name=name), policy=policy.compat32)["From"]
    words, address = parseaddr(found)
    assert (str(make_header(decode_header(words))), address) == (name, EMAIL.sender)


@pytest.mark.parametrize(
    "subject", ["Plain", "é" * 200, "a " * 120, "=?utf-8?q?hidden?=", "🫖 " * 60, "שלום"]
)
def test_a_subject_is_read_as_it_was_written(subject: str) -> None:
    assert read(bytes_of(subject=subject))["Subject"] == subject.strip()


def test_every_line_is_short_enough_and_ends_by_both_characters() -> None:
    raw = bytes_of(subject="é" * 500, sender_name="ö" * 500, html="x" * 5000, text="é\rb\nc\r\nd")
    assert re.search(rb"(?<!\r)\n|\r(?!\n)", raw) is None
    assert max(map(len, raw.split(b"\r\n"))) <= 78
    assert raw.isascii()


@pytest.mark.parametrize(
    "recipient",
    [
        "",
        "zoe",
        "@shopper.example",
        "zoe@",
        "zoe@localhost",
        "zoe@shopper.example>",
        "zoe@shopper.example\r\nDATA",
        "zoe@shopper.example, evil@evil.example",
        "zoe@shopper.example evil@evil.example",
        "Zoé <zoe@shopper.example>",
        '"zoe x"@shopper.example',
        "zoe..x@shopper.example",
        ".zoe@shopper.example",
        "zoe\u2028@shopper.example",
        "zoe\u202e@shopper.example",
        "zoe@shopper..example",
        "zoe@-shopper.example",
        "zoe@[127.0.0.1]",
        "z" * 65 + "@shopper.example",
        "zoe@" + "a." * 130 + "example",
        "zoe@\ud800.example",
        "zo\ud800e@shopper.example",
        "zoe@shopper.exa\0mple",
    ],
)
def test_a_recipient_that_is_no_address_is_refused_without_being_named(recipient: str) -> None:
    with pytest.raises(Refused) as failure:
        bytes_of(recipient=recipient)
    assert "zoe" not in repr(failure.value)
    assert failure.value.__context__ is None


@pytest.mark.parametrize("field", ["sender", "bounces_to"])
def test_an_address_of_ours_that_is_none_stops_the_account(field: str) -> None:
    with pytest.raises(AccountStopped):
        bytes_of(**{field: "shop@x\r\nRCPT TO:<evil@evil.example>"})


@pytest.mark.parametrize(
    "address", ['"a b"@x.example', "bob@[192.0.2.4]", "a@x\r\nBcc: <evil@evil.example>"]
)
def test_a_shops_reply_address_that_is_none_is_left_out(address: str) -> None:
    mail = read(bytes_of(reply_to=address))
    assert mail["Reply-To"] is None and mail["Bcc"] is None
    assert mail["From"].addresses[0].addr_spec == EMAIL.sender


def test_bounces_go_where_the_shop_wants_them() -> None:
    envelope = envelope_of(replace(EMAIL, bounces_to="bounces@teehaus.example"))
    assert str(envelope.sender) == "bounces@teehaus.example"
    assert str(envelope_of(EMAIL).sender) == EMAIL.sender


@pytest.mark.parametrize(
    ("typed", "wanted"),
    [
        ("zoe+tag@Shopper.Example", "zoe+tag@shopper.example"),
        ("Zoe@shopper.example", "Zoe@shopper.example"),
        ("zoe@straße.example", "zoe@xn--strae-oqa.example"),
        ("o'neill@shopper.example", "o'neill@shopper.example"),
        ("用户@例え.example", "用户@xn--r8jz45g.example"),
    ],
)
def test_an_address_keeps_its_local_part_and_gets_a_domain_in_ascii(
    typed: str, wanted: str
) -> None:
    assert str(mailbox(typed)) == wanted
