"""The address that a merchant types is a door into our network: tried with all its spellings."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from connectors.protocols import AccountStopped, Busy, Connection, Refused, Unreadable
from connectors.woocommerce import client
from connectors.woocommerce.install import clean_address, keys_work
from tests.connectors.woocommerce_recordings import PRIVATE
from tests.web.stage import Stage
from web import addresses

KEYS = {"consumer_key": "ck_" + "a" * 40, "consumer_secret": "cs_" + "b" * 40}
INSIDE = [
    "127.0.0.1",
    "127.8.9.10",
    "0.0.0.0",
    "10.1.2.3",
    "172.16.0.1",
    "172.31.255.254",
    "192.168.1.1",
    "100.64.0.1",  # carrier-grade NAT
    "169.254.169.254",  # a cloud's metadata
    "169.254.1.1",
    "192.0.0.8",
    "198.18.0.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::ffff:127.0.0.1",
    "::ffff:a9fe:a9fe",
    "::127.0.0.1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::1",
    "2002:7f00:1::",
    "fe80::1",
    "fe80::1%eth0",
    "fc00::1",
    "fd00:ec2::254",  # a cloud's metadata
    "fec0::1",
    "ff02::1",
    "2001:db8::1",
]
SPELLINGS = [
    "http://127.0.0.1/",
    "http://127.1/",
    "http://2130706433/",
    "http://0x7f000001/",
    "http://0x7f.0.0.1/",
    "http://0177.0.0.1/",
    "http://017700000001/",
    "http://0/",
    "http://[::1]/",
    "http://[::ffff:127.0.0.1]/",
    "http://[::]/",
    "http://127.0.0.1./",
    "http://localhost/",
    "http://localhost./",
    "http://LOCALHOST/",
    "http://１２７.０.０.１/",
    "http://127。0。0。1/",
    "http://ⓛocalhost/",
    "http://169.254.169.254/latest/meta-data",
    "http://0xa9fea9fe/",
    "http://shop.example@127.0.0.1/",
    "http://user:word@shop.example/",
    "http://127.0.0.1:6379/",
    "http://127.0.0.1#@shop.example/",
    "http://127.0.0.1\\@shop.example/",
    "http://shop.example\t@127.0.0.1/",
    "http://shop.example:80@127.0.0.1:80/",
    "file:///etc/passwd",
    "gopher://127.0.0.1:6379/_x",
    "ftp://127.0.0.1/",
    "dict://127.0.0.1:11211/",
    "//127.0.0.1/",
    "javascript:alert(1)",
    "http://",
    "http:///x",
    "",
]


def leading_to(*found: str) -> Callable[..., list[Any]]:
    """A resolver that says this of every name."""

    def answer(host: str, port: int, *rest: Any, **named: Any) -> list[Any]:
        kind = socket.AF_INET6 if ":" in found[0] else socket.AF_INET
        return [(kind, socket.SOCK_STREAM, 6, "", (address, port)) for address in found]

    return answer


@pytest.mark.parametrize("address", INSIDE)
@pytest.mark.parametrize("place", ["alone", "first", "last"])
def test_a_name_that_leads_inside_in_any_of_its_addresses_is_refused(
    monkeypatch: pytest.MonkeyPatch, address: str, place: str
) -> None:
    public = "198.41.0.4"
    led = {"alone": [address], "first": [address, public], "last": [public, address]}[place]
    monkeypatch.setattr(socket, "getaddrinfo", leading_to(*led))
    assert not addresses.is_public("https://shop.example", False)
    assert addresses.is_private("https://shop.example")
    with pytest.raises(AccountStopped, match="private network"):
        keys_work(Connection("", "https://shop.example", KEYS))


@pytest.mark.parametrize("address", ["198.41.0.4", "2001:500:2::c", "::ffff:198.41.0.4"])
def test_the_open_internet_may_be_asked(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", leading_to(address))
    assert addresses.is_public("https://shop.example", False)


@pytest.mark.parametrize("typed", SPELLINGS)
def test_no_spelling_of_an_address_inside_begins_an_install(stage: Stage, typed: str) -> None:
    cleaned = clean_address(typed)
    assert cleaned is None or not addresses.is_public(cleaned, False), cleaned
    answer = stage.client.get("/install/woocommerce", query_string={"shop": typed})
    assert answer.status_code == 400
    assert "Location" not in answer.headers
    assert stage.count("installs") == 0


class Told(threading.Thread):
    """Takes lines and says the same to each, whatever it is asked."""

    def __init__(self, say: Callable[[socket.socket], None]) -> None:
        super().__init__(daemon=True)
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self.listening.getsockname()[1]}"
        self.lines = 0
        self._say = say

    def run(self) -> None:
        while True:
            try:
                line, _ = self.listening.accept()
            except OSError:
                return
            self.lines += 1
            with line:
                try:
                    line.recv(65_536)
                    self._say(line)
                except OSError:
                    continue


@contextmanager
def told(say: Callable[[socket.socket], None]) -> Iterator[Told]:
    server = Told(say)
    server.start()
    try:
        yield server
    finally:
        server.listening.shutdown(socket.SHUT_RDWR)
        server.listening.close()
        server.join()


def tried(server: Told) -> None:
    keys_work(Connection("", server.address, KEYS, PRIVATE))


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_no_redirect_is_followed(status: int) -> None:
    with told(lambda line: None) as inside:

        def away(line: socket.socket) -> None:
            line.sendall(
                f"HTTP/1.1 {status} X\r\nLocation: {inside.address}/\r\n"
                "Content-Length: 0\r\nConnection: close\r\n\r\n".encode()
            )

        with told(away) as shop:
            with pytest.raises((AccountStopped, Busy, Refused, Unreadable)):
                tried(shop)
            assert shop.lines == 1
        assert inside.lines == 0


def test_a_body_that_does_not_end_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "LARGEST_ANSWER", 200_000)
    sent = 0

    def endless(line: socket.socket) -> None:
        nonlocal sent
        line.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n")
        while sent < 20_000_000:
            sent += line.send(b"[" * 65_536)

    with told(endless) as shop, pytest.raises(Busy):
        tried(shop)
    assert sent < 20_000_000


def test_a_body_that_drips_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "LONGEST_READ", 0.0)

    def drips(line: socket.socket) -> None:
        line.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n[")
        line.sendall(b" " * 200_000)
        line.recv(1)

    with told(drips) as shop, pytest.raises(Busy):
        tried(shop)


def test_headers_that_do_not_come_are_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "TIMEOUT", 0.05)

    def silent(line: socket.socket) -> None:
        line.recv(1)  # until the other side gives up

    with told(silent) as shop, pytest.raises(Busy):
        tried(shop)
