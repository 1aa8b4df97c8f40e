"""A shop in which the plugin runs: a real WordPress, a stand-in WooCommerce, real PHP processes.

with Shop.start(plugin_dir) as shop:
    shirt = shop.add_product("T-shirt", "25.00", stock=5)
    browser = shop.browser()
    browser.post(f"{shop.url}/?add-to-cart={shirt.id}")
"""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from types import TracebackType

import requests

from tests.standins.wordpress import needs, template
from tests.standins.wordpress.database import MariaDb
from tests.standins.wordpress.merchant import Merchant

HERE = Path(__file__).resolve().parent
WORKERS = 4
START_WITHIN = 40.0  # seconds; a machine with other work needs many of them


class Shop(Merchant):
    """One running shop. `url` is its address; `folder` holds its database and its logs."""

    def __init__(
        self, folder: Path, core: Path, port: int, *, quiet_cron: bool, owned: bool
    ) -> None:
        address, secret = f"http://127.0.0.1:{port}", secrets.token_hex(16)
        super().__init__(address, secret)
        self.folder, self.port = folder, port
        self._core, self._owned = core, owned
        self._environment = template.environment(folder, address) | {
            "STANDIN_SECRET": secret,
            "STANDIN_QUIET_CRON": "1" if quiet_cron else "",
            "PHP_CLI_SERVER_WORKERS": str(WORKERS),
        }
        self._database: MariaDb | None = None
        self._process: subprocess.Popen[bytes] | None = None

    @classmethod
    def start(
        cls,
        plugin_dir: Path | str | None = None,
        port: int = 0,
        *,
        wordpress: str = needs.WORDPRESS,
        database: str = "sqlite",
        quiet_cron: bool = True,
        activate: bool = True,
        keep_in: Path | None = None,
    ) -> Shop:
        """A new shop with this plugin switched on.

        `database`: "sqlite" (quick) or "mysql" (a MariaDB of its own, some seconds more).
        `quiet_cron`: visits start no WP-Cron, only `run_cron()` and `/wp-cron.php` do.
        `keep_in`: a folder that stays afterwards. Raises `needs.Missing` when the machine
        lacks something.
        """
        core = needs.require(wordpress, database=database)
        folder = keep_in or Path(tempfile.mkdtemp(prefix="shop-"))
        shop = cls(folder, core, port or _free_port(), quiet_cron=quiet_cron, owned=keep_in is None)
        try:
            shop._furnish(wordpress, database)
            shop.serve()
            if plugin_dir is not None:
                shop.add_plugin(Path(plugin_dir), activate=activate)
        except BaseException:
            shop.stop()
            raise
        return shop

    def _furnish(self, wordpress: str, database: str) -> None:
        if database == "sqlite":
            ready = template.template(self._core, wordpress)
            shutil.copytree(ready, self.folder, symlinks=True, dirs_exist_ok=True)
            return
        self._database = MariaDb()
        self._database.open()
        self._database.say("CREATE DATABASE shop CHARACTER SET utf8mb4")
        self._environment |= template.on_mysql(self._database.socket)
        template.install(self._core, self.folder, self._environment)

    def serve(self) -> None:
        """Start (or start again) the PHP processes; back once the shop answers."""
        command = [*template.PHP, "-S", f"127.0.0.1:{self.port}", "-t", str(self._core)]
        with (self.folder / "server.log").open("ab") as log:
            self._process = subprocess.Popen(
                [*command, str(HERE / "site" / "router.php")],
                env=self._environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        until = time.monotonic() + START_WITHIN
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > until:
                raise RuntimeError(f"the shop did not start\n{self.log('server.log')}")
            time.sleep(0.05)

    def halt(self) -> None:
        """The shop is away: its processes end, its data stays."""
        process, self._process = self._process, None
        if process is None:
            return
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(5)

    def stop(self) -> None:
        """End the processes and throw the shop away."""
        self.halt()
        self.close()
        if self._database is not None:
            self._database.close()
        if self._owned:
            shutil.rmtree(self.folder, ignore_errors=True)

    def add_plugin(self, directory: Path, *, activate: bool = True) -> None:
        """Put a plugin's folder in the shop, by a link, so that changes are seen at once."""
        place = self.folder / "wp-content" / "plugins" / directory.name
        if not place.exists():
            place.symlink_to(directory.resolve(), target_is_directory=True)
        if activate:
            self.activate(f"{directory.name}/{directory.name}.php")

    def run_cron(self, *, early: bool = False, hook: str = "") -> None:
        """Ask for wp-cron.php now, and let Action Scheduler do all that is due.

        `early`: also what is due later (only the actions of `hook`, when given).
        """
        self.door("due", early=early, hook=hook)
        requests.get(f"{self.url}/wp-cron.php?doing_wp_cron=", timeout=60).raise_for_status()

    def log(self, name: str = "debug.log") -> str:
        """What PHP complained of; also `server.log`, and `wc.log` of WooCommerce."""
        places = (self.folder / name, self.folder / "wp-content" / name)
        return "".join(each.read_text(errors="replace") for each in places if each.exists())

    def complaints(self, about: str = "relance") -> list[str]:
        """Lines of PHP's notices, warnings and errors that name `about`."""
        return [line for line in self.log().splitlines() if "PHP " in line and about in line]

    def _answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=0.2):
                return True
        except OSError:
            return False

    def __enter__(self) -> Shop:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port
