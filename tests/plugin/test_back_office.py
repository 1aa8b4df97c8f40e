"""The settings page, the privacy tools and WooCommerce's own e-mail, run by a real PHP.

The functions of WordPress around them are the small ones of `back_office/wordpress.php`.
"""

from __future__ import annotations

import json
import re

import pytest

from tests.plugin.office import CODE, page, told_by


def test_the_page_stands_below_woocommerce_for_those_who_manage_the_shop() -> None:
    told = told_by(
        "Relance_Settings::hook(); Relance_Privacy::hook(); Relance_Recovery_Email::hook();"
        "Relance_Settings_Page::add_page(); $told = $GLOBALS['told'];"
        "foreach ($told['filters'] as $what) { assert(is_callable($what)); }"
        "return array(array_slice($told['page'], 0, 5), array_keys($told['filters']),"
        "Relance_Settings_Page::add_link(array('x')), array_keys(Relance_Privacy::add_eraser("
        "Relance_Privacy::add_exporter(array()))));"
    )
    page_told, hooks, links, ids = told
    assert (page_told[0], page_told[3], page_told[4]) == (
        "woocommerce",
        "manage_woocommerce",
        "relance",
    )
    assert {f"admin_post_relance_{name}" for name in ("pair", "test", "save", "unpair")} < set(
        hooks
    )
    assert "woocommerce_abandoned_cart_recovery_suppress" in hooks
    assert "admin.php?page=relance" in links[0] and links[1] == "x"
    assert ids == ["relance"]


def test_an_unpaired_shop_sees_where_to_put_the_code() -> None:
    shown = page()
    assert "not connected" in shown
    assert '<label for="relance-code">' in shown
    assert 'value="relance_pair"' in shown
    assert "relance_unpair" not in shown


def test_a_paired_shop_sees_host_last_cart_waiting_lost_and_error() -> None:
    state = (
        "update_option('relance_outbox', array('sent_at' => '2026-11-21 08:00:00.000', 'dropped' =>"
        " 1234, 'error' => 'no <i>route', 'code' => 'relance_away', 'failures' => 2, 'error_at' =>"
        " '2026-11-21 09:30:00.000'));"
    )
    shown = page(f"pair_the_shop(); a_cart('a-key-1', 'z@a.example'); {state}")
    for words in ("relance.example:8443, since 2026-11-20 12:41", "2026-11-21 08:00", ">1,234<"):
        assert words in shown
    assert "no &lt;i&gt;route (2026-11-21 09:30)" in shown
    assert "could not be reached" in shown
    assert "Ana &lt;b&gt;&amp; Co" in shown
    assert "tried again every few minutes" in shown
    assert "only-for-tests" not in shown  # the secret


def test_showing_the_page_asks_nobody() -> None:
    assert told_by("pair_the_shop(); shown(); return $GLOBALS['told']['posts'];") == []


def test_every_field_of_the_page_has_a_label_and_every_form_a_nonce() -> None:
    for shown in (page(), page("pair_the_shop();")):
        fields = re.findall(r'<(?:input type="(?:url|text)"|textarea) id="([^"]+)"', shown)
        assert fields
        assert all(f'<label for="{name}">' in shown for name in fields)
        described = re.findall(r'aria-describedby="([^"]+)"', shown)
        assert all(f'id="{name}"' in shown for name in described)
        assert shown.count("<form") == shown.count('name="_wpnonce"') == shown.count("</form>")
        assert shown.count("<td>") == shown.count("</td>")
        assert shown.count("<fieldset>") == shown.count("</fieldset>")


@pytest.mark.parametrize("action", ["pair", "test", "save", "unpair"])
@pytest.mark.parametrize(("lacks", "end"), [("may", "died: "), ("nonce", "nonce relance_")])
def test_nobody_without_the_right_or_the_nonce_changes_anything(
    action: str, lacks: str, end: str
) -> None:
    result = told_by(
        "pair_the_shop(); $before = $GLOBALS['site']['options'];"
        f"$GLOBALS['site']['{lacks}'] = false;"
        f"$went = posted('{action}', array('code' => '{CODE}', 'sure' => '1'));"
        "return array($went, $before === $GLOBALS['site']['options'], $GLOBALS['told']['posts']);"
    )
    (went, _), same, posts = result
    assert went.startswith(end)
    assert (same, posts) == (True, [])


def test_nobody_without_the_right_sees_the_page() -> None:
    assert page("$GLOBALS['site']['may'] = false;") == ""


def test_the_test_says_that_all_is_well_or_what_to_do() -> None:
    good, bad = told_by(
        "pair_the_shop(); $GLOBALS['site']['answers'] = array(array(200, '{}'), array(401, ''));"
        "return array(posted('test', array()), posted('test', array()));"
    )
    assert good[1]["type"] == "success"
    assert bad[1]["type"] == "error" and "clock" in bad[1]["words"]


def test_what_the_merchant_chose_is_kept() -> None:
    fields = (
        "array('mode' => 'notice', 'channels' => array('email', 'fax'), 'sms_words' =>"
        " 'L\\\\\\'atelier <b>vous</b> écrit', 'email_words' => '', 'notice_words' => '')"
    )
    result = told_by(f"posted('save', {fields}); return Relance_Settings::all();")
    assert result == {
        "on": False,
        "mode": "notice",
        "channels": ["email"],
        "sms_words": "L'atelier vous écrit",
        "email_words": "",
        "notice_words": "",
    }


def test_no_channel_is_a_choice_too() -> None:
    assert (
        told_by("posted('save', array('on' => '1')); return Relance_Settings::all();")["channels"]
        == []
    )


def test_words_left_as_they_are_follow_the_language_and_the_shops_name() -> None:
    result = told_by(
        "posted('save', array('on' => '1', 'sms_words' => addslashes(Relance_Settings::words("
        "'sms_words')))); $GLOBALS['site']['name'] = 'New'; return array(Relance_Settings::all(),"
        "Relance_Settings::words('sms_words'));"
    )
    assert result[0]["sms_words"] == ""
    assert "offers of New." in result[1]


def test_the_default_words_name_the_shop_even_where_it_has_no_title() -> None:
    words = told_by(
        "$a = Relance_Settings::words('email_words'); $GLOBALS['site']['name'] = ' ';"
        "return array($a, Relance_Settings::words('notice_words'));"
    )
    assert "offers of Atelier d'Ana." in words[0]
    assert "shop.example keeps it" in words[1]


def test_a_percent_sign_in_the_shops_name_breaks_nothing() -> None:
    assert "100 %s de fil" in told_by(
        "$GLOBALS['site']['name'] = '100 %s de fil'; return Relance_Settings::words('sms_words');"
    )


def test_settings_of_another_form_are_never_believed() -> None:
    result = told_by(
        "update_option('relance_settings', array('mode' => 'all', 'channels' => 'sms', 'sms_words'"
        " => array(1))); $one = Relance_Settings::all(); update_option('relance_settings', 'x');"
        "return array($one, Relance_Settings::all());"
    )
    assert result[0]["mode"] == "consent"
    assert result[0]["channels"] == ["sms"]
    assert result[1]["channels"] == ["sms"], "no e-mail is sent yet"


def test_disconnecting_needs_the_tick_and_says_what_it_did() -> None:
    first, still, second, after = told_by(
        "pair_the_shop(); $a = posted('unpair', array()); $b = Relance_Link::is_paired();"
        "$c = posted('unpair', array('sure' => '1'));"
        "return array($a, $b, $c, Relance_Link::is_paired());"
    )
    assert (first[1]["type"], still) == ("warning", True)
    assert (second[1]["type"], after) == ("success", False)


def test_woocommerces_own_mail_is_silent_while_we_are_at_work_and_only_then() -> None:
    ask = "Relance_Recovery_Email::suppress(false)"
    assert told_by(
        f"$a = {ask}; pair_the_shop(); $b = {ask};"
        f"update_option('relance_settings', array('on' => false)); $c = {ask};"
        "return array($a, $b, $c, Relance_Recovery_Email::suppress(true));"
    ) == [False, True, False, True]


def test_woocommerces_mail_about_carts_without_an_order_is_silent_as_well() -> None:
    ask = "apply_filters('woocommerce_cart_recovery_is_eligible', true, array())"
    assert told_by(
        f"Relance_Recovery_Email::hook(); $a = {ask}; pair_the_shop(); $b = {ask};"
        f"update_option('relance_settings', array('on' => false)); return array($a, $b, {ask});"
    ) == [True, False, True]


def test_an_export_holds_what_lies_here_and_at_the_service() -> None:
    there = json.dumps(
        {
            "groups": [
                {
                    "id": "carts",
                    "label": "Carts",
                    "items": [[{"name": "Phone", "value": "+33 6"}, {"name": "n", "value": []}]],
                },
                "nonsense",
                {"id": "x", "label": "X", "items": ["y", 3]},
            ]
        }
    )
    result = told_by(
        "pair_the_shop(); a_cart('a-key-1', 'z@a.example'); a_cart('a-key-2', '', 5);"
        "a_cart('a-key-3', 'other@a.example');"
        "$GLOBALS['site']['user'] = (object) array('ID' => 5);"
        f"$GLOBALS['site']['answers'][] = array(200, '{there}');"
        "return array(Relance_Privacy::export('Z@a.example'), $GLOBALS['told']['posts']);"
    )
    export, posts = result
    assert export["done"] is True
    values = [pair["value"] for item in export["data"] for pair in item["data"]]
    assert "email: z@a.example, first_name: Zoé" in values
    assert "(channel: sms, granted: yes, words: Yes)" in values
    assert "currency: EUR, lines: (title: Vase)" in values
    assert "+33 6" in values
    assert "other@a.example" not in json.dumps(export)
    assert len({item["item_id"] for item in export["data"]}) == len(export["data"])
    assert posts[0][0].endswith("/hooks/woocommerce/k1/privacy")
    assert posts[0][1] == {"version": 1, "kind": "export", "email": "Z@a.example"}


@pytest.mark.parametrize(
    "answer", ["new WP_Error('http', 'x')", "array(500, '')", "array(200, '')"]
)
def test_an_export_without_the_service_says_that_it_is_not_complete(answer: str) -> None:
    export = told_by(
        f"pair_the_shop(); $GLOBALS['site']['answers'][] = {answer};"
        "return Relance_Privacy::export('z@a.example');"
    )
    assert "Not complete" in json.dumps(export["data"])


def test_an_unpaired_shop_asks_nobody_about_a_person() -> None:
    export, erase, posts = told_by(
        "return array(Relance_Privacy::export('z@a.example'),"
        "Relance_Privacy::erase('z@a.example'), $GLOBALS['told']['posts']);"
    )
    assert export == {"data": [], "done": True}
    assert erase == {"items_removed": False, "items_retained": False, "messages": [], "done": True}
    assert posts == []


def test_an_erasure_reaches_both_and_tells_what_is_retained() -> None:
    answer = json.dumps({"removed": 3, "retained": 1, "words": "One <b>STOP</b> is kept."})
    result = told_by(
        "pair_the_shop(); a_cart('a-key-1', 'z@a.example');"
        f"$GLOBALS['site']['answers'][] = array(200, '{answer}');"
        "return array(Relance_Privacy::erase('z@a.example'), $GLOBALS['told']['sql']);"
    )
    erased, sql = result
    assert erased["items_removed"] and erased["items_retained"] and erased["done"]
    assert erased["messages"] == ["Relance: One STOP is kept."]
    assert any("INSERT INTO wp_relance_carts" in str(one) and "a-key-1" in str(one) for one in sql)


@pytest.mark.parametrize(
    "answer",
    [
        "new WP_Error('http', 'x')",
        "array(503, '')",
        "array(200, '')",
        "array(200, '{\"removed\":1}', array())",  # not the service's
    ],
)
def test_an_erasure_that_did_not_reach_the_service_says_so(answer: str) -> None:
    erased = told_by(
        f"pair_the_shop(); $GLOBALS['site']['answers'][] = {answer};"
        "return Relance_Privacy::erase('z@a.example');"
    )
    assert erased["items_retained"] is True
    assert "erase again later" in erased["messages"][0]


def test_a_request_that_takes_something_back_still_leaves_after_an_erasure() -> None:
    bodies = [
        {"contact": {"email": "z@a.example"}, "consents": [{"granted": True}]},
        {"contact": {"email": "Z@A.example"}, "consents": [{"granted": False}]},
        {"customer_id": 5, "withdrawn": True},
        {"customer_id": 5, "withdrawn": False},
        {"customer_id": 0},
    ]
    rows = json.dumps([{"id": n, "body": json.dumps(each)} for n, each in enumerate(bodies, 1)])
    sql = told_by(
        f"$GLOBALS['wpdb']->requests = json_decode({rows!r}, true);"
        "$GLOBALS['site']['user'] = (object) array('ID' => 5);"
        "Relance_Privacy::erase('z@a.example'); return $GLOBALS['told']['sql'];"
    )
    emptied = [one for one in sql if "SET sent = 1" in str(one)]
    assert len(emptied) == 1
    assert emptied[0][1] == [[1, 4]]


def test_the_suggested_policy_names_cookie_and_service_and_hides_its_hint_from_the_copy() -> None:
    policy = told_by("Relance_Privacy::suggest_policy(); return $GLOBALS['told']['policy'];")
    assert policy.startswith('<p class="privacy-policy-tutorial">')
    assert "relance_declined" in policy
    assert "Relance service" in policy
