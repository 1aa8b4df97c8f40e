"""Whether a domain says in the DNS who may send its e-mails: SPF, DKIM and DMARC.

The reading of records is pure (`spf`, `dkim`, `dmarc`). `Lookup` asks for TXT records, and for
nothing else, of names that are domains by their form: nobody is led to another host by it.
What cannot be looked up is said so, and raises nothing.
"""

from __future__ import annotations

import base64
import binascii
import re
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

import dns.exception
import dns.name
import dns.resolver
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key

PATIENCE = 3.0  # seconds for one question
WHOLE_PATIENCE = 9.0  # seconds for all questions of one check
MOST_LOOKUPS = 10  # that an SPF record may cause, RFC 7208 4.6.4
SHORT_KEY = 1024  # bits; shorter keys are not believed, RFC 8301 3.2
_LONGEST = 4096  # characters of a record that are read
_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?", re.ASCII)
_ASKS = re.compile(r"[+\-~?]?(?:include:|a(?:[:/]|$)|mx(?:[:/]|$)|ptr(?::|$)|exists:)|redirect=")
_FURTHER = re.compile(r"(?:[+\-~?]?include:|redirect=)(.+)")


class Standing(StrEnum):
    """How one of the three stands."""

    GOOD = "good"
    WEAK = "weak"  # works, and could be better
    BAD = "bad"
    UNKNOWN = "unknown"  # could not be looked up, or not yet


@dataclass(frozen=True, slots=True)
class Finding:
    """One of "spf", "dkim", "dmarc": `why` names what was found, `record` is what it says."""

    about: str
    standing: Standing
    why: str
    at: str = ""
    record: str = ""


class NotLookedUp(Exception):
    """The DNS gave no answer, or none that can be read."""


Ask = Callable[[str], list[str]]  # the TXT records of a name; raises `NotLookedUp`


def is_domain(name: str) -> bool:
    """Whether `name` has the form of a public domain, in ASCII."""
    labels = name.split(".")
    fits = len(name) <= 253 and len(labels) > 1 and all(_LABEL.fullmatch(each) for each in labels)
    return fits and not labels[-1].isdigit()


class Lookup:
    """Asks for TXT records, of the machine's own name servers unless others are named."""

    def __init__(
        self, nameservers: Sequence[str] = (), port: int = 53, patience: float = PATIENCE
    ) -> None:
        self._nameservers, self._port, self._patience = list(nameservers), port, patience

    def check(self, domain: str, selector: str = "") -> list[Finding]:
        """SPF, DKIM and DMARC of `domain`; never raises for what the DNS says, or does not."""
        name = domain.strip().rstrip(".").lower()
        if not is_domain(name):
            return [Finding(each, Standing.UNKNOWN, "no_domain") for each in _ALL]
        asked = self._asker()
        return [
            _told("spf", name, lambda: spf(asked(name), asked, name)),
            _dkim(name, selector.strip().lower(), asked),
            _told("dmarc", f"_dmarc.{name}", lambda: _dmarc(name, asked)),
        ]

    def _asker(self) -> Ask:
        until = time.monotonic() + WHOLE_PATIENCE

        def ask(name: str) -> list[str]:
            left = min(self._patience, until - time.monotonic())
            if left <= 0 or not is_domain(name):
                raise NotLookedUp
            return self._texts(name, left)

        return ask

    def _texts(self, name: str, patience: float) -> list[str]:
        try:
            resolver = dns.resolver.Resolver(configure=not self._nameservers)
            if self._nameservers:
                resolver.nameservers = list(self._nameservers)
                resolver.port = self._port
            absolute = dns.name.from_text(f"{name}.")
            answer = resolver.resolve(absolute, "TXT", lifetime=patience, search=False)
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            return []
        except (dns.exception.DNSException, OSError, ValueError) as error:
            raise NotLookedUp from error
        parts = (b"".join(getattr(each, "strings", ())) for each in answer)
        return [part.decode("utf-8", "replace")[:_LONGEST] for part in parts]


_ALL = ("spf", "dkim", "dmarc")


def _told(about: str, at: str, find: Callable[[], Finding]) -> Finding:
    try:
        return find()
    except NotLookedUp:
        return Finding(about, Standing.UNKNOWN, "not_looked_up", at)


# -- SPF, RFC 7208 -----------------------------------------------------------------------------


def spf(texts: Iterable[str], ask: Ask, at: str = "") -> Finding:
    """What the TXT records of a domain say of its senders."""
    found = _spf_of(texts)
    if not found:
        return Finding("spf", Standing.BAD, "spf_missing", at)
    if len(found) > 1:
        return Finding("spf", Standing.BAD, "spf_several", at, "\n".join(found))
    record = found[0]
    standing, why = _ending(_terms(record))
    if why != "spf_open" and _lookups(record, ask) > MOST_LOOKUPS:
        standing, why = Standing.BAD, "spf_lookups"
    return Finding("spf", standing, why, at, record)


def _spf_of(texts: Iterable[str]) -> list[str]:
    return [each for each in texts if each.split(" ")[0].lower() == "v=spf1"]


def _terms(record: str) -> list[str]:
    return [each.lower() for each in record.split()[1:]]


def _ending(terms: list[str]) -> tuple[Standing, str]:
    if "all" in terms or "+all" in terms:
        return Standing.BAD, "spf_open"
    if "-all" in terms or "~all" in terms or any(each.startswith("redirect=") for each in terms):
        return Standing.GOOD, "spf_good"
    return Standing.WEAK, "spf_no_end"


def _lookups(record: str, ask: Ask) -> int:
    """How many questions a receiver asks for this record, as far as it takes to see too many."""
    waiting, seen, count = [record], set[str](), 0
    while waiting and count <= MOST_LOOKUPS:
        terms = _terms(waiting.pop())
        count += sum(1 for each in terms if _ASKS.match(each))
        for each in terms:
            further = _FURTHER.fullmatch(each)
            name = further[1].rstrip(".") if further else ""
            if is_domain(name) and name not in seen and len(seen) <= MOST_LOOKUPS:
                seen.add(name)
                waiting += _spf_of(ask(name))[:1]
    return count


# -- DKIM, RFC 6376 ----------------------------------------------------------------------------


def _dkim(domain: str, selector: str, ask: Ask) -> Finding:
    at = f"{selector}._domainkey.{domain}"
    if not selector:
        return Finding("dkim", Standing.UNKNOWN, "no_selector", f"….{at.lstrip('.')}")
    return _told("dkim", at, lambda: dkim(ask(at), at))


def dkim(texts: Iterable[str], at: str = "") -> Finding:
    """What the TXT records of a selector say of its key."""
    keys = [(each, tags_of(each)) for each in texts]
    found = [(record, tags) for record, tags in keys if "p" in tags and _is_dkim(tags)]
    if not found:
        return Finding("dkim", Standing.BAD, "dkim_missing", at)
    record, tags = found[0]
    if len(found) > 1:
        return Finding(
            "dkim", Standing.BAD, "dkim_several", at, "\n".join(each for each, _ in found)
        )
    if not tags["p"]:
        return Finding("dkim", Standing.BAD, "dkim_taken_back", at, record)
    bits = _bits(tags)
    if bits is None or bits < SHORT_KEY:
        why = "dkim_broken" if bits is None else "dkim_short"
        return Finding("dkim", Standing.BAD, why, at, record)
    if "y" in tags.get("t", "").split(":"):
        return Finding("dkim", Standing.WEAK, "dkim_trial", at, record)
    return Finding("dkim", Standing.GOOD, "dkim_good", at, record)


def _is_dkim(tags: dict[str, str]) -> bool:
    return tags.get("v", "DKIM1").upper() == "DKIM1"


def _bits(tags: dict[str, str]) -> int | None:
    """The length of the key; an Ed25519 key (RFC 8463) counts as a long one."""
    try:
        key = base64.b64decode("".join(tags["p"].split()), validate=True)
        if tags.get("k", "rsa").lower() == "ed25519":
            return 4096 if len(key) == 32 else None
        found = load_der_public_key(key)
    except (binascii.Error, ValueError, UnsupportedAlgorithm):
        return None
    return found.key_size if isinstance(found, RSAPublicKey) else None


def tags_of(record: str) -> dict[str, str]:
    """The tags of a record such as "v=DKIM1; k=rsa; p=…"; the first of each name counts."""
    found: dict[str, str] = {}
    for each in record.split(";"):
        name, equals, value = each.partition("=")
        if equals:
            found.setdefault(name.strip().lower(), value.strip())
    return found


# -- DMARC, RFC 7489 ---------------------------------------------------------------------------


def _dmarc(domain: str, ask: Ask) -> Finding:
    """Of the domain itself, else of the one that it belongs to."""
    first = dmarc(ask(f"_dmarc.{domain}"), f"_dmarc.{domain}")
    parent = ".".join(domain.split(".")[-2:])
    if first.why != "dmarc_missing" or parent == domain:
        return first
    above = dmarc(ask(f"_dmarc.{parent}"), f"_dmarc.{parent}", of_parent=True)
    return first if above.why == "dmarc_missing" else above


def dmarc(texts: Iterable[str], at: str = "", of_parent: bool = False) -> Finding:
    """What the TXT records of `_dmarc.` say is done with what fails."""
    found = [each for each in texts if re.match(r"v\s*=\s*DMARC1\s*(?:;|$)", each)]
    if not found:
        return Finding("dmarc", Standing.BAD, "dmarc_missing", at)
    if len(found) > 1:
        return Finding("dmarc", Standing.BAD, "dmarc_several", at, "\n".join(found))
    tags = tags_of(found[0])
    policy = tags.get("p", "").lower()
    if of_parent:
        policy = tags.get("sp", policy).lower()
    if policy in ("quarantine", "reject"):
        return Finding("dmarc", Standing.GOOD, "dmarc_good", at, found[0])
    why = "dmarc_none" if policy == "none" else "dmarc_broken"
    standing = Standing.WEAK if policy == "none" else Standing.BAD
    return Finding("dmarc", standing, why, at, found[0])
