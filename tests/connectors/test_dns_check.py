"""Records of the DNS as they are found, from a name server of our own on this machine."""

from __future__ import annotations

import base64
import socket
import threading
from collections.abc import Iterator

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from connectors.dns_check import Finding, Lookup, Standing, dmarc, is_domain, tags_of

SHOP = "pots.example"


class NameServer:
    """Answers TXT questions on loopback UDP out of `texts`; `odd` says what else it does."""

    def __init__(self) -> None:
        self.texts: dict[str, list[str]] = {}
        self.odd = ""
        self.asked: list[str] = []
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            try:
                data, where = self._socket.recvfrom(4096)
            except OSError:
                return
            if not data:
                return
            if self.odd != "silent":
                self._socket.sendto(self._answer(data), where)

    def _answer(self, data: bytes) -> bytes:
        if self.odd == "garbage":
            return data[:2] + b"\xff\x00no answer at all"
        asked = dns.message.from_wire(data)
        name = asked.question[0].name
        self.asked.append(f"{name} {dns.rdatatype.to_text(asked.question[0].rdtype)}")
        answer = dns.message.make_response(asked)
        answer.flags |= dns.flags.RA
        found = self.texts.get(str(name).rstrip("."))
        if self.odd == "fails":
            answer.set_rcode(dns.rcode.SERVFAIL)
        elif found is None:
            answer.set_rcode(dns.rcode.NXDOMAIN)
        elif found:
            quoted = [_quoted(each) for each in found]
            answer.answer.append(dns.rrset.from_text(name, 60, "IN", "TXT", *quoted))
        return answer.to_wire()

    def close(self) -> None:
        self._socket.sendto(b"", ("127.0.0.1", self.port))
        self._thread.join(2)
        self._socket.close()


def _quoted(text: str) -> str:
    """A record of more than 255 octets is several strings."""
    plain = text.replace("\\", "\\\\").replace('"', '\\"')
    return " ".join(f'"{plain[at : at + 200]}"' for at in range(0, len(plain) or 1, 200))


@pytest.fixture
def server() -> Iterator[NameServer]:
    made = NameServer()
    yield made
    made.close()


def check(server: NameServer, selector: str = "s1", domain: str = SHOP) -> dict[str, Finding]:
    lookup = Lookup(["127.0.0.1"], server.port, patience=1.0)
    return {each.about: each for each in lookup.check(domain, selector)}


def a_key(bits: int = 2048) -> str:
    public = rsa.generate_private_key(65537, bits).public_key()
    raw = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(raw).decode()


def test_a_domain_with_all_three_is_told_so(server: NameServer) -> None:
    server.texts = {
        SHOP: ["some-site-verification=1", "v=spf1 include:mail.example ~all"],
        "mail.example": ["v=spf1 ip4:192.0.2.0/24 -all"],
        f"s1._domainkey.{SHOP}": [f"v=DKIM1; k=rsa; p={a_key()}"],
        f"_dmarc.{SHOP}": ["v=DMARC1; p=reject; rua=mailto:a@pots.example"],
    }
    found = check(server)
    assert {each.standing for each in found.values()} == {Standing.GOOD}
    assert found["spf"].record == "v=spf1 include:mail.example ~all"
    assert found["dkim"].at == f"s1._domainkey.{SHOP}"
    assert {each.split()[1] for each in server.asked} == {"TXT"}


def test_a_domain_that_is_not_there_lacks_them_all(server: NameServer) -> None:
    found = check(server)
    whys = [found[name].why for name in ("spf", "dkim", "dmarc")]
    assert whys == ["spf_missing", "dkim_missing", "dmarc_missing"]
    server.texts = {SHOP: [], f"_dmarc.{SHOP}": ["v=DMARC2; p=reject"]}
    assert check(server)["dmarc"].why == "dmarc_missing"


@pytest.mark.parametrize(
    ("texts", "standing", "why"),
    [
        (["v=spf1 mx -all", "v=spf1 a ~all"], "bad", "spf_several"),
        (["v=spf1 mx +all"], "bad", "spf_open"),
        (["v=spf1 mx ALL"], "bad", "spf_open"),
        (["v=spf1 mx"], "weak", "spf_no_end"),
        (["v=spf1 mx ?all"], "weak", "spf_no_end"),
        (["v=spf10 mx -all"], "bad", "spf_missing"),
        (["v=spf1 redirect=other.example"], "good", "spf_good"),
        (
            ["v=spf1 " + " ".join(f"a:h{n}.example" for n in range(11)) + " -all"],
            "bad",
            "spf_lookups",
        ),
        (
            ["v=spf1 " + " ".join(f"a:h{n}.example" for n in range(10)) + " -all"],
            "good",
            "spf_good",
        ),
        (["v=spf1 include:in_a_ring.example -all"], "good", "spf_good"),
        (["v=spf1 include:far.example -all"], "bad", "spf_lookups"),
        (["v=spf1 include:%{i}.spf.example include:127.0.0.1 -all"], "good", "spf_good"),
    ],
)
def test_spf_is_read_as_receivers_read_it(
    server: NameServer, texts: list[str], standing: str, why: str
) -> None:
    far = "v=spf1 " + " ".join(f"exists:h{n}.example" for n in range(10)) + " -all"
    ring = "v=spf1 include:in_a_ring.example -all"
    server.texts = {SHOP: texts, "in_a_ring.example": [ring], "far.example": [far]}
    found = check(server)["spf"]
    assert (found.standing, found.why) == (standing, why)


@pytest.mark.parametrize(
    ("record", "why"),
    [
        ("v=DKIM1; p=", "dkim_taken_back"),
        ("v=DKIM1; p=!!!", "dkim_broken"),
        ("v=DKIM1; p=YWJj", "dkim_broken"),
        ("v=DKIM2; p=YWJj", "dkim_missing"),
        ("hello", "dkim_missing"),
        ("k=ed25519; p=" + base64.b64encode(b"k" * 32).decode(), "dkim_good"),
        ("k=ed25519; p=YWJj", "dkim_broken"),
    ],
)
def test_dkim_is_a_key_that_can_be_used(server: NameServer, record: str, why: str) -> None:
    server.texts = {f"s1._domainkey.{SHOP}": [record]}
    assert check(server)["dkim"].why == why


def test_a_key_on_trial_is_weak_and_two_keys_are_none(server: NameServer) -> None:
    name, key = f"s1._domainkey.{SHOP}", a_key()
    server.texts = {name: [f"v=DKIM1; t=y:s; p={key}"]}
    assert check(server)["dkim"].why == "dkim_trial"
    server.texts = {name: [f"p={key}", f"v=DKIM1; p={key}"]}
    assert check(server)["dkim"].why == "dkim_several"


def test_without_a_selector_no_key_is_asked_for(server: NameServer) -> None:
    assert check(server, selector="")["dkim"].why == "no_selector"
    assert not any("_domainkey" in each for each in server.asked)


def test_a_selector_that_makes_no_name_is_not_asked_for(server: NameServer) -> None:
    server.texts = {}
    for selector in ("x y", "a..b", "é", "x" * 64):
        assert check(server, selector=selector)["dkim"].why == "not_looked_up"
    assert not any("_domainkey" in each for each in server.asked)


@pytest.mark.parametrize(
    ("texts", "of_parent", "why"),
    [
        (["v=DMARC1; p=none"], False, "dmarc_none"),
        (["v=DMARC1; p=quarantine"], False, "dmarc_good"),
        (["v=DMARC1; rua=mailto:a@b.example"], False, "dmarc_broken"),
        (["v=DMARC1; p=maybe"], False, "dmarc_broken"),
        (["v=DMARC1; p=reject", "v=DMARC1; p=none"], False, "dmarc_several"),
        (["v=DMARC1; p=reject; sp=none"], True, "dmarc_none"),
        (["v=DMARC1; p=reject; sp=none"], False, "dmarc_good"),
        (["V=dmarc1; p=reject"], False, "dmarc_missing"),
    ],
)
def test_dmarc_says_what_is_done(texts: list[str], of_parent: bool, why: str) -> None:
    assert dmarc(texts, of_parent=of_parent).why == why


def test_the_domain_above_speaks_for_one_that_says_nothing(server: NameServer) -> None:
    server.texts = {f"_dmarc.{SHOP}": ["v=DMARC1; p=reject"]}
    found = check(server, domain=f"news.{SHOP}")["dmarc"]
    assert (found.why, found.at) == ("dmarc_good", f"_dmarc.{SHOP}")


@pytest.mark.parametrize("odd", ["silent", "garbage", "fails"])
def test_a_server_that_gives_no_answer_is_told_as_that(server: NameServer, odd: str) -> None:
    server.odd = odd
    lookup = Lookup(["127.0.0.1"], server.port, patience=0.05)
    found = lookup.check(SHOP, "s1")
    assert [each.why for each in found] == ["not_looked_up"] * 3
    assert {each.standing for each in found} == {Standing.UNKNOWN}


@pytest.mark.parametrize(
    "name",
    [
        *("", "localhost", "127.0.0.1", "[::1]", "a b.example", "pots.example/x", "-a.example"),
        *("é.example", "a..example", "x" * 64 + ".example", "a." * 130 + "example"),
    ],
)
def test_what_is_no_domain_is_not_asked_for(server: NameServer, name: str) -> None:
    assert not is_domain(name)
    assert {each.why for each in Lookup(["127.0.0.1"], server.port).check(name)} == {"no_domain"}
    assert server.asked == []


def test_long_and_odd_records_are_read_without_harm(server: NameServer) -> None:
    server.texts = {SHOP: ["v=spf1 " + "ip4:192.0.2.1 " * 30 + "-all", "é ☃ " * 20]}
    assert check(server)["spf"].why == "spf_good"
    assert tags_of("a=1;;=;b;a=2; c = d = e") == {"a": "1", "": "", "c": "d = e"}
