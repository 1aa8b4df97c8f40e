"""The HTML of two checkouts, in the shape of WooCommerce's own: ids, names and classes."""

from __future__ import annotations

import html
import json
import subprocess
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

HERE = Path(__file__).parent
SMS_WORDS = "Text me if I leave something behind. <b>Stop</b> any time & for free."
EMAIL_WORDS = "E-mail me if I leave something behind."
NOTICE_WORDS = "We keep your cart and your contact while you order."


@dataclass(frozen=True)
class Setting:
    """How a checkout is shown: what the merchant chose, and who comes."""

    mode: str = "consent"
    channels: tuple[str, ...] = ("sms", "email")
    restored: bool = False
    agreed: tuple[str, ...] = ()  # the channels that were agreed to on an earlier page
    declined: bool = False
    with_us: bool = True
    with_boxes: bool = True  # False: a theme that leaves them out
    known: tuple[tuple[str, str], ...] = ()  # what a signed-in customer finds filled in


@cache
def _printed(block: bool, setting: Setting, content: str) -> dict[str, str]:
    """What the plugin's own PHP prints for such a page."""
    asked = {
        "block": block,
        "content": content,
        "restored": setting.restored,
        "agreed": list(setting.agreed),
        "declined": setting.declined,
        "settings": {
            "on": True,
            "mode": setting.mode,
            "channels": list(setting.channels),
            "sms_words": SMS_WORDS,
            "email_words": EMAIL_WORDS,
            "notice_words": NOTICE_WORDS,
        },
    }
    ran = subprocess.run(
        ["php", str(HERE / "page_parts.php"), json.dumps(asked)],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    if ran.returncode:
        raise RuntimeError(f"page_parts.php ended with {ran.returncode}: {ran.stdout} {ran.stderr}")
    return json.loads(ran.stdout)


def page(block: bool, setting: Setting) -> str:
    """The whole page of a checkout."""
    return (block_page if block else classic_page)(setting)


def classic_page(setting: Setting) -> str:
    """The classic checkout: a form that the server fills in."""
    ours = _printed(False, _asked(setting), "") if setting.with_us else {}
    boxes = ours.get("html", "") if setting.with_boxes else ""
    known = dict(setting.known)
    fields = "".join(
        _row(name, label, kind, known.get(name, "")) for name, label, kind in CLASSIC_FIELDS
    )
    return f"""<!doctype html><html lang="en-US"><head><meta charset="utf-8"><title>Checkout</title>
<style>{_STYLE}</style>{ours.get("head", "")}<script src="/js/jquery.js"></script></head>
<body class="woocommerce-checkout woocommerce-page"><a href="/elsewhere">Leave</a>
<div class="woocommerce"><form name="checkout" method="post" class="checkout woocommerce-checkout"
 action="/checkout/" enctype="multipart/form-data" aria-label="Checkout">
<div class="col2-set" id="customer_details"><div class="col-1">
<div class="woocommerce-billing-fields">
<h3>Billing details</h3><div class="woocommerce-billing-fields__field-wrapper">{fields}</div>{boxes}
</div></div></div><h3 id="order_review_heading">Your order</h3>
<div id="order_review" class="woocommerce-checkout-review-order">
<table class="shop_table woocommerce-checkout-review-order-table"><tr class="order-total"><td>1</td>
</tr></table><div id="payment" class="woocommerce-checkout-payment"><button type="submit"
 class="button alt" name="woocommerce_checkout_place_order" id="place_order">Place order</button>
</div></div></form></div><script src="/js/classic.js"></script>{_script(ours)}</body></html>"""


CLASSIC_FIELDS = (
    ("first_name", "First name", "text"),
    ("last_name", "Last name", "text"),
    ("country", "Country / Region", "select"),
    ("address_1", "Street address", "text"),
    ("postcode", "ZIP Code", "text"),
    ("phone", "Phone", "tel"),
    ("email", "Email address", "email"),
)


def _row(name: str, label: str, kind: str, value: str) -> str:
    id_ = f"billing_{name}"
    if kind == "select":
        inside = (
            f'<select name="{id_}" id="{id_}" class="country_to_state country_select">'
            '<option value="FR" selected>France</option>'
            '<option value="US">United States (US)</option></select>'
        )
    else:
        inside = (
            f'<input type="{kind}" class="input-text" name="{id_}" id="{id_}"'
            f' value="{html.escape(value)}" autocomplete="billing">'
        )
    return (
        f'<p class="form-row form-row-wide" id="{id_}_field"><label for="{id_}">{label}</label>'
        f'<span class="woocommerce-input-wrapper">{inside}</span></p>'
    )


def block_page(setting: Setting) -> str:
    """The block checkout: placeholders that the page's own script turns into fields."""
    inner = "".join(
        f'<div data-block-name="woocommerce/checkout-{name}-block"'
        f' class="wp-block-woocommerce-checkout-{name}-block"></div>'
        for name in ("contact-information", "shipping-address", "billing-address", "actions")
    )
    content = (
        '<div data-block-name="woocommerce/checkout" class="wp-block-woocommerce-checkout'
        ' alignwide wc-block-checkout is-loading"><div'
        ' data-block-name="woocommerce/checkout-fields-block"'
        f' class="wp-block-woocommerce-checkout-fields-block">{inner}</div></div>'
    )
    ours = _printed(True, _asked(setting), content) if setting.with_us else {}
    shown = ours.get("html", content) if setting.with_boxes else content
    return f"""<!doctype html><html lang="en-US"><head><meta charset="utf-8"><title>Checkout</title>
<style>{_STYLE}</style>{ours.get("head", "")}</head>
<body class="woocommerce-checkout woocommerce-page">
<a href="/elsewhere">Leave</a>{shown}<script src="/js/block.js"></script>{_script(ours)}
</body></html>"""


def _asked(setting: Setting) -> Setting:
    """Only what the plugin's PHP looks at, so that it runs once for equal pages."""
    return replace(setting, with_us=True, with_boxes=True, known=())


def _script(ours: dict[str, str]) -> str:
    if not ours or not ours["script"]:
        return ""
    address, needs, how = ours["script"]
    assert how == {"in_footer": True, "strategy": "defer"}, how
    assert needs == [], "it must not wait for another script"
    return f'<script>{ours["config"]}</script><script defer src="{address}"></script>'


_STYLE = (
    "body{font:16px/1.5 sans-serif;max-width:40em;margin:1em auto}"
    "label{display:block}.form-row{margin:0 0 .5em}fieldset{border:0;padding:0}"
)
