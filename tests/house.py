"""The whole house as real processes on free ports, for the stories that need all of it."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import requests
from redis import Redis

import settings as configuration
import start
from connectors.sandbox.shared_secret import sandbox_secret
from moment import FileClock
from recovery import tables
from recovery.database import Database
from tests.recovery.stories import rows

Found = TypeVar("Found")

PATIENCE = 90.0  # seconds until a story is given up; on a quiet machine it needs few of them
STEP = 0.1
QUEUES = ("rq:queue:send", "rq:queue:poll")
PROCESSES = ("web", "clock", "worker", "sandbox")


def environment_for(folder: Path, database_url: str, **more: str) -> dict[str, str]:
    """An environment in which everything that is kept lies in `folder` or that database."""
    own = {name: text for name, text in os.environ.items() if name not in configuration.names()}
    return own | {
        "DATABASE_URL": database_url,
        "PORT": str(start.free_port()),
        "SANDBOX_PORT": str(start.free_port()),
        "SECRET_KEY": "a-secret-that-is-only-for-tests",
        "ENCRYPTION_KEYS": "a-key-that-is-only-for-tests",
        "CLOCK_FILE": str(folder / "clock"),
        **more,
    }


def until(
    question: Callable[[], Found], seconds: float = PATIENCE, told: Callable[[], str] = str
) -> Found:
    """Ask again and again; the first answer that is true. Fails when the time is up."""
    end = time.monotonic() + seconds
    while True:
        found = question()
        if found:
            return found
        assert time.monotonic() < end, f"it did not come about in {seconds:.0f} s\n{told()}"
        time.sleep(STEP)


def answers(address: str) -> bool:
    """Whether that address answers 200."""
    try:
        return requests.get(address, timeout=5).status_code == 200
    except requests.RequestException:
        return False


def descendants(pid: int) -> set[int]:
    """The processes that a process started, and those that they started."""
    parents: dict[int, int] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parents[int(folder.name)] = int(
                (folder / "stat").read_text().rpartition(")")[2].split()[1]
            )
        except (OSError, ValueError):
            continue  # it ended while we looked
    found, more = set[int](), {pid}
    while more:
        more = {child for child, parent in parents.items() if parent in more} - found
        found |= more
    return found


def is_alive(pid: int) -> bool:
    """Whether a process runs; one that ended and waits to be noticed does not."""
    try:
        return _stat(Path(f"/proc/{pid}"))[0] != "Z"
    except OSError:
        return False


def _stat(folder: Path) -> list[str]:
    # State, parent, …: what follows the name, which may hold spaces and brackets.
    return (folder / "stat").read_text().rpartition(")")[2].split()


class House:
    """Web, clock, worker, sandbox and Valkey, each a process that can be killed."""

    def __init__(self, folder: Path, database_url: str) -> None:
        self.folder = folder
        self._redis_port = start.free_port()
        redis_url = f"redis://127.0.0.1:{self._redis_port}/0"
        self.environment = environment_for(folder, database_url, REDIS_URL=redis_url)
        self.settings = configuration.load(self.environment)
        self.address = f"http://127.0.0.1:{self.settings.port}"
        self.shop = f"http://127.0.0.1:{self.settings.sandbox_port}"
        self.clock = FileClock(Path(self.settings.clock_file))
        self.database = Database(database_url)
        self.redis = Redis.from_url(redis_url)
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    # -- the processes -------------------------------------------------------------------

    def open(self) -> None:
        """Start all of it; back once every part answers and the clock ticks."""
        start.prepare(self.settings)
        self._running["valkey"] = start.start_valkey(self._redis_port, self.folder)
        for name in PROCESSES:
            self.start(name)
        self.until(lambda: answers(f"{self.shop}/healthz"))
        self.until(lambda: answers(f"{self.address}/readyz"))

    def start(self, name: str) -> None:
        """Start one process by the command that a host would use."""
        with (self.folder / f"{name}.log").open("ab") as log:
            self._running[name] = subprocess.Popen(
                shlex.split(start.commands()[name]),
                env=self.environment,
                cwd=configuration.HERE,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def kill(self, name: str) -> None:
        """`kill -9`: no word of farewell."""
        self._end(name, signal.SIGKILL)

    def close(self) -> None:
        """Stop everything that still runs."""
        everybody = [name for name in self._running if name != "valkey"]
        for name in everybody:
            os.killpg(self._running[name].pid, signal.SIGTERM)
        for name in [*everybody, *self._running.keys() - set(everybody)]:
            self._end(name, signal.SIGTERM)
        self.redis.close()
        self.database.close()

    def _end(self, name: str, how: signal.Signals) -> None:
        process = self._running.pop(name)
        if process.poll() is None:
            os.killpg(process.pid, how)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(20)

    # -- time --------------------------------------------------------------------------------

    def until(self, question: Callable[[], Found], seconds: float = PATIENCE) -> Found:
        """`until`, and the ends of the logs when it did not come about."""
        return until(question, seconds, self._logs)

    def time_passes(self, seconds: float) -> None:
        """Move the time of every process, and let the clock look twice at what is due then."""
        self.clock.forward(seconds)
        for _ in range(2):
            moment = self.clock()
            self.until(lambda moment=moment: self._last_tick() > moment)
        self.until(
            lambda: not any(self.redis.llen(f"rq:queue:{name}") for name in ("send", "poll"))
        )

    def _last_tick(self) -> datetime:
        (pulse,) = rows(self.database, tables.pulses)
        found: datetime = pulse.at
        return found

    def _logs(self) -> str:
        ends = [(file.name, file.read_text()[-1500:]) for file in self.folder.glob("*.log")]
        return "\n".join(f"--- {name}\n{end}" for name, end in ends)

    # -- what can be seen --------------------------------------------------------------------

    def texts(self, number: str) -> list[str]:
        """The texts that lie on that phone, in the order in which they came."""
        secret = sandbox_secret(self.settings.secret_key)
        bearer = {"Authorization": f"Bearer {secret}"}
        answer = requests.get(
            f"{self.shop}/api/texts", params={"number": number}, headers=bearer, timeout=10
        )
        return [each["text"] for each in answer.json()["texts"] if not each["inbound"]]

    def rows(self, table: str) -> list[Any]:
        """All rows of a table."""
        return rows(self.database, tables.metadata.tables[table])


#: How a browser on a phone names itself.
PHONE = (
    "Mozilla/5.0 (Linux; Android 15; Phone) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/140.0.0.0 Mobile Safari/537.36"
)


class Shopper:
    """Somebody with a browser."""

    def __init__(self, shop: str) -> None:
        self.shop = shop
        self.browser = requests.Session()
        self.browser.trust_env = False
        self.browser.headers["User-Agent"] = PHONE  # else it counts as a program

    def opens(self, address: str) -> requests.Response:
        """Look at a page of the shop, or follow a link."""
        whole = address if address.startswith("http") else self.shop + address
        return self.browser.get(whole, timeout=10)

    def leaves_a_cart(self, *products: str, **typed: str | bool) -> None:
        """Put them in the cart, type a contact at the checkout, and go away."""
        for product in products:
            self._posts("/cart/add", {"product": product})
        self.opens("/checkout")
        saved = self.browser.post(f"{self.shop}/checkout/save", json=typed, timeout=10)
        assert saved.json() == {"saved": True, "errors": {}}
        self._posts("/leave", {name: text for name, text in typed.items() if text})

    def orders(self) -> str:
        """Press the button of the checkout; the address of the order's page."""
        answer = self._posts("/order", {})
        assert "/order/" in answer.url
        return answer.url

    def replies(self, number: str, text: str) -> None:
        """Answer on the phone."""
        self._posts("/phone/reply", {"number": number, "text": text})

    def goes(self) -> None:
        """Close the browser."""
        self.browser.close()

    def _posts(self, path: str, form: dict[str, Any]) -> requests.Response:
        answer = self.browser.post(self.shop + path, data=form, timeout=10)
        assert answer.status_code == 200, f"{path}: {answer.status_code}"
        return answer


@contextmanager
def open_house(folder: Path, database_url: str) -> Iterator[House]:
    """A house that is closed again, whatever happens in it."""
    house = House(folder, database_url)
    try:
        house.open()
        yield house
    finally:
        house.close()
