"""A page in the shape of a theme, with the blocks of the extension rendered into it.

The blocks are the real files, rendered by another Liquid than Shopify's: its objects
(`product`, `localization`, …) hold just what the blocks ask for, `t` reads the extension's
own locales, and what only Shopify has (`schema`) is cut out and read as its settings.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import Any

from liquid import Environment, FileSystemLoader

EXTENSION = Path(__file__).parents[2] / "in_shop" / "shopify" / "extensions" / "relance-box"
_SCHEMA = re.compile(r"{% schema %}(.*?){% endschema %}", re.S)
COUNTRIES = {"FR": "France", "DE": "Deutschland", "BE": "Belgique"}
LOCALES = {"en": "en.default", "fr": "fr"}


@dataclass
class Shown:
    """What page is shown to whom, and how the merchant set the block."""

    page_type: str = "product"
    locale: str = "en"
    country: str = "FR"
    product: bool = True
    sold_out: tuple[int, ...] = ()
    settings: dict[str, Any] = field(default_factory=dict)


def schema_of(block: str) -> dict[str, Any]:
    """The settings that the block offers to the merchant."""
    found = _SCHEMA.search((EXTENSION / "blocks" / f"{block}.liquid").read_text())
    assert found is not None
    read: dict[str, Any] = json.loads(found[1])
    return read


def rendered(block: str, shown: Shown) -> str:
    """The block's HTML on that page."""
    whole = (EXTENSION / "blocks" / f"{block}.liquid").read_text()
    offered = schema_of(block)["settings"]
    # An empty setting is an empty text, as in Shopify.
    settings = {each["id"]: each.get("default", "") for each in offered if "id" in each}
    environment = Environment(loader=FileSystemLoader(EXTENSION / "snippets", ext=".liquid"))
    environment.filters["t"] = _Translations(shown.locale)
    variants = [{"id": id, "available": id not in shown.sold_out} for id in (44, 45)]
    product = {
        "id": 81,
        "variants": variants,
        "selected_or_first_available_variant": variants[0],
    }
    countries = [{"iso_code": code, "name": name} for code, name in COUNTRIES.items()]
    everywhere = {  # Shopify's own objects are seen from inside snippets, too
        "request": {"page_type": shown.page_type, "locale": {"iso_code": shown.locale}},
        "shop": {"name": "Atelier Nord", "privacy_policy": {"url": "/policies/privacy-policy"}},
        "localization": {
            "available_countries": countries,
            "country": {"iso_code": shown.country},
        },
        "product": product if shown.product else None,
        "block": {
            "id": "b1",
            "settings": settings | shown.settings,
            "shopify_attributes": 'id="shopify-block-b1"',
        },
    }
    template = environment.from_string(_SCHEMA.sub("", whole), globals=everywhere)
    return template.render()


def page(blocks: tuple[str, ...], shown: Shown) -> str:
    """A product page as themes make them: variables for colours, an Ajax cart, a form."""
    ours = {block: rendered(block, shown) for block in blocks}
    assets = (
        '<link rel="stylesheet" href="/assets/relance.css">'
        '<script src="/assets/relance.js" defer></script>'
        if blocks
        else ""
    )
    return f"""<!doctype html>
<html lang="{shown.locale}"><head><meta charset="utf-8"><title>Teapot</title>
<meta name="viewport" content="width=device-width">
<style>
:root {{ --color-button: 12, 80, 40; --color-button-text: 255, 250, 240;
  --color-background: 250, 248, 240; --color-foreground: 40, 30, 20; }}
body {{ margin: 0; font: 16px/1.5 Georgia, serif; color: rgb(var(--color-foreground));
  background: rgb(var(--color-background)); }}
main {{ max-width: 40em; margin: 0 auto; padding: 1em; }}
</style>
<script>window.Shopify = {{ routes: {{ root: '/' }} }};</script>
{assets}
</head><body>
<main>
<section class="shopify-section">
<h1>{escape("Teapot")}</h1>
<form action="/cart/add" method="post">
  <select name="id"><option value="44">Blue</option><option value="45">Red</option></select>
  <button type="submit" name="add">Add to cart</button>
</form>
{ours.get("relance_box", "")}
<p id="below">Made of clay, in a small house by the sea.</p>
</section>
</main>
{ours.get("relance_embed", "")}
</body></html>"""


class _Translations:
    """Shopify's filter `t`, over the extension's own words."""

    def __init__(self, locale: str) -> None:
        told = EXTENSION / "locales" / f"{LOCALES[locale]}.json"
        self._words: dict[str, Any] = json.loads(told.read_text())

    def __call__(self, name: object, **values: object) -> str:
        found: Any = self._words
        for step in str(name).split("."):
            found = found[step]
        for each, value in values.items():
            found = found.replace("{{ " + each + " }}", str(value))
        return str(found)
