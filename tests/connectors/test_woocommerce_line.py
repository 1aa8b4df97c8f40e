"""A merchant's address is judged as the line opens. Only what the resolver says is made up."""

from __future__ import annotations

import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import trustme

from connectors.protocols import AccountStopped, Busy, Connection, NoAnswer
from connectors.woocommerce.client import Rest
from connectors.woocommerce.install import keys_work
from connectors.woocommerce.line import is_public
from tests.connectors.woocommerce_recordings import PRIVATE
from web import addresses

PUBLIC = "198.41.0.4"
KEYS = {"consumer_key": "ck_" + "a" * 40, "consumer_secret": "cs_" + "b" * 40}
NAME = "pots.example"


class Resolver:
    """Says where names lead, one answer after the other; the last one stays.

    `route` is where packets to a public address really go: our own server.
    """

    def __init__(self, *answers: list[str]) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []
        self.route: tuple[str, int] | None = None

    def __call__(self, host: str, port: int, *rest: Any, **named: Any) -> list[Any]:
        self.asked.append(host)
        if host != NAME:
            assert self.route is not None, f"a line to {host}"
            return [_entry(*self.route)]
        found = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if not found:
            raise socket.gaierror(socket.EAI_NONAME, "no such name")
        return [_entry(address, port) for address in found]


def _entry(address: str, port: int) -> Any:
    if ":" in address:
        return (socket.AF_INET6, socket.SOCK_STREAM, 6, "", (address, port, 0, 0))
    return (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))


Leads = Callable[..., Resolver]


@pytest.fixture
def leads(monkeypatch: pytest.MonkeyPatch) -> Leads:
    def make(*answers: list[str]) -> Resolver:
        resolver = Resolver(*answers)
        monkeypatch.setattr(socket, "getaddrinfo", resolver)
        return resolver

    return make


@pytest.fixture
def inside() -> Iterator[socket.socket]:
    """Something in our own network that must never hear of a merchant."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        listening.setblocking(False)
        yield listening


def heard_nothing(inside: socket.socket) -> bool:
    """Not even a line was opened."""
    try:
        inside.accept()[0].close()
    except BlockingIOError:
        return True
    return False


def rest_at(inside: socket.socket, scheme: str = "http", **options: str) -> Rest:
    address = f"{scheme}://{NAME}:{inside.getsockname()[1]}"
    return Rest(Connection("pots", address, KEYS, options))


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_name_that_led_to_a_shop_and_now_leads_inside_is_not_called(
    leads: Leads, inside: socket.socket, scheme: str
) -> None:
    resolver = leads([PUBLIC], ["127.0.0.1"])
    rest = rest_at(inside, scheme)
    assert addresses.is_public(rest.base, False), "it was a good address as it was typed"
    with pytest.raises(AccountStopped, match="private network"):
        keys_work(Connection("", rest.base, KEYS))
    assert heard_nothing(inside)
    assert resolver.asked == [NAME, NAME]


def test_no_verb_and_no_side_way_goes_there_either(leads: Leads, inside: socket.socket) -> None:
    leads(["127.0.0.1"])
    rest = rest_at(inside)
    for call in (
        rest.index,
        lambda: rest.get("orders"),
        lambda: rest.post("coupons", {}),
        lambda: rest.put("webhooks/1", {}),
        lambda: rest.delete("coupons/1"),
    ):
        with pytest.raises(AccountStopped, match="private network"):
            call()
    rest.wake()
    assert heard_nothing(inside)


@pytest.mark.parametrize(
    "led",
    [
        [PUBLIC, "127.0.0.1"],
        ["127.0.0.1", PUBLIC],
        ["::ffff:127.0.0.1"],
        ["64:ff9b::7f00:1"],
        ["2002:7f00:1::1"],
        ["::1"],
        ["169.254.169.254"],
        ["0.0.0.0"],
    ],
)
def test_one_private_address_in_whatever_form_refuses_the_name(
    leads: Leads, inside: socket.socket, led: list[str]
) -> None:
    leads(led)
    with pytest.raises(AccountStopped, match="private network"):
        rest_at(inside).get("orders")
    assert heard_nothing(inside)


def test_a_bare_private_address_is_refused_too(inside: socket.socket) -> None:
    address = f"http://127.0.0.1:{inside.getsockname()[1]}"
    with pytest.raises(AccountStopped, match="private network"):
        keys_work(Connection("", address, KEYS))
    assert heard_nothing(inside)


def test_for_development_private_addresses_may_be_called(
    leads: Leads, inside: socket.socket
) -> None:
    resolver = leads(["127.0.0.1"])
    rest_at(inside, **PRIVATE).wake()
    assert (resolver.asked, heard_nothing(inside)) == ([NAME], False)


class Shop(BaseHTTPRequestHandler):
    """Answers with no orders, or leads away; keeps what it was asked."""

    leads_to = ""
    asked: list[tuple[str, str]]

    def do_GET(self) -> None:
        self.asked.append((self.headers["Host"], self.path))
        self.send_response(302 if self.leads_to else 200)
        if self.leads_to:
            self.send_header("Location", self.leads_to)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(json.dumps([]).encode())

    def log_message(self, *args: Any) -> None:
        pass


@pytest.fixture
def a_shop(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Any]]:
    """Opens a server; `tls` gives it a certificate for `NAME` alone."""
    opened: list[tuple[ThreadingHTTPServer, threading.Thread]] = []

    def make(ca: trustme.CA | None = None, leads_to: str = "") -> Any:
        door = type("Door", (Shop,), {"asked": [], "leads_to": leads_to, "names": []})
        server = ThreadingHTTPServer(("127.0.0.1", 0), door)
        server.daemon_threads = True
        if ca is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.sni_callback = lambda _, name, __: door.names.append(name)
            ca.issue_cert(NAME).configure_cert(context)
            server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        opened.append((server, thread))
        return door, server.server_address

    yield make
    for server, thread in opened:
        server.shutdown()
        thread.join()
        server.server_close()


def test_the_line_goes_to_the_address_that_was_judged_and_host_stays_the_name(
    leads: Leads, a_shop: Callable[..., Any]
) -> None:
    door, (_, port) = a_shop()
    resolver = leads([PUBLIC], ["127.0.0.1"])
    resolver.route = ("127.0.0.1", port)
    assert Rest(Connection("", f"http://{NAME}:{port}", KEYS)).get("orders").rows() == []
    # The name is asked for once: what it leads to the second time has no say.
    assert resolver.asked == [NAME, PUBLIC]
    assert [host for host, _ in door.asked] == [f"{NAME}:{port}"]


def test_the_certificate_is_the_names_and_so_is_sni(
    leads: Leads, a_shop: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    ca = trustme.CA()
    ca.cert_pem.write_to_path(tmp_path / "ca.pem")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "ca.pem"))
    door, (_, port) = a_shop(ca)
    leads([PUBLIC]).route = ("127.0.0.1", port)
    assert Rest(Connection("", f"https://{NAME}:{port}", KEYS)).get("orders").rows() == []
    assert (door.names, door.asked[0][0]) == ([NAME], f"{NAME}:{port}")


def test_a_shop_that_leads_away_is_not_followed(
    leads: Leads, a_shop: Callable[..., Any], inside: socket.socket
) -> None:
    _, (_, port) = a_shop(leads_to=f"http://127.0.0.1:{inside.getsockname()[1]}/")
    leads([PUBLIC]).route = ("127.0.0.1", port)
    rest = Rest(Connection("", f"http://{NAME}:{port}", KEYS))
    with pytest.raises(AccountStopped, match="redirects"):
        rest.get("orders")
    rest.wake()
    assert heard_nothing(inside)


def test_the_next_address_is_tried_when_one_does_not_answer(
    leads: Leads, a_shop: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    door, (_, port) = a_shop()
    resolver = leads(["2001:500:2::c", PUBLIC])
    with socket.socket() as closed:  # bound, not listening: refused
        closed.bind(("127.0.0.1", 0))
        resolver.route = closed.getsockname()

        def routed(host: str, *rest: Any, **named: Any) -> list[Any]:
            found = resolver(host, *rest, **named)
            return [_entry("127.0.0.1", port)] if host == PUBLIC else found

        monkeypatch.setattr(socket, "getaddrinfo", routed)
        assert Rest(Connection("", f"http://{NAME}:{port}", KEYS)).get("orders").rows() == []
    assert resolver.asked == [NAME, "2001:500:2::c", PUBLIC]
    assert len(door.asked) == 1


def test_what_never_left_is_busy_for_a_write_as_well(leads: Leads) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        for led in ([], [PUBLIC]):
            leads(led).route = closed.getsockname()
            rest = rest_at(closed)
            with pytest.raises(Busy) as told:
                rest.post("coupons", {})
            assert not isinstance(told.value, AccountStopped | NoAnswer)


@pytest.mark.parametrize(
    ("address", "public"),
    [
        (PUBLIC, True),
        ("2001:500:2::c", True),
        ("::ffff:198.41.0.4", True),
        ("64:ff9b::c629:4", True),
        ("2002:c629:4::1", True),
        ("::ffff:10.0.0.1", False),
        ("64:ff9b::a00:1", False),
        ("64:ff9b:1::c629:4", False),
        ("2002:a9fe:a9fe::", False),
        ("::127.0.0.1", False),
        ("::", False),
        ("fe80::1%eth0", False),
        ("fd00::1", False),
        ("3fff::1", False),
        ("3fff:fff:ffff::1", False),
        ("fec0::1", False),
        ("ff02::1", False),
        ("224.0.0.1", False),
        ("100.64.0.1", False),
        ("172.16.0.1", False),
        ("192.168.1.1", False),
        ("255.255.255.255", False),
        ("2001:0:7f00:1::", False),
        ("pots.example", False),
    ],
)
def test_an_address_is_as_public_as_the_one_it_stands_for(address: str, public: bool) -> None:
    assert is_public(address) is public
