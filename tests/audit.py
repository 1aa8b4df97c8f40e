"""`make lint`: are there known holes in the libraries that are installed here?

Asks pip-audit. A hole ends in an error. Where the vulnerability service cannot be reached, as on
a closed network, nothing can be known: that is said aloud, and is no error.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

_ASK = ("--local", "--format", "json", "--progress-spinner", "off", "--timeout", "10")


def main() -> int:
    """0: no known hole, or nothing known; 1: there is one."""
    program = str(Path(sys.executable).with_name("pip-audit"))
    asked = subprocess.run([program, *_ASK], capture_output=True, text=True, check=False)
    try:
        found = json.loads(asked.stdout)["dependencies"]
    except (ValueError, KeyError):
        print("pip-audit: NOTHING AUDITED, the vulnerability service gave no answer")
        return 0
    holes, words = told(found)
    print(words)
    return 1 if holes else 0


def told(found: list[dict[str, Any]]) -> tuple[int, str]:
    """How many holes, and the words about all of it."""
    audited = [each for each in found if "skip_reason" not in each]
    holes = [(each, hole) for each in audited for hole in each.get("vulns", ())]
    lines = [
        f"{each['name']} {each['version']}: {hole['id']}, "
        f"mended in {', '.join(hole['fix_versions']) or 'no version yet'}"
        for each, hole in holes
    ]
    if not audited:
        lines.append("NOTHING AUDITED: the service that is reached knows none of the libraries")
    counts = f"pip-audit: {len(audited)} of {len(found)} libraries audited, {len(holes)} holes"
    return len(holes), "\n".join([counts, *lines])


if __name__ == "__main__":
    sys.exit(main())
