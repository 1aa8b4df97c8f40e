"""Does a shopper's reply ask us to stop, or to go on?

The rule: **when in doubt, obey the wish to stop.** A text that is not sent
costs one reminder; a text sent against a person's will costs their trust and a fine.

- A clear word (STOP, ARRÊTEZ, UNSUBSCRIBE, ABMELDEN, …) counts wherever it stands, in
  any case, with or without accents, punctuation, or spaces between its letters:
  "s t o p", "STOP PUB", "please stop texting me"; also in letters that only look
  like it (Cyrillic, Greek, bold, squared) or with invisible ones between.
- A word that also has an everyday meaning (END, QUIT, CANCEL, BASTA, BAJA, ARRÊT, …)
  counts when the reply holds nothing else but polite or filling words: "Cancel
  please" does, "when does the sale end" and "la talla es muy baja" do not.
- Words in a row count as one of the two (`stop_phrases`): "darme de baja", "don't
  send me anything".
- Not a wish to stop: a clear word with "don't", "do not", "never" or "ne" right
  before it in the same clause ("don't stop"); the idiom "stop by"; and what
  stands in a long quotation, because phones send back our own text, STOP
  mention and all, with a reaction such as: Liked "…".

Starting again must be said as clearly as consent: the whole reply is START or
its like; "yes" alone is an answer to anything. A reply that holds both stops. It is
the answer to a text that asked a number to confirm, and `is_yes` is asked for that alone.
"""

from __future__ import annotations

import re
import unicodedata

from recovery.stop_phrases import PHRASES

_LOOKS = {
    ord(theirs): ours
    for theirs, ours in zip(
        # Cyrillic, Greek, small capitals; in small letters, because case is gone by then.
        "авеһјкмнопрстухіѕԁԛԝαβεζηικμνοπρστυχωᴀʙᴄᴅᴇɪᴊᴋʟᴍɴᴏᴘʀꜱᴛᴜʏ",
        "abehjkmhoppctyxisdqwabezhikmnoppstyxwabcdeijklmnoprstuy",
        strict=True,
    )
}
for _first in (0x1F150, 0x1F170):  # white letters in circles and squares: 🅢, 🆂
    _LOOKS |= {_first + at: chr(ord("a") + at) for at in range(26)}
_LOOKS |= {0x115F: "", 0x1160: ""}  # Hangul fillers: letters that nobody sees
_REGIONAL = re.compile(r"(?:[\U0001f1e6-\U0001f1ff]\s*){3,}")  # two of them are a flag


def _folded(text: str) -> str:
    """Letters as a reader takes them: no accents, no case, nothing invisible, no disguise."""
    apart = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    seen = "".join(char for char in apart if unicodedata.category(char) not in _UNSEEN)
    return _REGIONAL.sub(_flags_as_letters, seen).translate(_LOOKS)


_UNSEEN = frozenset({"Cf", "Mn", "Me"})  # zero-width and soft hyphens; accents; keycaps


def _flags_as_letters(found: re.Match[str]) -> str:
    return "".join(
        chr(ord("a") + ord(char) - 0x1F1E6) if char >= "\U0001f1e6" else char for char in found[0]
    )


def _words_of(text: str) -> frozenset[str]:
    return frozenset(_folded(text).split())


CLEAR = _words_of(
    """
    stop stopp stopall stoppen sotp stpo stopper stoppez stopsms stoppub
    arreter arretez arrete unsubscribe unsubscribed unsubscribing unsub unsubs optout revoke
    unsuscribe unsuscribed unsubcribe unsubscibe unsubscrib unsubsribe unsubsrcibe unscribe
    desinscrire desinscription desinscrivez desinscris desinscrit desinscrite
    desabonner desabonnement desabonnez desabonne desabonnes desabonnee
    parar detener descadastrar descadastre desinscrever
    desuscribir desuscribirme desuscribanme desuscribame desuscribeme desuscripcion
    borrame borreme borrenme eliminame elimineme eliminenme
    abmelden abbestellen austragen afmelden uitschrijven stopzetten
    disiscrivimi disiscrivi disiscrivo disiscrivermi disiscrivetemi disiscrizione avsluta
    rimuovimi rimuovetemi rimuovermi cancellami cancellatemi cancellarmi
    eliminami eliminatemi toglietemi toglimi
    стоп отписка отписаться отпишитесь отпишите στοπ σταματηστε διαγραφη durdur durdurun
    停止 请停止 退订 请退订 退訂 取消订阅 配信停止 配信停止してください 停止してください
    ストップ ストップしてください やめて やめてください 止めて 止めてください
    توقف توقفوا أوقف أوقفوا إيقاف הסר הסירו להסיר הסרה עצור עצרו הפסק הפסיקו תפסיקו
    중지 중지해주세요 수신거부 수신거부해주세요 스톱 스탑 그만보내세요
    หยุด หยุดส่ง หยุดส่งข้อความ ยกเลิกการรับข้อความ ยกเลิกรับข้อความ
    stopit stopthis stopnow
    """
)
WHOLE = _words_of(
    """
    end quit cancel cancelar cancela annuler annulez fin basta ferma fermati alto sair
    cancella ende aufhoren schluss einde annuleren remove delete out td nomore
    arret baja pare paren parem abmeldung afmelding uitschrijving anular
    kundigen kundigung verwijder verwijderen opzeggen
    stopped stopping plusdesms iptal dur ret хватит 停 取消 قف إلغاء كفى ביטול די
    거부 그만 그만해 취소 ยกเลิก เลิก
    """
)
START = _words_of(
    """
    start unstop restart resume resubscribe subscribe reprendre reprenez reactiver
    reabonner alta reanudar iniciar recomecar anmelden aanmelden hervatten
    inizia riprendi ricomincia старт
    """
)
#: What confirms a number; the languages of our own texts, and some more.
YES = _words_of(
    """
    yes y yep yeah oui ouais o ja j jo jawohl jep si sim s confirm confirme confirmer
    confirmo confermo bestätigen bestätige bevestig bevestigen sì sí tak ano da да evet
    """
)
FILLING = _words_of(
    """
    please pls plz thanks thank you merci svp stp sil vous te plait bitte danke gracias
    por favor obrigado obrigada grazie prego aub dank je u
    all now me my to the this these it messages message msg texts text texting sms
    pub pubs publicite subscription marketing list again ok okay oui yes si ja sim hi hello
    le la les ces mes tout tous todo alle i want je veux quiero ich mochte
    msgs txt txts spam ads promos promotions notifications reminders emails newsletter
    mensajes mensagens messaggi nachrichten werbung berichten publicidad publicidade pubblicita
    mon ma abonnement abonnements suscripcion assinatura iscrizione abo
    """
)
NEGATIONS = frozenset({"dont", "never", "ne", "n"})

_QUOTATION = re.compile(r"[“«„\"].{20,}?[”»“\"]", re.DOTALL)
_CLAUSE = re.compile(r"[.!?;,:\n\r…،؛؟。、]+")
# No character may be both a letter and a gap here, or a row of them takes for ever.
_LETTERS_APART = re.compile(r"(?<![^\W_])(?:[^\W_][\s.\-_*]+){2,}[^\W_](?![^\W_])")
# Not "s top": that is also the end of "what's top". It counts as a whole reply only.
_IN_PIECES = re.compile(r"(?<![\w'’])(?:st[\s.\-_*]{1,3}o[\s.\-_*]{0,3}p|sto[\s.\-_*]{1,3}p)(?!\w)")
_LONGEST = 2000  # characters of a reply that are read
_STRETCHED = re.compile(r"s+t+[o0]+p+\d*")  # STOPPP, ST0P, STOP36111


def is_stop(text: str) -> bool:
    """Does this reply ask not to be written to again? See the rule above."""
    clauses = _clauses(text)
    if any(_says_stop(words) for words in clauses):
        return True
    everything = [word for words in clauses for word in words]
    said = [word for word in everything if word not in FILLING]
    return "".join(everything) == "stop" or (bool(said) and all(word in WHOLE for word in said))


def is_start(text: str) -> bool:
    """Does this reply ask, in so many words, to be written to again?"""
    said = [word for words in _clauses(text) for word in words if word not in FILLING]
    return bool(said) and all(word in START for word in said)


def is_yes(text: str) -> bool:
    """Is the whole reply a yes, as asked for by the text before it? A stop in it outweighs it."""
    if is_stop(text):
        return False
    said = [word for words in _clauses(text) for word in words]
    return any(word in YES for word in said) and all(word in YES | FILLING for word in said)


def _says_stop(words: list[str]) -> bool:
    return any(
        (word in CLEAR or _STRETCHED.fullmatch(word) is not None)
        and not (at and words[at - 1] in NEGATIONS)
        and words[at + 1 : at + 2] != ["by"]
        for at, word in enumerate(words)
    )


def _clauses(text: str) -> list[list[str]]:
    """The words of each clause: no accents, no case, spelled-out letters joined."""
    # Cut again: one character may have become eighteen (U+FDFA).
    plain = _folded(text[:_LONGEST])[: 2 * _LONGEST].replace("🛑", " stop ")
    plain = _QUOTATION.sub(" ", plain).replace("n't", "nt").replace("n’t", "nt")
    plain = _IN_PIECES.sub("stop", plain)
    plain = _LETTERS_APART.sub(lambda found: re.sub(r"[\W_]", "", found[0]), plain)
    return [_words(clause) for clause in _CLAUSE.split(plain)]


def _words(clause: str) -> list[str]:
    spaced = " ".join(re.sub(r"[\W_]+", " ", clause).split())
    for phrase, word in PHRASES:
        spaced = phrase.sub(word, spaced)
    return spaced.split()
