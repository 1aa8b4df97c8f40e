"""axe-core, which finds what keeps people with a screen reader or weak eyes from a page.

It comes by npm into `var/axe` of the checkout, once; its SHA-512 is the one that was tried.
"""

from __future__ import annotations

import base64
import hashlib
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[2] / "var" / "axe"
NPM = "axe-core@4.14.1"
SHA512 = "FHfa+lmNjQZfJz1q8wKqIDwC6DExcHt/pkjNQb09a3NPjCKg2rhu5qb2S4r76ASyFNNtuFooJpZe37OgudVGtQ=="
#: WCAG 2.2, levels A and AA, and what axe calls best practice.
TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")


def script() -> Path:
    """The file to be run in a page. Raises `RuntimeError` where npm cannot fetch it."""
    found = FOLDER / f"{NPM.replace('@', '-')}.min.js"
    if not found.exists():
        FOLDER.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=FOLDER) as scratch:
            shutil.move(_fetched(Path(scratch)), found)
    return found


def _fetched(scratch: Path) -> Path:
    npm = shutil.which("npm")
    if npm is None:
        raise RuntimeError("npm is missing: apt-get install npm")
    asked = [npm, "pack", "--silent", NPM, "--pack-destination", str(scratch)]
    subprocess.run(asked, check=True, stdout=subprocess.DEVNULL, timeout=300)
    (packed,) = scratch.glob("*.tgz")
    with packed.open("rb") as file:
        digest = base64.b64encode(hashlib.file_digest(file, "sha512").digest()).decode()
    if digest != SHA512:
        raise RuntimeError(f"{NPM} is not the package that was tried: its SHA-512 differs")
    with tarfile.open(packed) as archive:
        archive.extract("package/axe.min.js", scratch, filter="data")
    return scratch / "package" / "axe.min.js"
