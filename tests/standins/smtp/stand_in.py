"""The stand-in itself: a mail server on loopback, and its record."""

from __future__ import annotations

import asyncio
import ssl
import tempfile
import threading
from dataclasses import asdict, dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any, Self

import trustme
from aiosmtpd.smtp import AuthResult, LoginPassword

from tests.standins.smtp.talk import Talk
from tests.standins.smtp.weather import Answer, Sky, Weather


@dataclass(frozen=True, slots=True)
class Entry:
    """One e-mail as far as it came. `over_tls`: whether its line was encrypted."""

    sender: str
    recipients: tuple[str, ...]
    accepted: bool
    content: bytes
    options: tuple[str, ...] = ()
    over_tls: bool = False

    @property
    def mail(self) -> EmailMessage:
        """The e-mail, read."""
        found = message_from_bytes(self.content, policy=policy.SMTPUTF8)
        assert isinstance(found, EmailMessage)
        return found


class StandInMail:
    """A mail server. Use it in a `with`; ask it what came.

    `url` is what a messenger takes, `ca_file` the authority it is to trust. `tls`: "none",
    "starttls" (offered, and demanded before a log-in or an e-mail) or "at once". With `user`
    and `password` nobody writes before the log-in.
    """

    def __init__(
        self,
        weather: Weather | None = None,
        *,
        tls: str = "none",
        user: str | None = None,
        password: str = "",
        smtputf8: bool = True,
        auth_without: tuple[str, ...] = (),
    ) -> None:
        self.sky = Sky(weather or Weather())
        self.tls, self.user, self.password = tls, user, password
        self.smtputf8, self.auth_without = smtputf8, auth_without
        self.record: list[Entry] = []
        self.connections = 0
        self.lines: set[Talk] = set()
        self.hung_up = threading.Event()
        self._folder = tempfile.TemporaryDirectory(prefix="stand-in-mail-")
        self.ca_file = str(Path(self._folder.name) / "ca.pem")

    # Starting and stopping

    def __enter__(self) -> Self:
        started = threading.Event()
        self._thread = threading.Thread(
            target=lambda: asyncio.run(self._serve(started)), name="mail-stand-in", daemon=True
        )
        self._thread.start()
        if not started.wait(10):
            raise OSError("the stand-in mail server did not start")
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(timeout=10)
        self._folder.cleanup()

    async def _serve(self, started: threading.Event) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        context = self._context() if self.tls != "none" else None
        server = await self._loop.create_server(
            lambda: self._talk(context),
            "127.0.0.1",
            0,
            ssl=context if self.tls == "at once" else None,
        )
        self.port = server.sockets[0].getsockname()[1]
        started.set()
        await self._stop.wait()
        server.close()
        for line in list(self.lines):
            if line.transport is not None:
                line.transport.abort()
        await asyncio.sleep(0)

    def _context(self) -> ssl.SSLContext:
        authority = trustme.CA()
        authority.cert_pem.write_to_path(self.ca_file)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("127.0.0.1").configure_cert(context)
        return context

    def _talk(self, context: ssl.SSLContext | None) -> Talk:
        return Talk(
            self,
            enable_SMTPUTF8=self.smtputf8,
            hostname="mail.example",
            tls_context=context if self.tls == "starttls" else None,
            require_starttls=self.tls == "starttls",
            auth_required=self.user is not None,
            auth_require_tls=self.tls == "starttls",
            auth_exclude_mechanism=self.auth_without,
            authenticator=self._let_in,
            loop=self._loop,
        )

    def _let_in(self, server: Any, session: Any, envelope: Any, how: str, who: Any) -> AuthResult:
        assert isinstance(who, LoginPassword)
        ours = (str(self.user).encode(), self.password.encode())
        return AuthResult(success=(who.login, who.password) == ours, handled=False)

    @property
    def url(self) -> str:
        """Without a log-in; `url_for` names one."""
        return self.url_for("")

    def url_for(self, who: str) -> str:
        """The URL with `who` ("user:password", percent-encoded) before its host."""
        scheme = "smtps" if self.tls == "at once" else "smtp"
        asked = "?starttls=yes" if self.tls == "starttls" else ""
        return f"{scheme}://{who + '@' if who else ''}127.0.0.1:{self.port}{asked}"

    # What came

    def note(self, envelope: Any, answer: Answer, session: Any = None) -> None:
        """Write an e-mail down, as far as it came."""
        content = envelope.original_content or b""
        self.record.append(
            Entry(
                sender=envelope.mail_from or "",
                recipients=tuple(envelope.rcpt_tos),
                accepted=answer.accepted,
                content=content,
                options=tuple(envelope.mail_options),
                over_tls=bool(getattr(session, "ssl", None)) or self.tls == "at once",
            )
        )

    def accepted(self) -> list[Entry]:
        """The e-mails taken, in the order of their arrival."""
        return [entry for entry in self.record if entry.accepted]

    # Steering

    def change(self, **weather: Any) -> None:
        """Set these fields of the weather; the dice and the greylist start anew."""
        known = asdict(self.sky.weather)
        self.sky = Sky(Weather(**{**known, "script": [], **weather}))
        self.hung_up.clear()

    def close_idle(self) -> None:
        """Close every open line in good order; back when that is done."""
        done = threading.Event()

        def close() -> None:
            for line in list(self.lines):
                line.hang_up()
            self._loop.call_later(0.005, done.set)

        self._loop.call_soon_threadsafe(close)
        assert done.wait(10)
