"""One connection's talk, on aiosmtpd, bent to what the weather says."""

from __future__ import annotations

import asyncio
import socket
import struct
from typing import TYPE_CHECKING, Any

from aiosmtpd.smtp import SMTP

from tests.standins.smtp.weather import Answer

if TYPE_CHECKING:
    from tests.standins.smtp.stand_in import StandInMail


class Talk(SMTP):
    """The protocol; the hooks of `Hooks` say yes and no, this one may also fall silent."""

    def __init__(self, stand_in: StandInMail, **given: Any) -> None:
        super().__init__(Hooks(stand_in), **given)
        self.stand_in = stand_in
        self.answer: Answer | None = None
        self.taken = 0

    def connection_made(self, transport: Any) -> None:
        if self.transport is None:  # not the second time, after STARTTLS
            self.stand_in.connections += 1
            self.stand_in.lines.add(self)
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        self.stand_in.lines.discard(self)
        # The socket itself is closed a turn later.
        asyncio.get_running_loop().call_later(0.005, self.stand_in.hung_up.set)
        super().connection_lost(error)

    async def smtp_DATA(self, arg: str) -> None:
        answer = self.answer
        if answer is None or answer.at != "data":
            await super().smtp_DATA(arg)
        elif answer.words:
            self.stand_in.note(self.envelope, answer)
            await self.push(answer.words)
        else:
            self.stand_in.note(self.envelope, answer)
            await self.push("354 End data with <CR><LF>.<CR><LF>")
            await self.end(answer.ending)

    async def end(self, ending: str) -> None:
        """The line ends, or nothing is ever said on it again."""
        if ending == "silence":
            await asyncio.Event().wait()
        raw: socket.socket = self.transport.get_extra_info("socket")
        if ending == "reset":
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.transport.abort()
        else:
            self.transport.close()

    def hang_up(self) -> None:
        """Close in good order, as a server does after a while."""
        if self.transport is not None:
            self.transport.close()


class Hooks:
    """What is said to MAIL, RCPT and the final dot."""

    def __init__(self, stand_in: StandInMail) -> None:
        self.stand_in = stand_in

    async def handle_MAIL(
        self, server: Talk, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        answer = server.answer = self.stand_in.sky.next_answer()
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        if answer.at == "mail":
            self.stand_in.note(envelope, answer)
            envelope.mail_from = None
            return await _said(server, answer, "")
        return "250 2.1.0 Ok"

    async def handle_RCPT(
        self, server: Talk, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        answer = server.answer
        if self.stand_in.sky.is_put_off(envelope.mail_from, address):
            return "450 4.2.0 <" + address + ">: Recipient address rejected: Greylisted"
        if answer is not None and answer.at == "rcpt":
            self.stand_in.note(envelope, answer)
            return await _said(server, answer, address)
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 Ok"

    async def handle_DATA(self, server: Talk, session: Any, envelope: Any) -> str:
        answer = server.answer
        assert answer is not None
        server.taken += 1
        limit = self.stand_in.sky.weather.close_after
        self.stand_in.note(envelope, answer, session)
        if limit is not None and server.taken >= limit:
            asyncio.get_running_loop().call_later(0.001, server.hang_up)
        return await _said(server, answer, envelope.rcpt_tos[0])

    async def handle_exception(self, error: Exception) -> str:
        return "451 4.3.0 the stand-in failed: " + type(error).__name__


async def _said(server: Talk, answer: Answer, recipient: str) -> str:
    if answer.ending != "reply":
        await server.end(answer.ending)
    return (answer.words or "250 2.0.0 Ok: queued").replace("{recipient}", recipient)
