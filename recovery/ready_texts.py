"""Our own texts for every kind of message: the SMS as Liquid, and the subjects of e-mails.

| kind | said | leads to |
|---|---|---|
| `reminder` | first, soon after the cart was left | the cart |
| `second` | a day later | the cart |
| `last` | by the last step: no other message about this cart follows | the cart |
| `calm` | of what people compare and consult others about | the cart |
| `b2b` | to businesses: formal, without the first name | the cart |
| `offer` | with `{{ offer }}` on this cart | the cart |
| `reward_promise` | `{{ offer }}` on the next order, if this cart is ordered in time | the cart |
| `reward` | after that order: `{{ code }}` and `{{ offer }}` | the shop |
| `why` | the survey, answered by a digit; without the first name, which may cost a part | – |
| `reply_shipping` | after 1: `{{ offer }}` on this cart | the cart |
| `reply_account` | after 2 | the cart, as a guest |
| `reply_calm` | after 3, or after 4 without an hour: later | the cart |
| `reply_hour` | at the hour that was named | the cart |
| `reply_thanks` | after any; promises nothing, so another message may follow or not | – |

`{{ offer }}` is what `recovery.offer_texts.offer_phrase` writes; without one the texts promise
nothing. With a first name of 10 characters, a shop of 16, a link of 40 and a stop link of 43,
the first five kinds are one GSM-7 part, the others one or two (`tests/recovery`).
"""

from __future__ import annotations

from recovery.model_parts import Channel
from recovery.ready_words_sms import WORDS, SmsWords
from recovery.ready_words_subjects import SUBJECTS

__all__ = ["CHOSEN", "KINDS", "LANGUAGES", "LINKLESS", "SUBJECTS", "TEXTS", "subject", "text"]

LANGUAGES = tuple(WORDS)
KINDS = tuple(WORDS["en"].sentences)
#: What a merchant may choose for a step. The rest follows from what the step does or is answered.
CHOSEN = frozenset({"reminder", "second", "last", "calm", "b2b", "offer"})
#: Nothing to click: `wording.check` takes them with `needs_link=False`.
LINKLESS = frozenset({"why", "reply_thanks"})
_TO_A_PERSON = frozenset({"reminder", "second", "last", "calm", "offer", "reward_promise"})


def _written(kind: str, words: SmsWords) -> str:
    hello = "{% if first_name %}{{ first_name }}, {% endif %}" if kind in _TO_A_PERSON else ""
    link = "" if kind in LINKLESS else " {{ link }}"
    by_link = f"{{% if stop_link %}}{words.refuse} {{{{ stop_link }}}}"
    out = f"{by_link}{{% else %}}{words.reply}{{% endif %}}"
    return f"{{{{ shop }}}}{words.colon} {hello}{words.sentences[kind]}{link} {out}"


#: Kind → language → the SMS, a template for `wording.render`.
TEXTS: dict[str, dict[str, str]] = {
    kind: {language: _written(kind, words) for language, words in WORDS.items()} for kind in KINDS
}


def text(kind: str, channel: Channel, language: str) -> str | None:
    """Our template of that kind; None where we have none.

    `language` is one of `LANGUAGES`. E-mails have words of their own (`recovery.email_words`).
    """
    return TEXTS.get(kind, {}).get(language) if channel is Channel.SMS else None


def subject(kind: str, language: str) -> str | None:
    """The subject of an e-mail of that kind, a template; None where we have none."""
    return SUBJECTS.get(language, {}).get(kind)
