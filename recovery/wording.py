"""The text of a reminder: a merchant's Liquid template filled with a cart.

A template may use these names and no others:

    first_name     the shopper's; empty when unknown, or when it looks like an address
    shop           the shop's name, as the sender
    lines          each with `title`, `quantity`, `price` (money as text)
    first_line     the title of the first line
    items_count    how many items, all quantities together
    total          money as text
    link           back to the cart
    code           a discount code, or empty
    offer          what is offered, with its end ("10% off until November 24"), or empty
    stop_words     what to reply ("STOP"); empty when the sender cannot receive replies
    stop_link      where to refuse instead; empty when a reply does it

What shoppers and shops typed is put in as plain text: Liquid does not read it again.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from liquid import BoundTemplate, Environment, StrictUndefined, Undefined
from liquid.exceptions import LiquidError

from recovery.default_texts import default_text, ready_text
from recovery.prices import money
from recovery.sms_parts import parts_of, smart

__all__ = [
    "BadTemplate",
    "Item",
    "Names",
    "can_receive_replies",
    "check",
    "clean",
    "default_text",
    "money",
    "ready_text",
    "reminder_text",
    "render",
]

LONGEST_TEMPLATE = 2000
LONGEST_NAME = 40
LONGEST_TITLE = 200
LONGEST_OFFER = 300
SHORTEST_TITLE = 8  # cut no further than this
MOST_LINES = 50

TAGS = frozenset({"if", "unless", "case", "for", "break", "continue", "assign", "comment"})
# None of them can make more out of less: `replace`, `split` or a range could.
FILTERS = frozenset(
    "append capitalize default downcase first join last map minus plus prepend size strip "
    "truncate truncatewords upcase".split()
)
LINE_NAMES = frozenset({"title", "quantity", "price"})
_PROPERTIES = LINE_NAMES | {"size", "first", "last", "index", "index0", "rindex", "rindex0"}
_PROPERTIES |= {"length"}
_TAG = re.compile(r"\{[{%]")
_CANNOT_RENDER = (LiquidError, ArithmeticError, LookupError, TypeError, ValueError, RecursionError)
_STOP = re.compile(r"\bstop\b", re.IGNORECASE)
# A dot between two words, but for the one of "St. John": right behind a word, then a space
# and a capital letter.
_ADDRESS = re.compile(
    r"[/@\u2044\u2215]|\w(?:\s+\.[\s.]*|\.(?:\s*\.[\s.]*)?)\w{2}|\w\.\s+[a-z]\w|\d(?:[\s.-]*\d){3}"
)
# The full stops of other scripts; and a dot in the middle before Latin letters, but for
# the Catalan "l·l". A name in Chinese or Japanese letters may hold such a dot.
_DOT = re.compile(
    r"[\u3002\u06d4\u0589\u0701\u0702\ua4f8\ua60e]"
    r"|[\u00b7\u2022\u2219\u22c5\u2027\u30fb](?=\s*[A-Za-z]{2})(?<!l.(?=l))",
    re.IGNORECASE,
)
_BREAKS = frozenset({"Cc", "Zl", "Zp"})


class BadTemplate(ValueError):
    """The template cannot be read or filled. The message is for the merchant."""


@dataclass(frozen=True, slots=True)
class Item:
    """One line of the cart, its price already written by `money`."""

    title: str
    quantity: int
    price: str


@dataclass(frozen=True, slots=True)
class Names:
    """What a template may say. Exactly one of `stop_words` and `stop_link` is to be given."""

    shop: str
    link: str
    lines: tuple[Item, ...] = ()
    total: str = ""
    first_name: str | None = None
    code: str | None = None
    offer: str | None = None
    stop_words: str = ""
    stop_link: str = ""


class _Texts(Environment):
    """Liquid with the closed set of tags and filters, and with its resource limits drawn in."""

    block_nesting_limit = 6
    context_depth_limit = 12
    loop_iteration_limit = 500
    local_namespace_limit = 20_000
    output_stream_limit = 10_000

    def setup_tags_and_filters(self, *, extra: bool = False) -> None:
        before = set(self.tags)
        super().setup_tags_and_filters(extra=extra)
        self.tags = {
            name: tag
            for name, tag in self.tags.items()
            if name in TAGS or name in before or not name.isalpha() or name in _NODES
        }
        self.filters = {name: run for name, run in self.filters.items() if name in FILTERS}


_NODES = frozenset({"content", "output", "illegal"})  # plain text, {{ … }}, and the error
_SENDING = _Texts(undefined=Undefined)
_CHECKING = _Texts(undefined=StrictUndefined)


def render(template: str, names: Names) -> str:
    """Fill `template`. A missing name leaves nothing behind, not even its space or comma.

    Raises `BadTemplate`; a template that `check` passed does not.
    """
    try:
        text = _parsed(template, _SENDING).render(_values(names))
    except _CANNOT_RENDER as error:
        raise BadTemplate(_in_words(error)) from error
    return _tidy(text, named=bool(_person(names.first_name)))


def reminder_text(template: str, names: Names, parts: int = 1, plain: bool = False) -> str:
    """`render`, with long titles cut ("...") so that the text fits `parts` SMS parts.

    Nothing but titles is cut, none below 8 characters; where that is not
    enough, the text takes the parts that it needs, with titles as long as fit in them.
    `plain`: letters outside GSM 03.38 become their plain twins, where all of them have one.
    """

    def written(longest: int | None = None) -> str:
        cut = names if longest is None else _with_titles(names, longest)
        return smart(render(template, cut), plain)

    full = written()
    if parts_of(full).parts <= parts:
        return full
    shortest = written(SHORTEST_TITLE)
    if shortest == full:
        return full
    wanted = max(parts, parts_of(shortest).parts)
    fits, too_long = SHORTEST_TITLE, LONGEST_TITLE + 1
    while too_long - fits > 1:
        middle = (fits + too_long) // 2
        text = written(middle)
        fits, too_long = (middle, too_long) if parts_of(text).parts <= wanted else (fits, middle)
    return written(fits)


def check(
    template: str,
    sender: str | None = None,
    shop: str | None = None,
    *,
    needs_link: bool = True,
) -> list[str]:
    """What is wrong with a template, in words for the merchant; empty: it may be saved.

    With `sender`, the way out must suit it: a reply, or a link when it cannot
    receive replies. Without one it must suit both kinds. `shop`: its name may be typed out
    instead of {{ shop }}. A question that is answered by a reply needs no link to the cart.
    """
    try:
        found = _parsed(template, _CHECKING).analyze()
        strange = _unknown_names(found)
        if strange:
            return strange
        texts = [_sample(template, lean, stop) for lean in (True, False) for stop in _ways(sender)]
    except _CANNOT_RENDER as error:
        return [_in_words(error)]
    return _missing(texts, shop or _SHOP, sender, needs_link)


def longest(template: str) -> int | None:
    """How many characters it may come to, of the largest cart; None: it cannot be filled then."""
    large = (Item("x" * LONGEST_TITLE, 10, "1 000.00"),) * MOST_LINES
    try:
        return len(render(template, replace(_FULL, lines=large)))
    except BadTemplate:
        return None


def names_in(template: str) -> frozenset[str]:
    """The names that a template may say. Raises `BadTemplate` for one that cannot be read."""
    try:
        return frozenset(map(str, _parsed(template, _CHECKING).analyze().globals))
    except _CANNOT_RENDER as error:
        raise BadTemplate(_in_words(error)) from error


def can_receive_replies(sender: str) -> bool:
    """Can one text back to this sender? Numbers and short codes yes, names ("MyShop") no."""
    return re.fullmatch(r"\+?[\d\s().-]*\d[\d\s().-]*", sender.strip(), re.ASCII) is not None


@lru_cache(maxsize=500)
def _parsed(template: str, environment: _Texts) -> BoundTemplate:
    if len(template) > LONGEST_TEMPLATE:
        raise BadTemplate(f"The text is longer than {LONGEST_TEMPLATE} characters.")
    if _has_range(template):
        raise BadTemplate("Ranges such as (1..5) are not offered.")
    return environment.from_string(template)


def _has_range(template: str) -> bool:
    """Whether a bracket within a tag holds "..": by cuts, as one pattern takes cubic time."""
    tags = (_TAG.split(piece, 1)[1:] for piece in template.split("}"))
    brackets = (
        part.partition("(")[2] for tag in tags for inside in tag for part in inside.split(")")
    )
    return any(".." in inside for inside in brackets)


def _values(names: Names) -> dict[str, Any]:
    # None for what is missing: to Liquid an empty text is true in {% if … %}.
    lines = names.lines[:MOST_LINES]
    titles = [clean(line.title, LONGEST_TITLE) for line in lines]
    return {
        "first_name": _person(names.first_name) or None,
        "shop": clean(names.shop, LONGEST_NAME),
        "lines": [
            {"title": title, "quantity": line.quantity, "price": clean(line.price, LONGEST_NAME)}
            for title, line in zip(titles, lines, strict=True)
        ],
        "first_line": titles[0] if titles else "",
        "items_count": sum(line.quantity for line in names.lines),
        "total": clean(names.total, LONGEST_NAME),
        "link": names.link,
        "code": clean(names.code or "", LONGEST_NAME) or None,
        "offer": _promise(names.offer or "") or None,
        "stop_words": names.stop_words or None,
        "stop_link": names.stop_link or None,
    }


def _promise(offer: str) -> str:
    """A whole offer or none: the end of the phrase is when it ends."""
    return clean(offer, LONGEST_OFFER) if len(offer) <= LONGEST_OFFER else ""


def _person(first_name: str | None) -> str:
    """A first name; nothing when it holds an address, a number, or more than one line.

    Anybody can type somebody else's phone and a "name" that advertises a site.
    """
    typed = (first_name or "").strip()[: 4 * LONGEST_TITLE]
    if any(unicodedata.category(char) in _BREAKS for char in typed):
        return ""
    name = clean(typed, LONGEST_NAME)
    return "" if any(_ADDRESS.search(_as_read(form)) for form in (typed, name)) else name


def _as_read(name: str) -> str:
    """The plain letters that a reader, or a phone in search of links, takes a name for."""
    plain = unicodedata.normalize("NFKC", name)
    seen = (char for char in plain if unicodedata.category(char) not in ("Cf", "Mn", "Me"))
    return _DOT.sub(".", "".join(seen))


def clean(text: str, longest: int) -> str:
    """One line of composed letters: no controls, no direction marks, no half surrogates.

    Of a text longer than `longest` the end becomes "...".
    """
    composed = unicodedata.normalize("NFC", text[: 4 * LONGEST_TITLE])
    kept = (
        char if char in "\u200c\u200d" or unicodedata.category(char)[0] not in "CZ" else " "
        for char in composed
    )
    return _cut(" ".join("".join(kept).split()), longest)


def _cut(text: str, longest: int) -> str:
    if len(text) <= longest:
        return text
    head = text[: longest - 3].rstrip()
    while head and (unicodedata.combining(head[-1]) or head[-1] in "\u200d\ufe0f"):
        head = head[:-1]
    return head.rstrip(" ,;:-") + "..."


def _with_titles(names: Names, longest: int) -> Names:
    cut = (replace(line, title=clean(line.title, longest)) for line in names.lines)
    return replace(names, lines=tuple(cut))


def _tidy(text: str, named: bool) -> str:
    """Single spaces; and no comma left alone where a first name is missing."""
    if not named:
        text = re.sub(r"(^|[:.!?\n])([ \t]*),[ \t]*", r"\1 ", text)
    text = re.sub(r"[ \t]+([,.])(?=\s|$)", r"\1", text)
    lines = (" ".join(line.split(" ")) for line in re.sub(r"[ \t]+", " ", text).split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(line.strip() for line in lines)).strip()


_SHOP, _LINK, _STOP_LINK = "Sample Shop", "https://r.example.com/r/abc", "https://r.example.com/s/x"
_FULL = Names(
    shop=_SHOP,
    link=_LINK,
    lines=(Item("Blue cup", 2, "9.00"), Item("Teapot", 1, "30.00")),
    total="48.00",
    first_name="Ana",
    code="BACK10",
    offer="10% off until November 24",
)
_ALL_NAMES = frozenset(_values(_FULL))


def _ways(sender: str | None) -> list[bool]:
    """Which ways out a text must be tried with: by reply (True), by link (False)."""
    return [True, False] if sender is None else [can_receive_replies(sender)]


def _sample(template: str, lean: bool, by_reply: bool) -> str:
    lacking = replace(_FULL, first_name=None, code=None, offer=None, lines=_FULL.lines[:1])
    names = lacking if lean else _FULL
    stop_words, stop_link = ("STOP", "") if by_reply else ("", _STOP_LINK)
    names = replace(names, stop_words=stop_words, stop_link=stop_link)
    text: str = _parsed(template, _CHECKING).render(_values(names))
    return text


_NO_WAY_OUT = "The text offers no way out: add {{ stop_words }} or {{ stop_link }}."
# Whether one can reply is not known yet; of the two names the other one stays empty.
_NOT_EVERY_WAY_OUT = (
    "The text offers no way out for every sender: add {{ stop_words }} and {{ stop_link }}."
)


def _missing(texts: list[str], shop: str, sender: str | None, needs_link: bool) -> list[str]:
    errors = []
    if needs_link and not all(_LINK in text for text in texts):
        errors.append("The text lacks {{ link }}: nobody finds back to the cart.")
    if not all(shop in text or _SHOP in text for text in texts):
        errors.append("The text does not name its sender: add {{ shop }}.")
    linked = [_STOP_LINK in text for text in texts]
    ways = [link or bool(_STOP.search(text)) for link, text in zip(linked, texts, strict=True)]
    if sender is not None and not can_receive_replies(sender):
        if not all(linked):
            errors.append("This sender cannot receive replies: add {{ stop_link }}.")
    elif not all(ways):
        errors.append(_NO_WAY_OUT if sender else _NOT_EVERY_WAY_OUT)
    return errors


def _unknown_names(found: Any) -> list[str]:
    errors = [
        f"{str(name)[:60]} is not a name that a text can use. "
        f"Names: {', '.join(sorted(_ALL_NAMES))}."
        for name in found.globals
        if name not in _ALL_NAMES
    ]
    paths = {tuple(map(str, use.segments)) for uses in found.variables.values() for use in uses}
    for path in sorted(paths):
        strange = [part for part in path[1:] if part not in _PROPERTIES and not part.isdigit()]
        errors += [f"{'.'.join(path)[:60]}: there is no {part[:60]}." for part in strange]
    return errors


def _in_words(error: Exception) -> str:
    if not isinstance(error, LiquidError):
        return str(error) if isinstance(error, BadTemplate) else "The text cannot be filled."
    place = error.context()
    said = str(error.message or "the text cannot be read")
    return f"Line {place[0]}: {said}." if place else f"{said[:1].upper()}{said[1:]}."
