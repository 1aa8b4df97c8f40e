"""Our own texts: every kind in every language, whole, short and without pressure."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from itertools import product

import pytest

from recovery.default_texts import DEFAULT_TEXTS, default_text, ready_text
from recovery.model_parts import Channel
from recovery.offer_facts import Gift, Terms
from recovery.offer_texts import offer_phrase
from recovery.programme_form import Delay, Step
from recovery.ready_texts import CHOSEN, KINDS, LANGUAGES, LINKLESS, SUBJECTS, TEXTS, subject, text
from recovery.sms_parts import GSM_7, parts_of
from recovery.step_checks import WORDS, step_problems
from recovery.survey import read_answer
from recovery.survey_words import Left
from recovery.wording import LONGEST_OFFER, Names, check, render

SHOP = "Les Thés du Nord"
LINK = "https://r.example.com/r/" + "x" * 16
STOP_LINK = "https://r.example.com/stop/" + "x" * 16
PARIS = "Europe/Paris"
NOW = datetime(2026, 9, 20, 14, 10, tzinfo=UTC)
END = datetime(2026, 9, 28, 21, 59, 59, tzinfo=UTC)
AT_TEN = datetime(2026, 9, 28, 20, 10, tzinfo=UTC)
TEN = Terms(Gift.NOW, "percent", Decimal(10), "EUR", 3, ends_at=END)
NAMES = Names(shop=SHOP, link=LINK)
WAYS = ({"stop_words": "STOP"}, {"stop_link": STOP_LINK})
EVERY = list(product(KINDS, LANGUAGES))
OFFERING = ("offer", "reward_promise", "reward", "reply_shipping")
ONE_PART = ("reminder", "second", "last", "calm", "b2b")
#: One part by reply; the way out by a link may cost a second.
ONE_BY_REPLY = ("why", "reply_account", "reply_calm", "reply_hour", "reply_thanks")

REMINDERS = {
    "en": "{{ shop }}: {% if first_name %}{{ first_name }}, {% endif %}your cart is saved: "
    "{{ link }} {% if stop_link %}Opt out: {{ stop_link }}{% else %}"
    "Reply {{ stop_words }} to opt out{% endif %}",
    "fr": "{{ shop }} : {% if first_name %}{{ first_name }}, {% endif %}votre panier vous "
    "attend : {{ link }} {% if stop_link %}Refus : {{ stop_link }}{% else %}"
    "Pour refuser, répondez {{ stop_words }}{% endif %}",
    "de": "{{ shop }}: {% if first_name %}{{ first_name }}, {% endif %}Ihr Warenkorb wartet: "
    "{{ link }} {% if stop_link %}Abmelden: {{ stop_link }}{% else %}"
    "Abmelden: mit {{ stop_words }} antworten{% endif %}",
    "es": "{{ shop }}: {% if first_name %}{{ first_name }}, {% endif %}tu carrito te espera: "
    "{{ link }} {% if stop_link %}Baja: {{ stop_link }}{% else %}"
    "Baja: responde {{ stop_words }}{% endif %}",
    "it": "{{ shop }}: {% if first_name %}{{ first_name }}, {% endif %}il tuo carrello ti "
    "aspetta: {{ link }} {% if stop_link %}Stop: {{ stop_link }}{% else %}"
    "Per rifiutare rispondi {{ stop_words }}{% endif %}",
    "nl": "{{ shop }}: {% if first_name %}{{ first_name }}, {% endif %}je winkelmand wacht op "
    "je: {{ link }} {% if stop_link %}Afmelden: {{ stop_link }}{% else %}"
    "Afmelden? Antwoord {{ stop_words }}{% endif %}",
    "pt": "{{ shop }}: {% if first_name %}{{ first_name }}, {% endif %}seu carrinho continua "
    "guardado: {{ link }} {% if stop_link %}Sair: {{ stop_link }}{% else %}"
    "Para sair responda {{ stop_words }}{% endif %}",
}

#: What would press or frighten, as stems.
HURRY = {
    "en": "hurry quick fast now today tonight soon expir chance miss only before urgen limit"
    " immediate running reserved ends",
    "fr": "vite rapid maintenant aujourd urgen bient chance expir seulement limit profitez manquez"
    " ratez plus|que réserv termine",
    "de": "schnell jetzt heute bald beeil eile sofort nur chance ablauf läuft endet dringend"
    " begrenzt reserviert verpassen solange",
    "es": "rápid ahora hoy pronto prisa corre urgen oportunidad caduca solo sólo limitad ya"
    " reservado termina pierdas",
    "it": "fretta subito ora oggi presto sbriga affretta occasione scad solo urgen limitat"
    " riservato perdere termina",
    "nl": "snel nu vandaag haast gauw kans verloop alleen dringend beperkt meteen op=op"
    " gereserveerd mis eindigt",
    "pt": "pressa já agora hoje logo rápid corra chance oportunidade expira só somente urgen"
    " limitad reservado perca termina",
}


def phrase(language: str, kind: str = "offer", terms: Terms = TEN) -> str:
    """The offer as it is said in a text of that kind."""
    if kind == "reward_promise":
        terms = replace(terms, gift=Gift.NEXT, ends_at=None)
        return offer_phrase(terms, (language,), PARIS, NOW, AT_TEN)
    return offer_phrase(terms, (language,), PARIS, NOW)


def every_way(kind: str, language: str) -> list[Names]:
    """With and without each of the optional names, by reply and by link."""
    offered = phrase(language, kind)
    return [
        replace(NAMES, first_name=first_name, offer=offer, code=code, **way)
        for first_name in ("Maximilian", None)
        for offer in (offered, None)
        for code in ("THANKS-4711", None)
        for way in WAYS
    ]


def said(kind: str, language: str) -> list[str]:
    return [render(TEXTS[kind][language], names) for names in every_way(kind, language)]


# Every text


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_said_in_seven_languages(kind: str) -> None:
    assert set(TEXTS[kind]) == set("en fr de es it nl pt".split())
    assert all(set(by_kind) == set(KINDS) for by_kind in SUBJECTS.values())
    assert len(set(TEXTS[kind].values())) == 7


@pytest.mark.parametrize(("kind", "language"), EVERY)
def test_a_text_reads_well_whatever_is_missing(kind: str, language: str) -> None:
    for full in said(kind, language):
        assert full.startswith(f"{SHOP} : " if language == "fr" else f"{SHOP}: "), full
        assert not re.search(r"\s{2}|\s[,.]|[,:;]\s*[,:;.!?]|\.\s*[,.:]|[{}]", full), full
        assert not full.endswith((",", ":", " ")), full
        assert not re.search(r": (?:Reply|Pour|Abm|Baja|Per |Afm|Para|Opt|Refus|Stop|Sair)", full)
        spaced = re.findall(r"(.)[:!?](?= )", full)
        assert {char == " " for char in spaced} == {language == "fr"}, full


@pytest.mark.parametrize(("kind", "language"), EVERY)
def test_a_text_has_one_way_out_and_one_way_back(kind: str, language: str) -> None:
    for names, full in zip(every_way(kind, language), said(kind, language), strict=True):
        assert full.count("STOP") == (1 if names.stop_words else 0)
        assert full.count(STOP_LINK) == (1 if names.stop_link else 0)
        assert full.count(LINK) == (0 if kind in LINKLESS else 1)


@pytest.mark.parametrize(("kind", "language"), EVERY)
def test_no_word_of_ours_leaves_the_cheap_alphabet(kind: str, language: str) -> None:
    assert parts_of(TEXTS[kind][language]).culprits == ()
    assert {parts_of(full).encoding for full in said(kind, language)} == {GSM_7}


@pytest.mark.parametrize(("kind", "language"), EVERY)
def test_every_text_passes_the_merchants_check(kind: str, language: str) -> None:
    template, needs_link = TEXTS[kind][language], kind not in LINKLESS
    for sender in (None, "36123", "MyShop"):
        assert check(template, sender, needs_link=needs_link) == []
    if not needs_link:
        assert any("{{ link }}" in error for error in check(template))


@pytest.mark.parametrize(("kind", "language"), EVERY)
def test_no_text_and_no_subject_presses(kind: str, language: str) -> None:
    for template in (TEXTS[kind][language], SUBJECTS[language][kind]):
        words = re.sub(r"\{[{%].*?[%}]\}", " ", template).lower()
        for stem in HURRY[language].split():
            assert not re.search(rf"\b{re.escape(stem.replace('|', ' '))}", words), (stem, words)
        assert "!!" not in words


# Their length


@pytest.mark.parametrize(("kind", "language"), list(product(ONE_PART, LANGUAGES)))
def test_a_plain_text_is_one_part(kind: str, language: str) -> None:
    assert (len(SHOP), len("Maximilian"), len(LINK), len(STOP_LINK)) == (16, 10, 40, 43)
    assert {parts_of(full).parts for full in said(kind, language)} == {1}


@pytest.mark.parametrize(("kind", "language"), list(product(ONE_BY_REPLY, LANGUAGES)))
def test_a_question_and_what_follows_it_are_one_part_by_reply(kind: str, language: str) -> None:
    for names, full in zip(every_way(kind, language), said(kind, language), strict=True):
        assert parts_of(full).parts <= (1 if names.stop_words else 2), full


def every_offer() -> list[Terms]:
    """All kinds, with and without lines and a minimum, to the minute, in the longest month."""
    return [
        Terms(
            Gift.NOW,
            kind,
            Decimal("12.50"),
            "EUR",
            3,
            minimum=minimum,
            lines=lines,
            ends_at=AT_TEN,
        )
        for kind in ("percent", "amount", "free_shipping")
        for minimum in (None, Decimal("1234.50"))
        for lines in ((), ("a",))
    ]


@pytest.mark.parametrize(("kind", "language"), list(product(OFFERING, LANGUAGES)))
def test_the_longest_offer_takes_two_parts_and_is_never_cut(kind: str, language: str) -> None:
    # On certain lines and with a minimum, a promise says both: that may take a third part.
    names = replace(NAMES, first_name="Maximilian", code="THANKS-4711")
    for terms, way in product(every_offer(), WAYS):
        offer = phrase(language, kind, terms)
        full = render(TEXTS[kind][language], replace(names, offer=offer, **way))
        assert len(offer) < LONGEST_OFFER
        assert offer in full, "ends and sums are said as the offer's phrase says them"
        assert parts_of(full).parts <= (3 if terms.lines and terms.minimum else 2), full


def test_an_offer_that_is_too_long_to_be_said_whole_is_not_said() -> None:
    names = replace(NAMES, offer="x" * (LONGEST_OFFER + 1), stop_words="STOP")
    assert render(TEXTS["offer"]["en"], names) == render(
        TEXTS["offer"]["en"], replace(NAMES, stop_words="STOP")
    )


# What they say


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_first_texts_are_what_they_always_were(language: str) -> None:
    assert DEFAULT_TEXTS[language] == REMINDERS[language]
    assert default_text(f"{language}-XX") == (REMINDERS[language], language)


@pytest.mark.parametrize(("kind", "language"), EVERY)
def test_only_texts_of_offers_name_one_and_only_what_has_a_code_names_it(
    kind: str, language: str
) -> None:
    template = TEXTS[kind][language]
    assert ("{{ offer }}" in template) is (kind in OFFERING)
    assert ("{{ code }}" in template) is (kind in {"offer", "reply_shipping", "reward"})


@pytest.mark.parametrize(("kind", "language"), list(product(OFFERING, LANGUAGES)))
def test_without_an_offer_nothing_is_promised(kind: str, language: str) -> None:
    with_code, bare = (
        render(TEXTS[kind][language], replace(NAMES, code=code, stop_words="STOP"))
        for code in ("THANKS-4711", None)
    )
    assert (with_code == bare) is (kind != "reward")
    assert ("THANKS-4711" in with_code) is (kind == "reward")
    assert not re.search(r"%|€|\d", bare.replace(LINK, ""))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_reward_without_its_code_offers_nothing(language: str) -> None:
    names = replace(NAMES, stop_words="STOP")
    template = TEXTS["reward"][language]
    assert render(template, replace(names, offer="10% off")) == render(template, names)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_survey_asks_for_a_digit_and_understands_its_own_words(language: str) -> None:
    asked = render(TEXTS["why"][language], replace(NAMES, stop_words="STOP"))
    offered = re.findall(r"(\d) ([^,.]+)[,.]", asked)
    assert [digit for digit, _ in offered] == list("12345")
    assert re.findall(r"\d", asked) == list("12345")
    for reason, (digit, words) in zip(Left, offered, strict=True):
        assert read_answer(digit, language).reason is reason
        assert read_answer(words, language).reason is reason, words


#: (what is said, what is not said) of a business.
FORMAL = {
    "fr": (r"\bvotre\b", r"\b(tu|ton|ta|tes)\b"),
    "de": (r"\bIhre\b", r"\b(du|dein\w*)\b"),
    "es": (r"\ble\b.*\bsu\b", r"\b(tu|te|ti)\b"),
    "it": (r"\bLe\b.*\bSuo\b", r"\b(tuo|tua|ti)\b"),
    "nl": (r"\buw\b", r"\b(je|jouw|jij)\b"),
    "pt": (r"\bseu\b", r"\b(teu|tua|te)\b"),
    "en": (r"\breminder\b", r"\bhey\b"),
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_businesses_are_addressed_formally(language: str) -> None:
    (formal, familiar), sentence = FORMAL[language], TEXTS["b2b"][language]
    assert re.search(formal, sentence)
    assert not re.search(familiar, sentence)
    assert "first_name" not in sentence


@pytest.mark.parametrize(
    ("kind", "language", "full"),
    [
        (
            "offer",
            "en",
            "Les Thés du Nord: Maximilian, your cart with 10% off until September 28"
            " (THANKS-4711): ",
        ),
        (
            "offer",
            "de",
            "Les Thés du Nord: Maximilian, Ihr Warenkorb, dazu 10 % Rabatt bis zum 28. September"
            " (THANKS-4711): ",
        ),
        (
            "reward_promise",
            "fr",
            "Les Thés du Nord : Maximilian, en remerciement, 10 % de réduction sur votre prochaine"
            " commande si vous commandez ce panier d'ici au 28 septembre à 22:10 : ",
        ),
        (
            "reward",
            "nl",
            "Les Thés du Nord: bedankt voor je bestelling! Voor de volgende: 10% korting tot en met"
            " 28 september, code THANKS-4711: ",
        ),
        (
            "reply_shipping",
            "it",
            "Les Thés du Nord: grazie della risposta. Il tuo carrello con 10% di sconto fino al"
            " 28 settembre (THANKS-4711): ",
        ),
    ],
)
def test_an_offer_is_part_of_its_sentence(kind: str, language: str, full: str) -> None:
    assert said(kind, language)[0].startswith(full + LINK)


# Subjects


@pytest.mark.parametrize(("kind", "language"), EVERY)
def test_a_subject_is_short_and_honest(kind: str, language: str) -> None:
    template = subject(kind, language)
    assert template is not None
    step = Step(2, Channel.EMAIL, delay=Delay(36_000), subjects={language: template})
    assert step_problems(step, "steps/2", None, None) == []
    for names in every_way(kind, language):
        line = render(template, names)
        assert 10 <= len(line) <= 50, line
        assert not re.match(r"(re|aw|tr|sv|antw|res|fwd?|wg|rv|enc)\s*:", line, re.I), line
        assert not re.search(r"\s{2}|[{}]|[,:;]$|\b[A-ZÀ-Þ]{2,}\b", line), line


@pytest.mark.parametrize(("kind", "language"), list(product(OFFERING, LANGUAGES)))
def test_a_subject_promises_only_what_there_is(kind: str, language: str) -> None:
    template = SUBJECTS[language][kind]
    bare = render(template, NAMES)
    given = render(template, replace(NAMES, offer="10% off", code="A"))
    assert bare != given
    if kind != "reward":
        assert bare == render(SUBJECTS[language]["second"], NAMES)


# Which one


def test_a_kind_or_a_language_that_we_do_not_write_has_no_text() -> None:
    assert text("calm", Channel.SMS, "fr") == TEXTS["calm"]["fr"]
    assert text("calm", Channel.EMAIL, "fr") is None
    assert text("shouting", Channel.SMS, "fr") is None
    assert text("calm", Channel.SMS, "ja") is None
    assert subject("shouting", "fr") is None
    assert subject("calm", "ja") is None


@pytest.mark.parametrize(
    ("locale", "shop_locale", "used"),
    [
        ("fr-CA", "de", "fr"),
        ("ja", "it-IT", "it"),
        ("rubbish!", "es-MX", "es"),
        (None, None, "en"),
        ("en-GB", "fr", "en"),
    ],
)
def test_every_kind_is_chosen_by_the_carts_language_then_the_shops(
    locale: str | None, shop_locale: str | None, used: str
) -> None:
    for kind in KINDS:
        assert ready_text(kind, locale, shop_locale) == (TEXTS[kind][used], used)


def test_a_kind_that_does_not_exist_is_an_error() -> None:
    with pytest.raises(KeyError):
        ready_text("shouting", "fr")


def test_a_step_may_name_what_a_merchant_may_choose() -> None:
    assert set(KINDS) > CHOSEN
    assert set("reminder second last calm b2b offer".split()) == CHOSEN == WORDS
