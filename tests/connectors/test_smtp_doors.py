"""How a mail server is reached: its URL, encryption, log-in."""

from __future__ import annotations

import pytest

from connectors.protocols import AccountStopped, Busy
from connectors.smtp.server import server_of
from tests.connectors.test_smtp import EMAIL, smtp
from tests.standins.smtp import StandInMail

# A plain server that wants a log-in is what some of these are about.
pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH")


@pytest.mark.parametrize(
    ("url", "host", "port", "tls", "user", "password"),
    [
        ("smtp://mail.example", "mail.example", 587, "starttls", None, None),
        ("smtp://u:p@mail.example:25", "mail.example", 25, "starttls", "u", "p"),
        ("smtp://mail.example?starttls=no", "mail.example", 587, "none", None, None),
        ("smtps://u%40x:p%2F%3A%40@mail.example", "mail.example", 465, "at once", "u@x", "p/:@"),
        ("smtp://localhost:1025", "localhost", 1025, "none", None, None),
        ("smtp://127.0.0.1:1025/", "127.0.0.1", 1025, "none", None, None),
        ("smtp://[::1]:1025", "::1", 1025, "none", None, None),
        ("smtp://127.0.0.1?starttls=yes", "127.0.0.1", 587, "starttls", None, None),
        ("smtp://127.0.0.1.mail.example", "127.0.0.1.mail.example", 587, "starttls", None, None),
    ],
)
def test_a_url_names_a_server(
    url: str, host: str, port: int, tls: str, user: str | None, password: str | None
) -> None:
    found = server_of({"url": url}, {})
    assert (found.host, found.port, found.tls) == (host, port, tls)
    assert (found.user, found.password) == (user, password)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "mail.example:587",
        "http://u:swordfish@mail.example",
        "smtp://",
        "smtp://u:swordfish@mail.example:port",
        "smtp://u:swordfish@mail.example:99999",
        "smtp://u:swordfish@mail.example?starttls=maybe",
        "smtp://u:swordfish@mail.example?verify=no",
        "smtp://u:swordfish@mail.example/inbox",
        "smtp://u:swordfish@[mail",
    ],
)
def test_a_url_that_cannot_be_read_stops_the_account_and_is_not_repeated(url: str) -> None:
    with smtp(url) as messenger, pytest.raises(AccountStopped) as failure:
        messenger.be_ready()
    assert "swordfish" not in repr(failure.value)
    assert failure.value.__context__ is None or "swordfish" not in repr(failure.value.__context__)


def test_a_server_does_not_show_its_password() -> None:
    assert "swordfish" not in repr(server_of({"url": "smtps://u:swordfish@mail.example"}, {}))


def test_the_settings_url_serves_accounts_that_have_none() -> None:
    assert server_of({}, {"url": "smtp://mail.example"}).host == "mail.example"
    own = server_of({"url": "smtp://own.example"}, {"url": "smtp://mail.example"})
    assert own.host == "own.example"


@pytest.mark.parametrize("tls", ["starttls", "at once"])
def test_an_email_leaves_over_a_verified_line_after_the_log_in(tls: str) -> None:
    with (
        StandInMail(tls=tls, user="böb", password="gé heim") as mail,
        smtp(mail.url_for("b%C3%B6b:g%C3%A9%20heim"), ca_file=mail.ca_file) as messenger,
    ):
        messenger.send(EMAIL)
        assert [entry.over_tls for entry in mail.accepted()] == [True]


def test_login_serves_where_plain_is_not_offered() -> None:
    with (
        StandInMail(tls="at once", user="bob", password="x", auth_without=("PLAIN",)) as mail,
        smtp(mail.url_for("bob:x"), ca_file=mail.ca_file) as messenger,
    ):
        messenger.send(EMAIL)
        assert len(mail.accepted()) == 1


@pytest.mark.parametrize("tls", ["starttls", "at once"])
def test_a_certificate_of_an_unknown_authority_stops_the_account(tls: str) -> None:
    with StandInMail(tls=tls) as mail, smtp(mail.url) as messenger:
        with pytest.raises(AccountStopped, match="certificate"):
            messenger.send(EMAIL)
        assert mail.record == []


def test_a_certificate_for_another_host_stops_the_account() -> None:
    with StandInMail(tls="at once") as mail:
        url = mail.url.replace("127.0.0.1", "localhost")
        with smtp(url, ca_file=mail.ca_file) as messenger, pytest.raises(AccountStopped):
            messenger.send(EMAIL)
        assert mail.record == []


def test_a_server_without_starttls_gets_neither_password_nor_email() -> None:
    with StandInMail(user="bob", password="x") as mail:
        url = mail.url_for("bob:x") + "?starttls=yes"
        with smtp(url) as messenger, pytest.raises(AccountStopped, match="STARTTLS"):
            messenger.send(EMAIL)
        assert mail.record == []


def test_a_wrong_password_stops_the_account() -> None:
    with (
        StandInMail(user="bob", password="right") as mail,
        smtp(mail.url_for("bob:wrong")) as messenger,
    ):
        with pytest.raises(AccountStopped, match="password") as failure:
            messenger.be_ready()
        assert "wrong" not in repr(failure.value)


def test_a_server_that_wants_a_log_in_and_gets_none_stops_the_account() -> None:
    with (
        StandInMail(user="bob", password="x") as mail,
        smtp(mail.url) as messenger,
        pytest.raises(AccountStopped, match="password"),
    ):
        messenger.send(EMAIL)


def test_a_log_in_that_nobody_asked_for_stops_the_account() -> None:
    with (
        StandInMail(user="bob", password="x", auth_without=("PLAIN", "LOGIN")) as mail,
        smtp(mail.url_for("bob:x")) as messenger,
        pytest.raises(AccountStopped, match="log-in"),
    ):
        messenger.be_ready()


def test_authorities_that_cannot_be_read_stop_the_account() -> None:
    with (
        StandInMail(tls="at once") as mail,
        smtp(mail.url, ca_file="/nowhere/ca.pem") as messenger,
        pytest.raises(AccountStopped, match="authorities"),
    ):
        messenger.be_ready()


def test_tls_spoken_to_a_plain_server_is_busy() -> None:
    with StandInMail() as mail:
        url = mail.url.replace("smtp:", "smtps:")
        with smtp(url, timeout="0.2") as messenger, pytest.raises(Busy):
            messenger.send(EMAIL)
        assert mail.record == []
