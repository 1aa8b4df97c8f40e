"""Programmes on the merchant's pages: looked at, changed, switched, put back; by two at once."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from html.parser import HTMLParser
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from recovery import programme_versions, programmes
from recovery.members import Role
from recovery.presets import PRESETS, preset
from recovery.programme_form import AnyOf, Fact, Not, Programme, Variant
from recovery.programmes import CART
from recovery.shops import ShopRow
from tests.web.stage import Stage
from tests.web.test_merchant_door import a_browser, get, mark, post

FASHION = preset("fashion", "FR", "en")


class Form(HTMLParser):
    """What a browser would send of the form with the most fields of a page."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.forms: list[dict[str, str]] = []
        self._area = self._select = ""
        self.feed(page)

    @classmethod
    def largest(cls, page: str) -> dict[str, str]:
        return max(cls(page).forms, key=len)

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        has = dict(attrs)
        if tag == "form":
            self.forms.append({})
        if not self.forms:
            return
        name = has.get("name") or ""
        if tag == "input" and name and (has.get("type") != "checkbox" or "checked" in has):
            self.forms[-1][name] = has.get("value") or ""
        if tag == "textarea":
            self._area, self.forms[-1][name] = name, ""
        if tag == "select":
            self._select = name
        if tag == "option" and ("selected" in has or self._select not in self.forms[-1]):
            self.forms[-1][self._select] = has.get("value") or ""

    def handle_data(self, data: str) -> None:
        if self._area:
            self.forms[-1][self._area] += data.removeprefix("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._area = ""


@pytest.fixture
def shop(stage: Stage) -> ShopRow:
    account = stage.an_account()
    more = {"country": "FR", "timezone": "Europe/Paris", "locale": "fr", "account_id": account.id}
    return stage._a_shop(
        "woocommerce", "https://pots.example", {"plugin_secret": "leaf"}, {"key": "pots"} | more
    )


@pytest.fixture
def browser(stage: Stage, shop: ShopRow) -> FlaskClient:
    return a_browser(stage, shop)


@pytest.fixture
def reader(stage: Stage, shop: ShopRow, browser: FlaskClient) -> FlaskClient:
    return a_browser(stage, shop, "8", "fedcba9876543210")


def at(path: str = "") -> str:
    return f"/shops/pots/programmes/{path}"


def save(stage: Stage, shop: ShopRow, form: Programme, by: str = "Béa") -> None:
    stage.database.run(lambda db: programmes.save(db, shop.id, CART, form, by, stage.clock()))


def stands(stage: Stage, shop: ShopRow) -> Programme:
    found = stage.database.run(lambda db: programmes.held(db, shop.id, CART))
    assert found is not None
    return found[2]


def sends(browser: FlaskClient, path: str, **fields: str) -> Any:
    return post(browser, at(path), **({"form": mark(browser)} | fields))


def wrong_at(page: str, field: str) -> str:
    found = re.search(rf'id="{re.escape(field)}-wrong">([^<]*)<', page)
    return unescape(found[1]) if found else ""


# -- looked at ---------------------------------------------------------------------------------


def test_without_a_programme_the_built_in_one_is_told(stage: Stage, browser: FlaskClient) -> None:
    page = get(browser, at()).text
    assert "the built-in one runs" in page
    assert "30 minutes after the cart is left: a text message" in page
    for trade in PRESETS:
        assert PRESETS[trade].words.name[0].replace("&", "&amp;") in page
    assert "This is the built-in programme" in get(browser, at("cart")).text
    assert "Nobody has changed the programme" in get(browser, at("cart/versions")).text


def test_each_step_is_told_in_a_sentence(stage: Stage, shop: ShopRow, browser: FlaskClient) -> None:
    save(stage, shop, FASHION)
    for path in ("", "cart"):
        page = get(browser, at(path)).text
        assert (
            "30 minutes after the cart is left (2 hours from €100 on): "
            "a text message, or else an e-mail" in page
        )
        assert "1 day after the step before: an e-mail" in page
        assert "Version 1, saved by Béa" in page


PAGES = ["", "cart", "cart/rules", "cart/steps/1", "cart/steps/2", "cart/variants", "cart/versions"]
PAGES += ["cart/steps/1/words/fr", "cart/steps/2/words/en", "cart/steps/1?variant=1"]
PAGES += ["cart/steps/1/words/de?variant=1"]
RICH = replace(
    FASHION,
    when=AnyOf((Fact("orders", "is", 0), Not(AnyOf((Fact("items", "is", 1),))))),
    variants=(Variant("B", 30, (replace(FASHION.steps[0], words="calm"),)),),
)


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_page_speaks_both_languages(
    stage: Stage, shop: ShopRow, browser: FlaskClient, path: str, language: str
) -> None:
    save(stage, shop, RICH)
    answer = get(browser, at(path), headers={"Accept-Language": language})
    assert answer.status_code == 200
    assert len(answer.data) < 100_000
    assert "style=" not in answer.text.split("<main")[1]
    assert len(re.findall("<h1", answer.text)) == 1


@pytest.mark.parametrize("path", PAGES)
def test_a_reader_sees_all_of_it_and_can_change_nothing(
    stage: Stage, shop: ShopRow, reader: FlaskClient, path: str
) -> None:
    save(stage, shop, RICH)
    answer = get(reader, at(path))
    assert answer.status_code == 200
    main = answer.text.split("<main")[1]
    assert 'method="post"' not in re.sub(r'<form method="post" class="card">', "", main)
    for form in main.split('<form method="post"')[1:]:
        assert "<fieldset" in form and "disabled" in form
        assert "<button" not in form.split("</form>")[0]


@pytest.mark.parametrize(
    "path",
    [
        "switch",
        "begin",
        "cart/steps",
        "cart/rules",
        "cart/steps/1",
        "cart/variants",
        "cart/versions/1",
        "cart/steps/1/words/fr",
    ],
)
def test_a_reader_is_told_that_others_may(
    stage: Stage, shop: ShopRow, reader: FlaskClient, path: str
) -> None:
    save(stage, shop, FASHION)
    assert sends(reader, path, seen="1").status_code == 403
    assert stands(stage, shop) == FASHION


# -- changed -------------------------------------------------------------------------------------


def test_a_ready_one_is_taken_over_for_the_shops_country(
    stage: Stage, shop: ShopRow, browser: FlaskClient
) -> None:
    assert sends(browser, "begin", trade="fashion", seen="0").status_code == 302
    assert stands(stage, shop) == FASHION
    assert sends(browser, "begin", trade="cars", seen="1").status_code == 400
    assert sends(browser, "begin", trade="food").status_code == 400


FORMS = ["cart/rules", "cart/steps/1", "cart/steps/2", "cart/steps/1?variant=1", "cart/variants"]


@pytest.mark.parametrize("path", FORMS)
def test_a_form_that_is_sent_back_as_it_is_loses_nothing(
    stage: Stage, shop: ShopRow, browser: FlaskClient, path: str
) -> None:
    save(stage, shop, RICH)
    fields = Form.largest(get(browser, at(path)).text)
    if path == "cart/variants":
        fields = Form(get(browser, at(path)).text).forms[1]  # the first is the way out
    assert fields["seen"] == "1"
    assert sends(browser, path.partition("?")[0], **fields).status_code == 302
    assert stands(stage, shop) == RICH
    assert "Nothing was changed" in get(browser, at("cart")).text
    assert stage.count("programme_versions") == 1


def test_a_step_is_saved_as_a_new_version_with_who(
    stage: Stage, shop: ShopRow, browser: FlaskClient
) -> None:
    save(stage, shop, FASHION)
    fields = Form.largest(get(browser, at("cart/steps/1")).text)
    fields |= {"delay": "45", "delay_unit": "60", "above": "3", "above_unit": "3600"}
    fields |= {"what-0": "customer.is.new"}
    assert sends(browser, "cart/steps/1", **fields).status_code == 302
    step = stands(stage, shop).steps[0]
    assert (step.delay.below, step.delay.above) == (2700, 10_800)
    assert step.when == Fact("customer", "is", "new")
    page = get(browser, at("cart/versions")).text
    assert "Saved by wordpress 7" in page
    assert "45 minutes after the cart is left (3 hours from €100 on)" in page
    assert "only for: new customer" in get(browser, at("cart")).text


@pytest.mark.parametrize(
    ("path", "field", "value", "where"),
    [
        ("cart/steps/1", "delay", "soon", "delay"),
        ("cart/steps/1", "delay", "13", "delay"),
        ("cart/steps/2", "fallback", "email", "fallback"),
        ("cart/steps/2", "rich", "mms", "rich"),
        ("cart/steps/1", "channel", "fax", "channel"),
        ("cart/steps/2", "gift", "percent", "value"),
        ("cart/rules", "holdout", "60", "holdout"),
        ("cart/rules", "holdout", "few", "holdout"),
        ("cart/rules", "border", "0", "border"),
        ("cart/rules", "ends_after_days", "91", "ends_after_days"),
        ("cart/rules", "value-0", "x", "value-0"),
    ],
)
def test_what_is_wrong_is_told_at_its_field_and_what_was_typed_stays(
    stage: Stage, shop: ShopRow, browser: FlaskClient, path: str, field: str, value: str, where: str
) -> None:
    save(stage, shop, RICH)
    fields = Form.largest(get(browser, at(path)).text) | {field: value}
    if (field, value) == ("delay", "13"):
        fields["delay_unit"] = "3600"
    answer = sends(browser, path, **fields)
    assert answer.status_code == 422
    assert wrong_at(answer.text, where)
    assert Form.largest(answer.text) | {"form": ""} == fields | {"form": ""} or value == "fax"
    assert stands(stage, shop) == RICH


def test_steps_are_added_moved_and_taken_out(
    stage: Stage, shop: ShopRow, browser: FlaskClient
) -> None:
    save(stage, shop, FASHION)
    answer = sends(browser, "cart/steps", do="add", seen="1")
    assert answer.location.endswith("/cart/steps/4")
    sends(browser, "cart/steps", do="later", step="1", seen="2")
    sends(browser, "cart/steps", do="remove", step="3", seen="3")
    assert [step.words for step in stands(stage, shop).steps] == ["second", "reminder", "second"]
    assert sends(browser, "cart/steps", do="turn", step="1", seen="4").status_code == 400


def test_a_variant_is_added_changed_and_taken_out(
    stage: Stage, shop: ShopRow, browser: FlaskClient
) -> None:
    save(stage, shop, FASHION)
    new = {"new_name": "Calm", "new_weight": "30", "new_step": "1"}
    answer = sends(browser, "cart/variants", do="add", seen="1", **new)
    assert answer.location.endswith("/cart/steps/1?variant=1")
    path = "cart/steps/1?variant=1"
    fields = Form.largest(get(browser, at(path)).text) | {"words": "calm"}
    assert sends(browser, "cart/steps/1", **fields).status_code == 302
    form = stands(stage, shop)
    assert form.steps == FASHION.steps
    assert form.variants == (Variant("Calm", 30, (replace(FASHION.steps[0], words="calm"),)),)
    names = {"name-1": "Slow", "weight-1": "40", "adaptive": "1"}
    sends(browser, "cart/variants", do="save", seen="3", **names)
    sends(browser, "cart/variants", do="also.1.2", seen="4", **names)
    sends(browser, "cart/variants", do="drop.1.1", seen="5", **names)
    form = stands(stage, shop)
    assert form.adaptive
    assert form.variants == (Variant("Slow", 40, (FASHION.steps[1],)),)
    sends(browser, "cart/variants", do="remove.1", seen="6")
    assert stands(stage, shop).variants == ()


def test_a_variant_without_a_name_is_told_at_its_field(
    stage: Stage, shop: ShopRow, browser: FlaskClient
) -> None:
    save(stage, shop, RICH)
    new = {"new_name": "control", "new_weight": "200", "new_step": "1"}
    answer = sends(browser, "cart/variants", do="add", seen="1", **new)
    assert answer.status_code == 422
    assert "other than" in wrong_at(answer.text, "new_name")
    answer = sends(browser, "cart/variants", do="save", seen="1", **{"name-1": "", "weight-1": "0"})
    assert wrong_at(answer.text, "name-1") and wrong_at(answer.text, "weight-1")


# -- two at once, versions, on and off -----------------------------------------------------------


@pytest.mark.parametrize("path", ["cart/rules", "cart/steps/1"])
def test_the_second_of_two_is_told_and_may_save_over_it_knowingly(
    stage: Stage, shop: ShopRow, browser: FlaskClient, path: str
) -> None:
    save(stage, shop, FASHION)
    fields = Form.largest(get(browser, at(path)).text)
    fields |= {"holdout": "20"} if path == "cart/rules" else {"words": "calm"}
    theirs = replace(FASHION.steps[1], words="calm")
    save(stage, shop, replace(FASHION, steps=(FASHION.steps[0], theirs, FASHION.steps[2])), "Béa")
    answer = sends(browser, path, **fields)
    assert answer.status_code == 409
    assert "Béa saved version 2 meanwhile" in unescape(answer.text)
    assert "calm, for what people compare" in unescape(answer.text)
    assert len(stage.rows("programme_versions")) == 2
    again = Form.largest(answer.text)
    assert again["seen"] == "2"
    assert {k: v for k, v in again.items() if k in fields and k != "seen"} == {
        k: v for k, v in fields.items() if k != "seen"
    }
    assert sends(browser, path, **again).status_code == 302
    form = stands(stage, shop)
    assert form.steps[1] == theirs  # what this form does not show stays theirs
    assert form.holdout == 0.2 if path == "cart/rules" else form.steps[0].words == "calm"


def test_a_step_is_not_moved_in_a_programme_that_somebody_else_changed(
    stage: Stage, shop: ShopRow, browser: FlaskClient
) -> None:
    save(stage, shop, FASHION)
    save(stage, shop, RICH)
    for path, fields in (
        ("cart/steps", {"do": "remove", "step": "1"}),
        ("begin", {"trade": "food"}),
        ("cart/versions/2", {}),
        ("begin", {"trade": "food", "seen": "0"}),
    ):
        sends(browser, path, **({"seen": "1"} | fields))
        assert stands(stage, shop) == RICH
        assert "saved version 2 meanwhile" in get(browser, at("cart")).text


def test_any_version_is_put_back_as_a_new_one(
    stage: Stage, shop: ShopRow, browser: FlaskClient
) -> None:
    for holdout in (0.1, 0.2, 0.3):
        save(stage, shop, replace(FASHION, holdout=holdout))
    assert sends(browser, "cart/versions/1", seen="3").status_code == 302
    assert stands(stage, shop) == FASHION
    page = get(browser, at("cart/versions")).text
    assert page.index("Version 4") < page.index("Version 3") < page.index("Version 1")
    assert "<del>30 %</del>" in page and "<ins>10 %</ins>" in page
    assert sends(browser, "cart/versions/9", seen="4").status_code == 404


def test_versions_come_a_page_at_a_time(stage: Stage, shop: ShopRow, browser: FlaskClient) -> None:
    for days in range(1, 26):
        save(stage, shop, replace(FASHION, ends_after_days=days + 10))
    first = get(browser, at("cart/versions")).text
    assert first.count("Put this version back") == 19
    second = get(browser, at("cart/versions?before=6")).text
    assert second.count("Put this version back") == 5
    assert "The first one." in second
    assert "<h2>Version 5" in second and "<h2>Version 6" not in second


def test_it_is_switched_off_and_on_and_who_did_is_kept(
    stage: Stage, shop: ShopRow, browser: FlaskClient
) -> None:
    sends(browser, "switch", on="0")
    page = get(browser, at()).text
    assert "Switched off by wordpress 7" in page
    stage.database.run(lambda db: programmes.running(db, {shop.id: shop})[shop.id].form)
    off = stage.database.run(lambda db: programmes.running(db, {shop.id: shop}))
    assert off[shop.id].form.steps == ()
    (change,) = stage.rows("changes")
    assert (change.subject, change.undoes) == ("programme", None)
    sends(browser, "switch", on="1", undoes=str(change.id))
    assert stage.rows("changes")[1].undoes == change.id
    on = stage.database.run(lambda db: programmes.running(db, {shop.id: shop}))
    assert len(on[shop.id].form.steps) == 1
    sends(browser, "switch", on="1")
    assert len(stage.rows("changes")) == 2


# -- strange knocks ------------------------------------------------------------------------------


@pytest.mark.parametrize("seen", ["", "x", "-1", "7", "99999999999999999999", "1.5"])
def test_a_form_made_from_no_version_is_not_taken(
    stage: Stage, shop: ShopRow, browser: FlaskClient, seen: str
) -> None:
    save(stage, shop, FASHION)
    assert sends(browser, "cart/rules", seen=seen).status_code == 400


@pytest.mark.parametrize(
    "path",
    [
        "cart/steps/9",
        "cart/steps/1?variant=3",
        "cart/steps/1/words/xx",
        "cart/steps/9/words/fr",
        "cart/steps/1/words/fr?variant=9",
        "cart/mail/x",
        "cart/steps/99999999999999999999",
        "cart/versions?before=99999999999999999999",
    ],
)
def test_what_is_not_there_is_not_there(
    stage: Stage, shop: ShopRow, browser: FlaskClient, path: str
) -> None:
    save(stage, shop, FASHION)
    assert get(browser, at(path)).status_code == 404


STRANGE = st.text(max_size=40) | st.sampled_from(["1", "99999999999999999999", "kept", "\0", "any"])


@pytest.fixture
def doors(stage: Stage, shop: ShopRow, browser: FlaskClient) -> Iterator[list[str]]:
    save(stage, shop, RICH)
    yield [
        "cart/rules",
        "cart/steps/1",
        "cart/variants",
        "cart/steps",
        "begin",
        "switch",
        "cart/steps/1/words/fr",
        "cart/steps/1/words/fr/preview",
        "cart/versions/1",
    ]


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.data())
def test_no_form_whatever_breaks_a_page(
    stage: Stage, browser: FlaskClient, doors: list[str], data: st.DataObject
) -> None:
    names = "seen do step variant holdout border delay delay_unit above channel what-0 value-0"
    names += " was-0 join gift value products lines name-1 weight-1 new_name new_weight new_step"
    names += " text subject cart trade on undoes no_offer ends_after_days"
    fields = data.draw(st.dictionaries(st.sampled_from(names.split()), STRANGE))
    fields |= {"seen": data.draw(st.sampled_from(["1", fields.get("seen", "1")]))}
    assert sends(browser, data.draw(st.sampled_from(doors)), **fields).status_code < 500


def test_roles_are_as_they_are_thought(stage: Stage, reader: FlaskClient) -> None:
    assert [row.role for row in stage.rows("members")] == [Role.OWNER, Role.READER]
    assert programme_versions.SUBJECT == "programme"
