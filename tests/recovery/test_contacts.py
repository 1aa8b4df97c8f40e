from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recovery.contacts import e164, email_key, may_be_texted, region_of
from recovery.stop_words import is_start, is_stop

MOBILE = "+33612345678"


@pytest.mark.parametrize(
    ("raw", "country"),
    [
        ("+33 6 12 34 56 78", None),
        ("+33 (0)6 12 34 56 78", None),
        ("0033612345678", None),
        ("0033612345678", "US"),
        ("06.12.34.56.78", "FR"),
        ("06-12-34-56-78", "fr"),
        (" 06\u00a012\u00a034\u00a056\u00a078 ", "FR"),
        ("\u202a+33612345678\u202c", None),
        ("33612345678", "FR"),
        ("٠٦١٢٣٤٥٦٧٨", "FR"),
        ("０６１２３４５６７８", "FR"),
        (MOBILE, "US"),
    ],
)
def test_a_phone_in_any_format_becomes_one_number(raw: str, country: str | None) -> None:
    assert e164(raw, country) == MOBILE


@pytest.mark.parametrize(
    ("raw", "country"),
    [
        (None, "FR"),
        ("", "FR"),
        ("0612345678", None),
        ("0612345678", "ZZ"),
        ("0612345678", "not a country"),
        ("n/a", "FR"),
        ("0", "FR"),
        ("+999123456789", None),
        ("+3361234567", None),
        ("00", None),
        ("9" * 10_000, "FR"),
        ("\x00" * 50, "FR"),
        ("\ud800", "FR"),
    ],
)
def test_what_cannot_be_normalised_is_none(raw: str | None, country: str | None) -> None:
    assert e164(raw, country) is None


def test_an_italian_number_keeps_its_leading_zero() -> None:
    assert e164("06 1234 5678", "IT") == "+390612345678"


def test_a_normalised_number_stays_as_it_is() -> None:
    assert e164(e164("(415) 555-2671", "US"), None) == "+14155552671"


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=70), st.none() | st.text(max_size=3))
def test_no_text_makes_the_phone_reader_fail(raw: str, country: str | None) -> None:
    number = e164(raw, country)
    assert number is None or (number[0] == "+" and number[1:].isascii() and number[1:].isdigit())


def test_only_mobiles_are_texted() -> None:
    assert may_be_texted(MOBILE)
    assert may_be_texted("+14155552671")  # the United States do not tell mobiles apart
    refused = ["+33123456789", "+33899123456", "+18005551234", "+881612345678", "06", "", None]
    assert not any(may_be_texted(number) for number in refused)


def test_a_number_knows_its_country() -> None:
    assert region_of(MOBILE) == "FR"
    assert region_of("+14165550123") == "CA"
    assert region_of("+590690123456") == "GP"
    assert [region_of(other) for other in (None, "", "0612345678", "+881612345678")] == [None] * 4


@pytest.mark.parametrize(
    ("raw", "key"),
    [
        ("a@etu.univ-grenoble-alpes.fr", "a@etu.univ-grenoble-alpes.fr"),
        ("  Ana.Lopez+cart@Example.COM\n", "ana.lopez+cart@example.com"),
        ("o'neil_x%y@shop.co.uk", "o'neil_x%y@shop.co.uk"),
        ("JO@MÜNCHEN.de", "jo@münchen.de"),
        ("jo@xn--mnchen-3ya.de", "jo@münchen.de"),
        ("jo@mu\u0308nchen.de", "jo@münchen.de"),
        ("用户@例子。广告", "用户@例子.广告"),
        ('"a b"@example.com', '"a b"@example.com'),
        ("a@[192.0.2.1]", "a@[192.0.2.1]"),
        ("1@2.museum", "1@2.museum"),
    ],
)
def test_an_email_is_found_again_however_it_was_typed(raw: str, key: str) -> None:
    assert email_key(raw) == key
    assert email_key(key) == key


@pytest.mark.parametrize(
    "raw",
    [
        *(None, "", "@", "ana", "ana@", "@example.com", "ana@localhost", "ana lopez@example.com"),
        *("ana@@example.com", "ana@example..com", "ana@-example.com", "ana@example.com,bob@x.fr"),
        *(".ana@example.com", "ana.@example.com", "ana@1.2.3.4", "an\x00a@example.com", "a@[x]"),
        *("x" * 65 + "@example.com", "a@" + "b" * 64 + ".com", "a" * 10_000, "a@xn--é.de"),
        *("\ud800@example.com", "ana@exam ple.com", "ana@example.com\nbcc: x@y.z"),
        *('"\ud800"@x.fr', "a@[IPv6:fe80::1%\ud800]"),
    ],
)
def test_what_is_plainly_no_address_has_no_key(raw: str | None) -> None:
    assert email_key(raw) is None


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=40), st.text(max_size=40))
def test_no_text_makes_the_email_reader_fail_and_a_key_is_its_own_key(a: str, b: str) -> None:
    key = email_key(f"{a}@{b}.com")
    assert key is None or email_key(key) == key


@pytest.mark.parametrize(
    "text",
    "STOP|stop|Stop.| stop! |Stop svp|STOP PUB|STOP SMS|s t o p|S.T.O.P.|St0p|STOPPPP|STOP36111"
    "|StopAll|stop all|ARRÊT|arret|ARRE\u0302T|Arrêtez !|UNSUBSCRIBE|unsubscribe me|opt out|opt-out"
    "|CANCEL|Cancel please|END|quit|Basta!|FERMA|désinscrire|DESINSCRIRE|BAJA|Parar|abmelden"
    "|Bitte abmelden|AFMELDEN|СТОП|🛑|please stop texting me|Stop messaging me now, thanks"
    "|No, stop|Don't. Stop.|I can't stop these texts|reply “STOP”|«STOP»|START? no: STOP"
    "|leave me alone|stop\nsent from my phone".split("|"),
)
def test_a_wish_to_stop_is_understood(text: str) -> None:
    assert is_stop(text)
    assert not is_start(text)


@pytest.mark.parametrize(
    "text",
    [
        *("ST\u200bOP", "S\u00adTOP", "ST OP", "STO P", "S TOP", "S T O P", "S\u200b T\u200b O P"),
        *(
            "please st op",
            "please ST\u200bOP texting",
            "now s\u00adt\u00adop it",
            "st-op",
            "ST\u3164OP",
            "ЅТОР",
            "ΣΤΟΠ",
            "SТОP",
            "ВАЈА",
            "ꜱᴛᴏᴘ",
            "ＳＴＯＰ",
        ),
        *("🅂🅃🄾🄿", "🆂🆃🅾🅿", "🅢🅣🅞🅟", "🇸🇹🇴🇵", "🇸 🇹 🇴 🇵", "𝐒𝐓𝐎𝐏", "𝘀𝘁𝗼𝗽 now", "Ⓢⓣⓞⓟ"),
        *(
            "stopped",
            "stopit",
            "STOP IT",
            "DON'T TEXT ME",
            "dont contact me",
            "Do not text me again",
        ),
        *("never message me", "don't send me any more texts", "ne m'envoyez plus de sms"),
        *("Ne m’écrivez plus", "je ne veux plus recevoir vos sms", "plus de SMS svp"),
        *(
            "keine sms mehr",
            "Bitte keine SMS mehr!",
            "İPTAL",
            "iptal",
            "отписка",
            "ОТПИСКА",
            "стоп",
        ),
        *("توقف", "أوقف", "إلغاء الاشتراك", "إلغاء", "הסר", "עצור", "הפסיקו", "중지", "수신거부"),
        *("หยุด", "ยกเลิก", "ストップ", "やめて", "やめてください。", "停", "停。", "请停止", "停止"),
    ],
)
def test_a_wish_in_disguise_or_in_another_language_is_understood(text: str) -> None:
    assert is_stop(text)
    assert not is_start(text)


@pytest.mark.parametrize(
    "text",
    [
        *("It's top!", "what's top of the list?", "it stopped working", "I stopped by yesterday"),
        *("🇹🇩", "🇫🇷🇪🇸", "🅾️k", "why don't you text me the code?", "I don't text much", "1st op."),
        *(
            "ich habe keine SMS mehr bekommen",
            "siparişi iptal ettim mi",
            "n'envoyez pas ma commande",
        ),
        *("ストップウォッチ", "不停", "когда остановка?", "спасибо", "תודה", "شكرا", "감사합니다"),
    ],
)
def test_ordinary_answers_that_look_alike_are_no_stop(text: str) -> None:
    assert not is_stop(text)


@pytest.mark.parametrize(
    "text",
    [
        *("", "   ", "👍", "don't stop", "Don’t stop!", "do not stop", "never stop"),
        *("n'arrêtez pas", "can I stop by tomorrow?", "stop by tomorrow?", "No", "ok", "non-stop"),
        *("when does the sale end?", "cancel my order", "I ordered already, thanks", "stopwatch"),
        "Liked “Shop: your cart is waiting https://r.example.com/r/x Reply STOP to opt out”",
    ],
)
def test_other_replies_are_no_stop(text: str) -> None:
    assert not is_stop(text)


@pytest.mark.parametrize(
    "text",
    ["START", "start.", "UNSTOP", "Oui reprendre", "start again please", "ALTA", "u n s t o p"],
)
def test_a_wish_to_go_on_is_understood(text: str) -> None:
    assert is_start(text)
    assert not is_stop(text)


@pytest.mark.parametrize("text", ["yes", "oui", "", "don't start", "when does it start?", "👍"])
def test_a_new_start_must_be_said_clearly(text: str) -> None:
    assert not is_start(text)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=300))
def test_a_reply_never_asks_for_both(text: str) -> None:
    assert not (is_stop(text) and is_start(text))


def test_a_hostile_reply_is_read_in_no_time() -> None:
    for text in ("_" * 5000, "a." * 5000, "“" * 5000, "s" * 5000, "st " * 5000):
        assert not is_stop(text)
