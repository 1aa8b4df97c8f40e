"""Does a shopper's reply ask us to stop, or to go on?

The rule: **when in doubt, obey the wish to stop.** A text that is not sent
costs one reminder; a text sent against a person's will costs their trust and a fine.

- A clear word (STOP, ARRÊT, UNSUBSCRIBE, BAJA, …) counts wherever it stands, in
  any case, with or without accents, punctuation, or spaces between its letters:
  "s t o p", "STOP PUB", "please stop texting me".
- A word that also has an everyday meaning (END, QUIT, CANCEL, BASTA, …) counts
  when the reply holds nothing else but polite or filling words: "Cancel please"
  does, "when does the sale end" does not.
- Not a wish to stop: a clear word with "don't", "do not", "never" or "ne" right
  before it in the same clause ("don't stop"); the idiom "stop by"; and what
  stands in a long quotation, because phones send back our own text, STOP
  mention and all, with a reaction such as: Liked "…".

Starting again must be said as clearly as consent: the whole reply is START or
its like; "yes" alone is an answer to anything. A reply that holds both stops.
"""

from __future__ import annotations

import re
import unicodedata

CLEAR = frozenset(
    """
    stop stopp stopall stoppen sotp stpo stopper stoppez stopsms stoppub
    arret arreter arretez arrete unsubscribe unsubscribed unsub optout revoke
    desinscrire desinscription desinscrivez desabonner desabonnement desabonnez
    baja parar pare detener descadastrar
    abmelden abmeldung abbestellen afmelden uitschrijven
    disiscrivimi disiscrivi disiscrizione avsluta
    стоп отписаться отпишитесь 停止 退订 退訂 配信停止
    """.split()
)
WHOLE = frozenset(
    """
    end quit cancel cancelar cancela annuler annulez fin basta ferma fermati alto sair
    cancella ende aufhoren schluss einde annuleren remove delete out td nomore
    """.split()
)
START = frozenset(
    """
    start unstop restart resume resubscribe subscribe reprendre reprenez reactiver
    reabonner alta reanudar iniciar recomecar anmelden aanmelden hervatten
    inizia riprendi ricomincia старт
    """.split()
)
FILLING = frozenset(
    """
    please pls plz thanks thank you merci svp stp sil vous te plait bitte danke gracias
    por favor obrigado obrigada grazie prego aub dank je u
    all now me my to the this these it messages message msg texts text texting sms
    pub pubs publicite subscription marketing list again ok okay oui yes si ja sim hi hello
    le la les ces mes tout tous todo alle i want je veux quiero ich mochte
    """.split()
)
NEGATIONS = frozenset({"dont", "never", "ne", "n"})

_QUOTATION = re.compile(r"[“«„\"].{20,}?[”»“\"]", re.DOTALL)
_CLAUSE = re.compile(r"[.!?;,:\n\r…]+")
# No character may be both a letter and a gap here, or a row of them takes for ever.
_LETTERS_APART = re.compile(r"(?<![^\W_])(?:[^\W_][\s.\-_*]+){2,}[^\W_](?![^\W_])")
_STRETCHED = re.compile(r"s+t+[o0]+p+\d*")  # STOPPP, ST0P, STOP36111
_PHRASES = (
    ("opt out", "optout"),
    ("stop all", "stopall"),
    ("non stop", ""),
    ("no more", "nomore"),
    ("take me off", "unsubscribe"),
    ("leave me alone", "unsubscribe"),
    ("dar me de baja", "baja"),
    ("do not", "dont"),
)


def is_stop(text: str) -> bool:
    """Does this reply ask not to be written to again? See the rule above."""
    clauses = _clauses(text)
    if any(_says_stop(words) for words in clauses):
        return True
    said = [word for words in clauses for word in words if word not in FILLING]
    return bool(said) and all(word in WHOLE for word in said)


def is_start(text: str) -> bool:
    """Does this reply ask, in so many words, to be written to again?"""
    said = [word for words in _clauses(text) for word in words if word not in FILLING]
    return bool(said) and all(word in START for word in said)


def _says_stop(words: list[str]) -> bool:
    return any(
        (word in CLEAR or _STRETCHED.fullmatch(word) is not None)
        and not (at and words[at - 1] in NEGATIONS)
        and words[at + 1 : at + 2] != ["by"]
        for at, word in enumerate(words)
    )


def _clauses(text: str) -> list[list[str]]:
    """The words of each clause: no accents, no case, spelled-out letters joined."""
    plain = _without_accents(text[:2000]).replace("🛑", " stop ")
    plain = _QUOTATION.sub(" ", plain).replace("n't", "nt").replace("n’t", "nt")
    plain = _LETTERS_APART.sub(lambda found: re.sub(r"[\W_]", "", found[0]), plain)
    return [_words(clause) for clause in _CLAUSE.split(plain)]


def _words(clause: str) -> list[str]:
    spaced = " ".join(re.sub(r"[\W_]+", " ", clause).split())
    for phrase, word in _PHRASES:
        spaced = re.sub(rf"\b{phrase}\b", word, spaced)
    return spaced.split()


def _without_accents(text: str) -> str:
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(char for char in apart if not unicodedata.combining(char))
