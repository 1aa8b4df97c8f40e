"""The house of the programmes' stories: our processes, and a shop, texts and mail outside.

Web, clock and worker are processes, started as a host starts them; the web speaks TLS. The
outsides are the stand-ins, in threads of the test. The time of all of them is one file, which
only goes forward.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
import requests
import trustme
from sqlalchemy import select, update

import settings as configuration
import start
from moment import FileClock
from recovery import tables
from recovery.programme_form import Programme, written
from recovery.reasons import Reason, read
from tests.house import Found, House, answers, until
from tests.programme_people import Person
from tests.standins.shopify import StandInShop, StandInShopify
from tests.standins.smtp import StandInMail
from tests.standins.smtp.stand_in import Entry as Mailed
from tests.standins.vonage import StandInVonage
from worker import programme_settings
from worker.__main__ import migrate

OURS = "+33644630001"  # takes replies, so that STOP is a word and no link
SHOPS_MAIL = "bonjour@atelier.example"
_PROCESSES = ("web", "clock", "worker")
_STEP = 0.05
_SUBSCRIPTIONS = 14


@dataclass(frozen=True)
class Outsides:
    """Who else there is; `ca_file` holds the authorities of all of them, and of our web."""

    shopify: StandInShopify
    vonage: StandInVonage
    mail: StandInMail
    ca_file: str
    web_key: str  # certificate and key of our web


class ProgrammeHouse(House):
    """Our three processes; shops that come and go; the time, moved forward to a moment."""

    def __init__(self, folder: Path, database_url: str, outsides: Outsides) -> None:
        super().__init__(folder, database_url)
        self.shopify, self.vonage, self.mail = outsides.shopify, outsides.vonage, outsides.mail
        self.address = f"https://127.0.0.1:{self.settings.port}"
        self.environment |= {
            "PUBLIC_URL": self.address,
            "GUNICORN_CMD_ARGS": f"--certfile {outsides.web_key} --keyfile {outsides.web_key}",
            "REQUESTS_CA_BUNDLE": outsides.ca_file,
            "SHOPIFY_API_KEY": self.shopify.api_key,
            "SHOPIFY_API_SECRET": self.shopify.api_secret,
            "SHOPIFY_HOST_OVERRIDE": self.shopify.url,
            "VONAGE_APPLICATION_ID": self.vonage.credentials["application_id"],
            "VONAGE_PRIVATE_KEY": self.vonage.credentials["private_key"],
            "VONAGE_SIGNATURE_SECRET": self.vonage.credentials["signature_secret"],
            "VONAGE_FROM": OURS,
            "VONAGE_API_HOST": self.vonage.host,
            "SMTP_URL": self.mail.url,
            "MAIL_FROM": SHOPS_MAIL,
        }
        self.settings = configuration.load(self.environment)
        self.vonage.status_url = f"{self.address}/hooks/vonage/status"
        self.vonage.inbound_url = f"{self.address}/hooks/vonage/inbound"
        self.shops: dict[str, Boutique] = {}

    def open(self) -> None:
        """Migrate, then start our processes; back once they answer and the clock ticks."""
        migrate(self.settings)
        self._running["valkey"] = start.start_valkey(self._redis_port, self.folder)
        for name in _PROCESSES:
            self.start(name)
        self.until(lambda: answers(f"{self.address}/readyz"))

    def until(
        self,
        question: Callable[[], Found],
        seconds: float = 60.0,
        told: Callable[[], str] | None = None,
    ) -> Found:
        """As of every house, with shorter looks: a story has many of them."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if found := question():
                return found
            time.sleep(_STEP)
        return until(question, 0.0, told or self._logs)

    # -- time --------------------------------------------------------------------------------

    def goes_to(self, moment: datetime) -> datetime:
        """Move everybody's time to `moment`, which is still to come.

        No poll is under way then: it would end with orders that are known long ago.
        """
        self.until(lambda: not any(row.poll_claimed_at for row in self.rows("shops")))
        self.clock.forward((moment - self.clock()).total_seconds())
        self.vonage.move_clock(self.clock.ahead())
        return moment

    def waits(self, **amount: float) -> datetime:
        """Move everybody's time on, as in `waits(hours=2)`."""
        return self.goes_to(self.clock() + timedelta(**amount))

    def looks_at_all(self) -> None:
        """Let the clock look twice at what is due now, and the worker end what it began."""
        for _ in range(2):
            moment = self.clock()
            self.until(lambda moment=moment: self._last_tick() > moment)
        self.until(lambda: not any(self.redis.llen(name) for name in _LINES))
        self.until(lambda: not self._is_one_on_its_way())
        self.shopify.settle()
        self.vonage.settle()

    def _is_one_on_its_way(self) -> bool:
        reminders, shops, now = tables.reminders, tables.shops, self.clock()
        due = (reminders.c.state == "scheduled") & (reminders.c.due_at <= now)
        asked = select(reminders.c.id).join(shops, shops.c.id == reminders.c.shop_id)
        ours = asked.where(due | (reminders.c.state == "sending"), shops.c.state == "active")
        with self.database.reading() as db:
            return db.execute(ours).first() is not None

    # -- who is there ------------------------------------------------------------------------

    def boutique(
        self, name: str, programme: Programme | Iterable[str] = (), **settings: Any
    ) -> Boutique:
        """The shop of that name: connected, known by its first poll, with that programme on.

        `programme` is one that was written, or words of the command line; `settings` are
        columns of its row. The same shop again for the same name.
        """
        if name not in self.shops:
            self.shops[name] = Boutique(self, name)
        shop = self.shops[name]
        if settings:
            shop.sets(**settings)
        shop.runs(programme)
        return shop

    def texts_to(self, number: str) -> list[str]:
        """The texts that Vonage took for that number."""
        bare = number.lstrip("+")
        return [str(each.text) for each in self.vonage.accepted() if each.to == bare]

    def mails_to(self, address: str) -> list[Mailed]:
        """The e-mails that the mail server took for that address."""
        return [each for each in self.mail.accepted() if address in each.recipients]


_LINES = ("rq:queue:send", "rq:queue:poll")


class Boutique:
    """A French shop at the stand-in Shopify, as its shoppers, its merchant and our rows see it."""

    def __init__(self, house: ProgrammeHouse, name: str) -> None:
        self.house, self.domain = house, f"{name}.myshopify.com"
        self.theirs: StandInShop = house.shopify.add_shop(
            self.domain,
            name=f"Atelier {name}",
            country="FR",
            timezone="Europe/Paris",
            locale="fr",
        )
        self._connects()

    def _connects(self) -> None:
        browser, shopify = requests.Session(), self.house.shopify
        asked = f"{self.house.address}/install/shopify?shop={self.domain}"
        away = browser.get(asked, allow_redirects=False, timeout=10)
        there = away.headers["Location"].replace(f"https://{self.domain}", shopify.url)
        there_too = {"Host": self.domain}
        granted = requests.get(there, headers=there_too, allow_redirects=False, timeout=10)
        answer = browser.get(granted.headers["Location"], timeout=10)
        assert answer.status_code == 200, answer.text
        browser.close()
        self.id = self.row.id
        self.sets(held="")  # its merchant says "on"
        self.house.until(lambda: self.row.last_poll_at is not None)
        assert len(self.theirs.subscriptions) >= _SUBSCRIPTIONS
        assert (self.row.timezone, self.row.country) == ("Europe/Paris", "FR")
        assert not self.row.any_hour

    @property
    def row(self) -> Any:
        """Its row of ours."""
        return next(row for row in self.house.rows("shops") if row.address == self.domain)

    def sets(self, **settings: Any) -> None:
        """Set columns of its row."""
        change = update(tables.shops).where(tables.shops.c.id == self.id).values(**settings)
        self.house.database.run(lambda db: db.execute(change))

    def runs(self, programme: Programme | Iterable[str]) -> None:
        """Take over a programme by the words of the command line, or by a file of one."""
        words = programme
        if isinstance(programme, Programme):
            file = self.house.folder / f"{self.domain}.json"
            file.write_text(written(programme))
            words = [f"file={file}"]
        given, now = list(words), self.house.clock()
        if given:
            programme_settings.change(self.house.database, self.row.key, given, now)

    # -- what its shoppers do ----------------------------------------------------------------

    def is_left(self, by: Person, price: str = "60.00", **typed: Any) -> Any:
        """A shopper types a contact at the checkout and goes away; our row of the cart."""
        known = {row.id for row in self.house.rows("carts")}
        checkout = self.theirs.add_checkout(
            [{"title": "Robe Garance", "price": price, "image": "https://cdn.example/robe.jpg"}],
            **by.typed() | typed,
        )
        self.house.shopify.settle()
        (cart,) = self.house.until(
            lambda: [row for row in self.house.rows("carts") if row.id not in known]
        )
        return Left(self.house, self, checkout.id, cart.id)

    def polled(self) -> None:
        """Let the next look at its orders be now, and wait for its end."""
        before = self.row.last_poll_at
        self.sets(next_poll_at=None)
        self.house.until(lambda: self.row.last_poll_at > before)


@dataclass(frozen=True)
class Left:
    """A cart that was left, and what became of its reminders."""

    house: ProgrammeHouse
    shop: Boutique
    checkout: int
    id: int

    def is_ordered(self, **details: Any) -> Any:
        """Its shopper pays; the order at the shop."""
        order = self.shop.theirs.complete_checkout(self.checkout, **details)
        self.house.shopify.settle()
        return order

    @property
    def row(self) -> Any:
        """Its row."""
        return next(row for row in self.house.rows("carts") if row.id == self.id)

    def steps(self) -> dict[tuple[int, str], Any]:
        """Its reminders by the programme of carts, by step and channel."""
        all_rows = self.house.rows("reminders")
        rows = [row for row in all_rows if (row.cart_id, row.programme) == (self.id, "cart")]
        found = {(row.step, row.channel): row for row in rows}
        assert len(found) == len(rows), "two rows for one step and channel"
        return found

    def states(self) -> dict[tuple[int, str], str]:
        """The states of its reminders, by step and channel."""
        return {place: str(row.state) for place, row in self.steps().items()}

    def why(self, step: int, channel: str) -> list[Reason]:
        """Why that one was not sent."""
        return read(self.steps()[step, channel].reasons)

    def comes_to(self, state: str, step: int = 1, channel: str = "sms") -> Any:
        """Wait until that reminder is in that state; its row."""
        found = (step, channel)
        self.house.until(lambda: self.states().get(found) == state, told=self._told)
        return self.steps()[step, channel]

    def _told(self) -> str:
        told = "\n".join(
            f"{place}: {row.state}, due {row.due_at}, {row.reasons}"
            for place, row in self.steps().items()
        )
        return f"at {self.house.clock()}\n{told}\n{self.house._logs()}"


@contextmanager
def open_outsides(folder: Path, clock: FileClock) -> Iterator[Outsides]:
    """The stand-ins, and the certificate of our web."""
    authority = trustme.CA()
    web_ca, web_key, ca_file = (folder / name for name in ("web-ca.pem", "web.pem", "ca.pem"))
    authority.cert_pem.write_to_path(web_ca)
    authority.issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(web_key)
    with (
        StandInShopify(now=clock, retry_scale=0.0, hooks_ca=str(web_ca)) as shopify,
        StandInVonage(hooks_ca=str(web_ca)) as vonage,
        StandInMail() as mail,
    ):
        parts = (web_ca, Path(shopify.ca_file), Path(vonage.ca_file))
        ca_file.write_text("".join(part.read_text() for part in parts))
        yield Outsides(shopify, vonage, mail, str(ca_file), str(web_key))


@contextmanager
def open_programme_house(
    folder: Path, database_url: str, begins: datetime
) -> Iterator[ProgrammeHouse]:
    """A house in which it is `begins` when its processes start; closed again at last."""
    clock = FileClock(folder / "clock")
    clock.forward((begins - clock()).total_seconds())
    with open_outsides(folder, clock) as outsides, pytest.MonkeyPatch.context() as patch:
        patch.setenv("REQUESTS_CA_BUNDLE", outsides.ca_file)
        house = ProgrammeHouse(folder, database_url, outsides)
        try:
            house.vonage.move_clock(clock.ahead())
            house.open()
            yield house
        finally:
            house.close()


@contextmanager
def a_house(
    request: pytest.FixtureRequest, kind: str, begins: datetime
) -> Iterator[ProgrammeHouse]:
    """A house for one file of stories, on a fresh database: "sqlite" or "postgresql"."""
    name = request.path.stem
    folder = request.getfixturevalue("tmp_path_factory").mktemp(name)
    if kind == "sqlite":
        shutil.copy(request.getfixturevalue("sqlite_template"), folder / "relance.sqlite")
        with open_programme_house(folder, f"sqlite:///{folder / 'relance.sqlite'}", begins) as one:
            yield one
        return
    base = request.getfixturevalue("postgres")
    with psycopg.connect(base, autocommit=True) as server:
        made = f"CREATE DATABASE {name} TEMPLATE template STRATEGY FILE_COPY"
        server.execute(made.encode())
        url = base.replace("/postgres?", f"/{name}?", 1)
        with open_programme_house(folder, url, begins) as one:
            yield one
        server.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())
