"""The settings: each saved, refused, told of as one types, put back; two at once; readers."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from connectors.dns_check import Finding, Standing
from recovery import changes, presets, programmes, tables
from recovery.members import Role
from recovery.shop_sections import SECTIONS
from recovery.shops import ShopRow
from tests.web.stage import Stage
from tests.web.test_merchant_door import a_browser, get, mark, post
from web.merchant import settings_email

PAGES = [*SECTIONS, "history"]


@pytest.fixture
def shop(stage: Stage) -> ShopRow:
    return stage.a_woocommerce_shop()


def at(shop: ShopRow, page: str = "") -> str:
    return f"/shops/{shop.key}/settings/{page}"


def form_of(browser: FlaskClient, shop: ShopRow, key: str) -> dict[str, str]:
    """The form of a section as a browser would send it unchanged."""
    page = get(browser, at(shop, f"{key}/")).text
    whole = re.search(r'<form[^>]* id="form".*?</form>', page, re.S)
    assert whole is not None
    return fields_in(whole[0])


def fields_in(form: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for tag in re.findall(r"<input[^>]*>", form):
        told = dict(re.findall(r'([\w-]+)="([^"]*)"', tag))
        if told.get("type") != "checkbox" or " checked" in tag:
            found[told["name"]] = html.unescape(told["value"])
    for name, words in re.findall(r'<textarea[^>]* name="(\w+)"[^>]*>(.*?)</textarea>', form, re.S):
        found[name] = html.unescape(words)
    for name, options in re.findall(r'<select[^>]* name="(\w+)".*?>(.*?)</select>', form, re.S):
        chosen = re.search(r'value="([^"]*)" selected', options)
        found[name] = chosen[1] if chosen else re.findall(r'value="([^"]*)"', options)[0]
    return found


def save(browser: FlaskClient, shop: ShopRow, key: str, **typed: str | None) -> TestResponse:
    fields = form_of(browser, shop, key) | typed
    return post(browser, at(shop, f"{key}/"), **{k: v for k, v in fields.items() if v is not None})


def row(stage: Stage) -> Any:
    (found,) = stage.rows("shops")
    return found


def last_change(stage: Stage) -> Any:
    return stage.rows("changes")[-1]


def told(answer: TestResponse) -> str:
    return html.unescape(answer.text)


def a_reader(stage: Stage, shop: ShopRow) -> FlaskClient:
    return a_browser(stage, shop, "8", "fedcba9876543210")


@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_page_shows_itself_to_owner_and_reader(
    stage: Stage, shop: ShopRow, language: str
) -> None:
    owner, reader = a_browser(stage, shop), a_reader(stage, shop)
    spoken = {"Accept-Language": language}
    for page in ["", *(f"{each}/" for each in PAGES)]:
        mine = get(owner, at(shop, page), headers=spoken)
        theirs = get(reader, at(shop, page), headers=spoken)
        assert (mine.status_code, theirs.status_code) == (200, 200), page
        assert len(mine.data) < 100_000
        main = theirs.text.split("<main", 1)[1]
        assert "<button" not in main, page
        if page and page != "history/":
            assert "<fieldset" in main
            assert " disabled>" in main
            assert "<button>" in mine.text


#: Section, what is typed, the column, and what it holds then.
SAVED: list[tuple[str, dict[str, str | None], str, object]] = [
    ("sending", {"texts_from": "10"}, "texts_from", 10),
    ("sending", {"texts_on_sundays": None}, "texts_on_sundays", False),
    ("sending", {"cap_seconds": "604800"}, "cap_seconds", 604800),
    ("sending", {"texts_a_week": "2"}, "texts_a_week", 2),
    ("sending", {"idle_minutes": "45"}, "idle_seconds", 2700),
    ("sending", {"smart_encoding": "1"}, "smart_encoding", True),
    ("offers", {"budget": "250,50"}, "offer_policy", '{"currency":"EUR","budget":"250.50"}'),
    ("offers", {"most_percent": "15"}, "offer_policy", '{"currency":"EUR","most_percent":"15"}'),
    ("email", {"sender_name": "Anne, teapots"}, "sender_name", "Anne, teapots"),
    ("email", {"merchant_email": "mira@pots.example"}, "merchant_email", "mira@pots.example"),
    ("email", {"postal_address": "1 quai\r\n\r\nBrest"}, "postal_address", "1 quai\nBrest"),
    ("look", {"colour": "#2A6F4E"}, "colour", "#2a6f4e"),
    ("look", {"logo": "https://pots.example/l.png"}, "logo", "https://pots.example/l.png"),
    ("consent", {"double_opt_in": "1"}, "double_opt_in", True),
    (
        "consent",
        {"customers_may_be_texted": "1", "texted_because": "1"},
        "customers_may_be_texted",
        True,
    ),
    ("orders", {"stage_shipped": "1", "stage_refunded": "1"}, "order_texts", "shipped,refunded"),
    ("orders", {"welcome_code": "HELLO10"}, "welcome_code", "HELLO10"),
    ("orders", {"guests_may_order": None}, "guests_may_order", False),
    ("orders", {"other_addresses": "old.example"}, "other_addresses", "https://old.example"),
    ("credit", {"click_days": "3"}, "credit_rule", '{"click_days":3}'),
    ("prices", {"price_DE": "0,08"}, "sms_prices", '{"DE": "0.08"}'),
]


@pytest.mark.parametrize(("key", "typed", "column", "then"), SAVED)
def test_each_setting_is_saved_kept_with_who_and_when_and_put_back(
    stage: Stage,
    shop: ShopRow,
    key: str,
    typed: dict[str, str | None],
    column: str,
    then: object,
) -> None:
    browser = a_browser(stage, shop)
    before = getattr(row(stage), column)
    assert save(browser, shop, key, **typed).status_code == 302
    assert getattr(row(stage), column) == then
    change = last_change(stage)
    assert (change.member_id, change.at) == (stage.rows("members")[0].id, stage.clock())
    page = told(get(browser, at(shop, "history/")))
    assert "wordpress 7" in page
    undo = at(shop, f"history/{change.id}/undo")
    assert post(browser, undo, form=mark(browser)).status_code == 302
    assert getattr(row(stage), column) == before
    assert last_change(stage).undoes == change.id
    assert "It was put back" in told(get(browser, at(shop, "history/")))


REFUSED: list[tuple[str, dict[str, str | None], str]] = [
    ("sending", {"texts_from": "6"}, "Choose one of the list."),
    ("sending", {"idle_minutes": "5"}, "At least 15 minutes"),
    ("sending", {"delay_minutes": "719"}, "Both together at most 12 hours"),
    ("offers", {"budget": "a lot"}, "An amount in digits"),
    ("offers", {"margin": "30"}, "give both or none"),
    ("email", {"merchant_email": "mira"}, "An e-mail address"),
    ("look", {"colour": "#ffee00"}, "hard to read"),
    ("look", {"logo": "http://pots.example/l.png"}, "The https address"),
    ("consent", {"customers_may_be_mailed": "1"}, "Tick this to say"),
    ("orders", {"welcome_code": "TEN %"}, "One word of letters"),
    ("credit", {"click_days": "91"}, "From 0 to 90."),
    ("prices", {"new_country": "JP"}, "give both or none"),
]


@pytest.mark.parametrize(("key", "typed", "words"), REFUSED)
def test_what_is_wrong_is_told_at_its_field_and_what_was_typed_is_kept(
    stage: Stage, shop: ShopRow, key: str, typed: dict[str, str | None], words: str
) -> None:
    browser = a_browser(stage, shop)
    before = row(stage)
    answer = save(browser, shop, key, **typed)
    assert answer.status_code == 422
    assert words in told(answer)
    assert 'aria-invalid="true"' in answer.text
    again = re.search(r'<form[^>]* id="form".*?</form>', answer.text, re.S)
    assert again is not None
    kept = fields_in(again[0])
    listed = {"texts_from"}  # a list can only show what it offers
    assert {name: kept.get(name) for name in typed} == typed or listed & set(typed)
    assert row(stage) == before
    assert stage.rows("changes") == []
    (name, *_rest) = typed
    fields = {k: v for k, v in ({**form_of(browser, shop, key), **typed}).items() if v is not None}
    names = [name, *[each for each in SECTIONS[key].fields if each.endswith(("because", "price"))]]
    names += ["margin_floor"] if name == "margin" else []
    checked = [post(browser, at(shop, f"{key}/check?field={n}"), **fields) for n in names]
    assert {each.status_code for each in checked} == {200}
    assert any(words in told(each) for each in checked)
    assert stage.rows("changes") == []


def test_a_field_that_is_right_says_nothing_as_one_types(stage: Stage, shop: ShopRow) -> None:
    browser = a_browser(stage, shop)
    fields = form_of(browser, shop, "look") | {"colour": "#2a6f4e"}
    answer = post(browser, at(shop, "look/check?field=colour"), **fields)
    assert answer.text.strip() == ""
    unknown = post(browser, at(shop, "look/check?field=credentials"), **fields)
    assert unknown.status_code == 404


def test_the_second_of_two_is_told_and_overwrites_nothing(stage: Stage, shop: ShopRow) -> None:
    first = a_browser(stage, shop)
    second = a_browser(stage, shop, "8", "fedcba9876543210")
    stage.database.run(
        lambda db: db.execute(tables.members.update().values(role=Role.EDITOR.value))
    )
    mine, theirs = form_of(first, shop, "look"), form_of(second, shop, "look")
    assert post(first, at(shop, "look/"), **mine | {"colour": "#111111"}).status_code == 302
    answer = post(second, at(shop, "look/"), **theirs | {"colour": "#222222"})
    assert answer.status_code == 409
    assert row(stage).colour == "#111111"
    page = told(answer)
    assert "wordpress 7 changed this page" in page
    assert "<td>#111111</td><td>#222222</td>" in page
    form = re.search(r'<form[^>]* id="form".*?</form>', answer.text, re.S)
    assert form is not None
    kept = fields_in(form[0])
    assert kept["colour"] == "#222222"
    # Seen now, it may be overwritten.
    assert post(second, at(shop, "look/"), **kept).status_code == 302
    assert row(stage).colour == "#222222"


def test_a_change_that_was_changed_since_is_not_put_back(stage: Stage, shop: ShopRow) -> None:
    browser = a_browser(stage, shop)
    save(browser, shop, "look", colour="#111111")
    first = last_change(stage).id
    save(browser, shop, "look", colour="#222222")
    post(browser, at(shop, f"history/{first}/undo"), form=mark(browser))
    assert row(stage).colour == "#222222"
    assert "changed again since, lastly by wordpress 7" in told(get(browser, at(shop, "history/")))


def test_a_change_that_would_be_wrong_by_now_is_not_put_back(stage: Stage, shop: ShopRow) -> None:
    browser = a_browser(stage, shop)
    save(browser, shop, "sending", delay_minutes="600")
    save(browser, shop, "sending", delay_minutes="10")
    second = last_change(stage).id
    save(browser, shop, "sending", idle_minutes="300")
    post(browser, at(shop, f"history/{second}/undo"), form=mark(browser))
    assert row(stage).delay_seconds == 600
    assert "it would not be right any more" in told(get(browser, at(shop, "history/")))
    assert len(stage.rows("changes")) == 3


def test_another_shops_change_is_not_there_to_be_put_back(stage: Stage, shop: ShopRow) -> None:
    cups = stage._a_shop("woocommerce", "https://cups.example", {}, {"key": "cups"})
    made = stage.database.run(
        lambda db: changes.set_of_shop(db, cups.id, {"colour": "#111111"}, stage.clock())
    )
    browser = a_browser(stage, shop)
    for change_id in (made, 2**62, 10**30):
        answer = post(browser, at(shop, f"history/{change_id}/undo"), form=mark(browser))
        assert answer.status_code == 404
    assert "#111111" not in get(browser, at(shop, "history/")).text


def test_a_reader_changes_nothing(stage: Stage, shop: ShopRow) -> None:
    owner = a_browser(stage, shop)
    save(owner, shop, "look", colour="#111111")
    reader = a_reader(stage, shop)
    doors = [f"{key}/" for key in SECTIONS] + [f"{key}/check?field=colour" for key in SECTIONS]
    doors += ["history/1/undo", "domain", "offers/preview", "look/preview", "holdout"]
    for door in doors:
        answer = post(reader, at(shop, door), form=mark(reader), colour="#222222")
        assert answer.status_code == 403, door
    assert row(stage).colour == "#111111"
    assert len(stage.rows("changes")) == 1


def test_fields_of_other_names_are_not_looked_at(stage: Stage, shop: ShopRow) -> None:
    browser = a_browser(stage, shop)
    before = row(stage)
    more = {"any_hour": "1", "credentials": "x", "state": "erased", "account_id": "9"}
    assert save(browser, shop, "sending", **more).status_code == 302
    assert row(stage) == before
    assert get(browser, at(shop, "any_hour/")).status_code == 404


ODD = [
    "\x00",
    "-1",
    "1e9",
    "NaN",
    "😀" * 300,
    "9" * 5000,
    "٣",
    "\u202e",
    "%s%n{{7*7}}",
    "' OR 1=1 --",
]


@pytest.mark.parametrize("key", SECTIONS)
def test_nothing_that_is_typed_breaks_a_page(stage: Stage, shop: ShopRow, key: str) -> None:
    browser = a_browser(stage, shop)
    fields = form_of(browser, shop, key)
    names = [*SECTIONS[key].fields][:20]
    for odd in ODD:
        typed = fields | dict.fromkeys(names, odd)
        answer = post(browser, at(shop, f"{key}/"), **typed)
        assert answer.status_code in (302, 409, 422), (odd, answer.status_code)
        seen = post(browser, at(shop, f"{key}/"), **typed | {"seen": odd})
        assert seen.status_code in (302, 409, 422)
        for name in names[:4]:
            checked = post(browser, at(shop, f"{key}/check?field={name}"), **typed)
            assert checked.status_code == 200
    for door in ("domain", "offers/preview", "look/preview"):
        for odd in ODD:
            answer = post(browser, at(shop, door), **fields | dict.fromkeys(names, odd))
            assert answer.status_code in (200, 422), door
    assert "<b>" not in post(browser, at(shop, f"{key}/"), **fields | {names[0]: "<b>"}).text


def test_bytes_that_are_no_text_and_huge_forms_are_refused(stage: Stage, shop: ShopRow) -> None:
    browser = a_browser(stage, shop)
    kind = "application/x-www-form-urlencoded"
    for body in (
        b"\xff\xfe\x00=\x80&colour=%ff%00%c3",
        b"colour=" + b"x" * 3_000_000,
        b"a" * 600_000,
    ):
        answer = browser.post(
            at(shop, "look/"), data=body, content_type=kind, base_url="https://relance.example"
        )
        assert 400 <= answer.status_code < 500
    marked = f"form={mark(browser)}&seen=%ff&colour=%ff%00&logo=%c3%28"
    answer = browser.post(
        at(shop, "look/"), data=marked, content_type=kind, base_url="https://relance.example"
    )
    assert answer.status_code == 422


# -- what stands beside the fields -------------------------------------------------------------


class Dns:
    """Says what it is told to, and keeps what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []

    def check(self, domain: str, selector: str = "") -> list[Finding]:
        self.asked.append((domain, selector))
        return [
            Finding("spf", Standing.BAD, "spf_several", domain, "v=spf1 a <b>"),
            Finding("dkim", Standing.UNKNOWN, "not_looked_up", f"{selector}._domainkey.{domain}"),
            Finding("dmarc", Standing.WEAK, "dmarc_none", f"_dmarc.{domain}", "v=DMARC1; p=none"),
        ]


def with_mail(stage: Stage, shop: ShopRow) -> Dns:
    account = stage.an_account("post@pots.example")
    values = {"email_account_id": account.id}
    stage.database.run(lambda db: db.execute(tables.shops.update().values(**values)))
    dns = stage.app.extensions[settings_email.DNS] = Dns()
    return dns


def test_the_domain_is_looked_up_on_a_button_with_and_without_a_script(
    stage: Stage, shop: ShopRow
) -> None:
    dns, browser = with_mail(stage, shop), a_browser(stage, shop)
    fields = form_of(browser, shop, "email") | {"dkim_selector": " S1 ", "sender_name": "Anne"}
    whole = post(browser, at(shop, "domain"), **fields)
    part = browser.post(
        at(shop, "domain"),
        data=fields,
        base_url="https://relance.example",
        headers={"HX-Request": "true"},
    )
    assert dns.asked == [("pots.example", "s1")] * 2
    assert "<html" in whole.text
    assert "<html" not in part.text
    for answer in (whole, part):
        assert answer.status_code == 200
        assert "There are two SPF records" in told(answer)
        assert "It could not be looked up" in told(answer)
        assert "&lt;b&gt;" in answer.text
    assert fields_in(whole.text)["sender_name"] == "Anne"
    assert stage.rows("changes") == []


def test_a_selector_that_is_none_is_not_asked_for(stage: Stage, shop: ShopRow) -> None:
    dns, browser = with_mail(stage, shop), a_browser(stage, shop)
    fields = form_of(browser, shop, "email") | {"dkim_selector": "x.evil"}
    answer = post(browser, at(shop, "domain"), **fields)
    assert answer.status_code == 422
    assert "One name without points" in told(answer)
    assert dns.asked == []


def test_every_finding_has_its_words() -> None:
    import inspect

    from connectors import dns_check

    whys = set(re.findall(r'"((?:spf|dkim|dmarc|no|not)_\w+)"', inspect.getsource(dns_check)))
    assert whys == set(settings_email.WORDS)


def test_three_shoppers_show_what_the_typed_rules_would_do(stage: Stage, shop: ShopRow) -> None:
    browser = a_browser(stage, shop)
    fields = form_of(browser, shop, "offers") | {"prospect": "none", "customer": "none"}
    answer = post(browser, at(shop, "offers/preview"), **fields)
    assert told(answer).count("The shop makes no offer to such people.") == 6
    wrong = post(browser, at(shop, "offers/preview"), **fields | {"budget": "x"})
    assert "by the rules as they are kept" in told(wrong)


def test_the_head_of_the_page_takes_the_colour_that_is_typed(stage: Stage, shop: ShopRow) -> None:
    browser = a_browser(stage, shop)
    fields = form_of(browser, shop, "look") | {"colour": "#2a6f4e", "logo": "javascript:1"}
    answer = post(browser, at(shop, "look/preview"), **fields)
    assert 'fill="#2a6f4e"' in answer.text
    assert "javascript" not in answer.text
    assert "style=" not in answer.text


def test_the_law_of_the_shops_country_stands_beside_its_hours(stage: Stage) -> None:
    shop = stage.a_woocommerce_shop(country="FR", texts_until=18)
    page = told(get(a_browser(stage, shop), at(shop, "sending/")))
    assert "08:00–20:00" in page
    assert "08:00–18:00" in page


# -- the share held out ------------------------------------------------------------------------


def a_programme(stage: Stage, shop: ShopRow) -> None:
    form = presets.preset("fashion", "FR", "en")
    stage.database.run(
        lambda db: programmes.save(db, shop.id, programmes.CART, form, "a test", stage.clock())
    )


def held(stage: Stage, shop: ShopRow) -> tuple[int, float]:
    with stage.database.reading() as db:
        found = programmes.held(db, shop.id, programmes.CART)
    assert found is not None
    return found[0], found[2].holdout


def share(browser: FlaskClient, shop: ShopRow, words: str, seen: str = "1") -> TestResponse:
    fields = {"form": mark(browser), "holdout": words, "seen": seen}
    return post(browser, at(shop, "holdout"), **fields)


def test_the_share_held_out_is_a_new_version_of_the_programme(stage: Stage, shop: ShopRow) -> None:
    a_programme(stage, shop)
    browser = a_browser(stage, shop)
    assert share(browser, shop, "12,5").status_code == 302
    assert held(stage, shop) == (2, 0.125)
    page = told(get(browser, at(shop, "history/")))
    assert "People who get nothing" in page
    assert "12.5" in page
    assert "/undo" not in page
    assert share(browser, shop, "20").status_code == 302  # seen before that
    assert held(stage, shop) == (2, 0.125)
    assert "changed the programme meanwhile" in told(get(browser, at(shop, "credit/")))
    assert share(browser, shop, "0", seen="2").status_code == 302
    assert "what reminders add cannot be told" in told(get(browser, at(shop, "credit/")))


@pytest.mark.parametrize("words", ["51", "-1", "", "ten", "1e1", "\x00"])
def test_no_other_share_is_held_out(stage: Stage, shop: ShopRow, words: str) -> None:
    browser = a_browser(stage, shop)
    assert share(browser, shop, "10", seen="0").status_code == 422  # no programme yet
    a_programme(stage, shop)
    assert share(browser, shop, words).status_code == 422
    assert held(stage, shop)[0] == 1


def test_changes_of_other_rooms_are_told_in_words_too(stage: Stage, shop: ShopRow) -> None:
    stage.database.run(
        lambda db: changes.set_of_shop(db, shop.id, {"keep_months": 6}, stage.clock())
    )
    page = told(get(a_browser(stage, shop), at(shop, "history/")))
    assert "Months that a person is kept" in page
    assert "keep_months" not in page
    assert "a command on the server" in page
