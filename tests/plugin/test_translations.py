"""The plugin's words: each is in the `.pot`, each in French, and the compiled files are today's."""

from __future__ import annotations

import gettext
import io
import re
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from in_shop.wordpress import translations

LANGUAGES = translations.PLUGIN / "languages"
SOURCE = """<?php
/* translators: %s: a host. */
$a = sprintf( __( 'It\\'s %s', 'relance' ), host( 1, 2 ) );
echo esc_html_x( 'Post', 'a verb', 'relance' );
printf( _n( '%d cart', '%d carts', count( $carts ), 'relance' ), 2 );
function __( $text ) {}
"""


@pytest.fixture(scope="module")
def french() -> Catalog:
    return read_po(io.BytesIO((LANGUAGES / "relance-fr_FR.po").read_bytes()), locale="fr_FR")


@pytest.mark.parametrize("name", sorted(translations.made()))
def test_what_lies_in_languages_is_what_the_sources_say_today(name: str) -> None:
    # After a change of words: python -m in_shop.wordpress.translations
    assert (LANGUAGES / name).read_bytes() == translations.made()[name]


def test_nothing_else_lies_in_languages() -> None:
    assert {path.name for path in LANGUAGES.iterdir()} == set(translations.made())


def test_every_text_has_a_french_translation(french: Catalog) -> None:
    words = translations.found()
    assert len(words) > 50
    missing = [each.text for each in words if french.get(each.text, each.context) is None]
    assert missing == []
    assert translations.untranslated(french) == []


def test_a_translation_has_the_same_places_to_fill_in(french: Catalog) -> None:
    different = []
    for message in french:
        if message.id:
            ids = [message.id] if isinstance(message.id, str) else list(message.id)
            strings = [message.string] if isinstance(message.string, str) else message.string
            wanted = [places(each) for each in ids]
            different += [each for each in strings if places(each) not in wanted]
    assert different == []


def places(text: str) -> list[str]:
    return sorted(re.findall(r"%(?:\d+\$)?[sd]|\{\w+\}", text))


def test_the_compiled_file_speaks_french() -> None:
    with (LANGUAGES / "relance-fr_FR.mo").open("rb") as file:
        told = gettext.GNUTranslations(file)
    assert told.gettext("Test the connection") == "Tester la connexion"


def test_a_text_that_is_not_translated_is_named() -> None:
    words = list(translations.in_source(SOURCE, "some.php"))
    catalog = translations.merged("fr_FR", words, "")
    assert translations.untranslated(catalog) == ["It's %s", "Post", "%d cart"]


def test_a_source_is_read_with_its_contexts_plurals_and_notes() -> None:
    told = list(translations.in_source(SOURCE, "some.php"))
    assert [(each.text, each.plural, each.context) for each in told] == [
        ("It's %s", None, None),
        ("Post", None, "a verb"),
        ("%d cart", "%d carts", None),
    ]
    assert told[0].note == "%s: a host."


def test_a_translation_survives_when_its_text_moves_and_goes_when_it_is_gone() -> None:
    old = 'msgid "Post"\nmsgstr "Gone"\n\nmsgctxt "a verb"\nmsgid "Post"\nmsgstr "Poster"\n'
    catalog = translations.merged("fr_FR", list(translations.in_source(SOURCE, "moved.php")), old)
    assert catalog.get("Post", "a verb").string == "Poster"
    assert catalog.get("Post") is None


@pytest.mark.parametrize(
    "source",
    [
        "__( $text, 'relance' );",
        "__( 'one' . 'two', 'relance' );",
        "__( 'Text' );",
        "_e( 'a', 'b' );",
    ],
)
def test_a_text_that_nobody_could_translate_is_refused(source: str) -> None:
    with pytest.raises(translations.NotLiteral):
        list(translations.in_source(source, "some.php"))


def test_a_script_gets_a_file_under_the_name_that_wordpress_looks_for() -> None:
    words = list(translations.in_source("wp.i18n.__( 'Post', 'relance' );", "assets/a.js"))
    catalog = translations.merged("fr_FR", words, 'msgid "Post"\nmsgstr "Poster"\n')
    files = translations.script_files(catalog, "fr_FR")
    assert list(files) == ["relance-fr_FR-a0b0e61c12345bc8bc2bd62433bb5eaf.json"]
    assert '"Poster"' in next(iter(files.values())).decode()


def test_the_folder_of_the_plugin_is_the_one_that_is_packed() -> None:
    assert Path(translations.__file__).parent / "relance" == translations.PLUGIN
