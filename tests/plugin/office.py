"""The back office part of the plugin, run by a real PHP.

The functions of WordPress around it are the small ones of `back_office/wordpress.php`.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

from in_shop.wordpress import pack

HERE = Path(__file__).parent / "back_office"
PHP = shutil.which("php")
CODE = "https://relance.example:8443/pair/abcDEF123_-"
PAIRED = json.dumps({"shop": "k1", "name": "Ana", "secret": "only-for-tests-000000"})


def told_by(story: str) -> Any:
    """What a story in PHP ends with, in JSON."""
    assert PHP, "php is missing: apt-get install php-cli"
    source = (
        f"require '{HERE}/wordpress.php'; $r = (function () {{ {story} }})(); echo json_encode($r);"
    )
    command = [PHP, "-d", "display_errors=stderr", "-r", source]
    environment = os.environ | {"PLUGIN": str(pack.PLUGIN)}
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=60, check=False, env=environment
    )
    assert done.returncode == 0, done.stderr + done.stdout
    return json.loads(done.stdout)


def page(story: str = "") -> str:
    """What the settings page shows after a story."""
    return str(told_by(story + "return shown();"))
