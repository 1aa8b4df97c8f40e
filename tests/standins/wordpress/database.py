"""A MariaDB of one's own, on a socket in a scratch folder: no port, no service, no password."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import time
from pathlib import Path

from tests.standins.wordpress import needs

START_WITHIN = 30.0  # seconds
_LEAN = (
    "--skip-networking", "--skip-grant-tables", "--skip-log-bin", "--performance-schema=0",
    "--innodb-buffer-pool-size=32M", "--innodb-flush-log-at-trx-commit=0",
    "--innodb-log-file-size=8M", "--key-buffer-size=1M", "--max-connections=40",
    "--character-set-server=utf8mb4",
)  # fmt: skip


class MariaDb:
    """One server; `open()` it, make databases, `close()` it."""

    def __init__(self) -> None:
        # Paths of sockets must be short.
        self.folder = Path(tempfile.mkdtemp(prefix="db-"))
        self.socket = self.folder / "s"
        self._process: subprocess.Popen[bytes] | None = None

    def open(self) -> None:
        """Start it; back once it answers. Raises `needs.Missing` or `RuntimeError`."""
        if not shutil.which("mariadbd"):
            raise needs.Missing("mariadbd is not installed; see tests/standins/wordpress/needs.py")
        data = self.folder / "data"
        subprocess.run(
            ["mariadb-install-db", "--no-defaults", f"--datadir={data}", "--skip-test-db",
             "--auth-root-authentication-method=normal", "--user=root"],
            check=True,
            capture_output=True,
            timeout=120,
        )  # fmt: skip
        with (self.folder / "log").open("wb") as log:
            self._process = subprocess.Popen(
                ["mariadbd", "--no-defaults", f"--datadir={data}", f"--socket={self.socket}",
                 "--user=root", *_LEAN],
                stdout=log,
                stderr=log,
            )  # fmt: skip
        until = time.monotonic() + START_WITHIN
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > until:
                raise RuntimeError((self.folder / "log").read_text()[-2000:])
            time.sleep(0.05)

    def say(self, sql: str) -> None:
        """Run statements, by PHP, which is here anyway. Raises `CalledProcessError`."""
        code = (
            "mysqli_report(MYSQLI_REPORT_ERROR | MYSQLI_REPORT_STRICT);"
            "$db = new mysqli(null, 'root', '', '', 0, $argv[1]); $db->multi_query($argv[2]);"
            "while ($db->more_results() && $db->next_result()) { }"
        )
        subprocess.run(
            ["php", "-r", code, "--", str(self.socket), sql],
            check=True,
            capture_output=True,
            timeout=60,
        )

    def close(self) -> None:
        """Stop it and throw its data away."""
        process, self._process = self._process, None
        if process is not None:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(20)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _answers(self) -> bool:
        try:
            self.say("SELECT 1")
        except subprocess.CalledProcessError:
            return False
        return True
