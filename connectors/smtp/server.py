"""Which server, and how it is spoken to: the URL of the settings, read once."""

from __future__ import annotations

import ipaddress
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qs, unquote, urlsplit

from connectors.protocols import AccountStopped

TIMEOUT = 30.0  # seconds for each wait before the message is written
ANSWER_TIMEOUT = 120.0  # seconds for the answer to it; a server may scan it meanwhile
PORTS = {"smtp": 587, "smtps": 465}

_FORM = "smtp://user:password@host:587 or smtps://user:password@host:465"


@dataclass(frozen=True, slots=True)
class Server:
    """A mail server. `tls`: "at once" (smtps), "starttls" (demanded), or "none".

    Its representation shows no password. Times are in seconds.
    """

    host: str
    port: int
    tls: str
    user: str | None
    password: str | None
    ca_file: str | None
    our_name: str
    timeout: float
    answer_timeout: float

    def __repr__(self) -> str:
        return f"Server({self.host}:{self.port}, {self.tls})"

    def tls_context(self) -> ssl.SSLContext:
        """Certificate and host name are verified. Raises `AccountStopped`."""
        try:
            return ssl.create_default_context(cafile=self.ca_file)
        except (OSError, ValueError) as error:
            raise AccountStopped("The file of certificate authorities cannot be read") from error


def server_of(credentials: Mapping[str, str], options: Mapping[str, str]) -> Server:
    """The server that `credentials["url"]` names, else `options["url"]`.

    `options` may hold `ca_file`, `our_name` (said in EHLO), `timeout` and `answer_timeout`.
    Raises `AccountStopped`; its words do not repeat the URL, which holds the password.
    """
    url = credentials.get("url") or options.get("url") or ""
    wrong = False
    try:
        found = urlsplit(url)
        port = found.port or PORTS[found.scheme]
        asked = parse_qs(found.query, strict_parsing=bool(found.query))
        tls = _tls(found.scheme, found.hostname or "", asked)
    except (ValueError, KeyError):
        wrong = True  # the causes repeat the URL
    if wrong or not found.hostname or found.path not in {"", "/"} or found.fragment:
        raise AccountStopped(f"The address of the mail server cannot be read: write it as {_FORM}")
    return Server(
        host=found.hostname,
        port=port,
        tls=tls,
        user=unquote(found.username) if found.username else None,
        password=unquote(found.password or "") if found.username else None,
        ca_file=options.get("ca_file") or None,
        our_name=options.get("our_name") or _our_name(),
        timeout=float(options.get("timeout") or TIMEOUT),
        answer_timeout=float(options.get("answer_timeout") or ANSWER_TIMEOUT),
    )


def _tls(scheme: str, host: str, asked: Mapping[str, list[str]]) -> str:
    wanted = asked.get("starttls", ["no" if is_loopback(host) else "yes"])
    if set(asked) - {"starttls"} or wanted not in (["yes"], ["no"]):
        raise ValueError("an option nobody knows")
    if scheme == "smtps":
        return "at once"
    return "starttls" if wanted == ["yes"] else "none"


def is_loopback(host: str) -> bool:
    """Whether what is said to `host` stays on this machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _our_name() -> str:
    """A full name, else an address: asking for one (`getfqdn`) may wait for a name server."""
    name = socket.gethostname()
    return name if "." in name and name.isascii() else "[127.0.0.1]"
