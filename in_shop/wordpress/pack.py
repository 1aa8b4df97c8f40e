"""The plugin as one zip, the same bytes whenever its files are the same.

`python -m in_shop.wordpress.pack dist/relance.zip` writes it; the web serves
`zip_bytes()`. The zip is the same for every shop and holds no key: a shop is
told apart only once it is paired.
"""

from __future__ import annotations

import io
import sys
import zipfile
from pathlib import Path

PLUGIN = Path(__file__).parent / "relance"
LEFT_OUT = frozenset({".DS_Store", "Thumbs.db"})
LONG_AGO = (2026, 1, 1, 0, 0, 0)  # one time for every file: a zip keeps times, we need none
PLAIN_FILE = 0o100644 << 16


def plugin_files(folder: Path = PLUGIN) -> list[Path]:
    """What belongs into the zip, in a fixed order. No hidden file, nothing of an editor."""
    found = [path for path in folder.rglob("*") if path.is_file() and not _is_left_out(path)]
    return sorted(found, key=lambda path: path.relative_to(folder).as_posix())


def _is_left_out(path: Path) -> bool:
    name = path.name
    return name.startswith(".") or name in LEFT_OUT or name.endswith(("~", ".orig", ".rej"))


def zip_bytes(folder: Path = PLUGIN) -> bytes:
    """The zip that WordPress installs: one folder `relance/` with the files of `folder`."""
    into = io.BytesIO()
    with zipfile.ZipFile(into, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as packed:
        for path in plugin_files(folder):
            entry = zipfile.ZipInfo(f"relance/{path.relative_to(folder).as_posix()}", LONG_AGO)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 3  # Unix, on whatever machine it is packed
            entry.external_attr = PLAIN_FILE
            packed.writestr(entry, path.read_bytes(), compresslevel=9)
    return into.getvalue()


def main() -> int:
    """Writes the zip to the path given."""
    if len(sys.argv) != 2:
        sys.stderr.write("usage: python -m in_shop.wordpress.pack dist/relance.zip\n")
        return 2
    target = Path(sys.argv[1])
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(zip_bytes())
    sys.stdout.write(f"{target}: {target.stat().st_size} bytes\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
