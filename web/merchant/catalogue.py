"""The texts of the merchant's pages, and whether each has its French.

The French lies in `web/translations/fr/`, a file for each part of the pages.
`python -m web.merchant.catalogue` prints what is still to be translated, ready to be filled in.
"""

from __future__ import annotations

import sys
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

WEB = Path(__file__).parent.parent
_WHERE = [("merchant/**.py", "python"), ("templates/merchant/**.html", "jinja2")]
_KEYWORDS = {"_": None, "_l": None, "gettext": None, "ngettext": (1, 2), "lazy_gettext": None}


def marked() -> Catalog:
    """Every text that a page or template marks."""
    catalogue = Catalog(charset="utf-8")
    for _, _, words, _, context in extract_from_dir(WEB, _WHERE, keywords=_KEYWORDS):
        catalogue.add(words, context=context)
    return catalogue


def translated(language: str) -> Catalog:
    """The texts of all files of a language."""
    whole = Catalog(locale=language, charset="utf-8")
    for path in sorted((WEB / "translations" / language).glob("*.po")):
        with path.open("rb") as file:
            for message in read_po(file, locale=language):
                if message.id:
                    whole.add(message.id, message.string, context=message.context)
    return whole


def missing(language: str) -> Catalog:
    """The texts that have no translation into that language."""
    has = translated(language)
    left = Catalog(locale=language, charset="utf-8")
    for message in marked():
        held = has.get(message.id, message.context) if message.id else None
        if message.id and (held is None or not held.string):
            left.add(message.id, context=message.context)
    return left


def main() -> None:
    """Print them."""
    write_po(sys.stdout.buffer, missing("fr"), sort_output=True, omit_header=True, width=100)


if __name__ == "__main__":
    main()
