"""The words that ask an address to confirm, in the e-mail and on its page, in seven languages.

Nothing in them advertises or promises anything: who did not tick the box gets one letter
about it and no more.
"""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

from recovery.wording import clean

LONGEST_SHOP = 60


@dataclass(frozen=True, slots=True)
class ConfirmWords:
    """`{shop}` is put in. The first five are the e-mail's, the others the page's."""

    subject: str
    said: str
    link: str
    life: str
    not_you: str
    question: str
    button: str
    done: str
    done_more: str
    ended: str
    ended_more: str
    stopped: str


WORDS = {
    "en": ConfirmWords(
        subject="{shop}: please confirm your e-mail address",
        said="Somebody agreed, with this address, to get e-mails from {shop}.",
        link="If it was you, please confirm it on this page:",
        life="The link works for 14 days.",
        not_you="If it was not you, ignore this e-mail: nothing else is sent because of it.",
        question="Do you agree to get e-mails from {shop} at this address?",
        button="Yes, I confirm",
        done="Done. Your e-mail address is confirmed.",
        done_more="You can change your mind at any time: each e-mail has a link for it.",
        ended="This link has ended.",
        ended_more="It worked for 14 days. Opening it changes nothing any more.",
        stopped="You asked for no e-mails from this shop, and that stands.",
    ),
    "fr": ConfirmWords(
        subject="{shop} : confirmez votre adresse e-mail",
        said="Quelqu’un a accepté, avec cette adresse, de recevoir des e-mails de {shop}.",
        link="Si c’est bien vous, confirmez-le sur cette page :",
        life="Le lien est valable 14 jours.",
        not_you="Si ce n’est pas vous, ignorez cet e-mail : rien d’autre ne sera envoyé.",
        question="Acceptez-vous de recevoir des e-mails de {shop} à cette adresse ?",
        button="Oui, je confirme",
        done="C’est fait. Votre adresse e-mail est confirmée.",
        done_more="Vous pouvez changer d’avis à tout moment : chaque e-mail contient un lien pour "
        "cela.",
        ended="Ce lien n’est plus valable.",
        ended_more="Il l’a été 14 jours. L’ouvrir ne change plus rien.",
        stopped="Vous avez demandé à ne plus recevoir d’e-mails de cette boutique, et cela reste "
        "ainsi.",
    ),
    "de": ConfirmWords(
        subject="{shop}: Bitte bestätigen Sie Ihre E-Mail-Adresse",
        said="Mit dieser Adresse hat jemand zugestimmt, E-Mails von {shop} zu erhalten.",
        link="Wenn Sie das waren, bestätigen Sie es bitte auf dieser Seite:",
        life="Der Link gilt 14 Tage.",
        not_you="Wenn Sie es nicht waren, ignorieren Sie diese E-Mail: Es folgt keine weitere.",
        question="Stimmen Sie zu, E-Mails von {shop} an diese Adresse zu erhalten?",
        button="Ja, ich bestätige",
        done="Erledigt. Ihre E-Mail-Adresse ist bestätigt.",
        done_more="Sie können das jederzeit widerrufen: Jede E-Mail enthält einen Link dafür.",
        ended="Dieser Link gilt nicht mehr.",
        ended_more="Er galt 14 Tage. Ihn zu öffnen ändert nichts mehr.",
        stopped="Sie wollten keine E-Mails von diesem Shop mehr. Dabei bleibt es.",
    ),
    "es": ConfirmWords(
        subject="{shop}: confirma tu dirección de correo",
        said="Alguien aceptó, con esta dirección, recibir correos de {shop}.",
        link="Si fuiste tú, confírmalo en esta página:",
        life="El enlace vale 14 días.",
        not_you="Si no fuiste tú, ignora este correo: no se enviará nada más por ello.",
        question="¿Aceptas recibir correos de {shop} en esta dirección?",
        button="Sí, lo confirmo",
        done="Listo. Tu dirección de correo está confirmada.",
        done_more="Puedes cambiar de opinión en cualquier momento: cada correo tiene un enlace "
        "para ello.",
        ended="Este enlace ya no vale.",
        ended_more="Valió 14 días. Abrirlo ya no cambia nada.",
        stopped="Pediste no recibir correos de esta tienda, y así sigue.",
    ),
    "it": ConfirmWords(
        subject="{shop}: conferma il tuo indirizzo e-mail",
        said="Qualcuno ha accettato, con questo indirizzo, di ricevere e-mail da {shop}.",
        link="Se sei stato tu, confermalo su questa pagina:",
        life="Il link vale 14 giorni.",
        not_you="Se non sei stato tu, ignora questa e-mail: non ne seguiranno altre.",
        question="Accetti di ricevere e-mail da {shop} a questo indirizzo?",
        button="Sì, confermo",
        done="Fatto. Il tuo indirizzo e-mail è confermato.",
        done_more="Puoi cambiare idea in qualsiasi momento: ogni e-mail ha un link per farlo.",
        ended="Questo link non vale più.",
        ended_more="È valso 14 giorni. Aprirlo non cambia più nulla.",
        stopped="Hai chiesto di non ricevere e-mail da questo negozio, e così resta.",
    ),
    "nl": ConfirmWords(
        subject="{shop}: bevestig je e-mailadres",
        said="Iemand ging er met dit adres mee akkoord e-mails van {shop} te krijgen.",
        link="Was jij dat? Bevestig het dan op deze pagina:",
        life="De link werkt 14 dagen.",
        not_you="Was jij het niet? Negeer deze e-mail: er komt verder niets.",
        question="Ga je ermee akkoord e-mails van {shop} op dit adres te krijgen?",
        button="Ja, ik bevestig het",
        done="Klaar. Je e-mailadres is bevestigd.",
        done_more="Je kunt je altijd bedenken: in elke e-mail staat een link daarvoor.",
        ended="Deze link werkt niet meer.",
        ended_more="Hij werkte 14 dagen. Openen verandert niets meer.",
        stopped="Je wilde geen e-mails meer van deze winkel, en dat blijft zo.",
    ),
    "pt": ConfirmWords(
        subject="{shop}: confirme o seu endereço de e-mail",
        said="Alguém aceitou, com este endereço, receber e-mails de {shop}.",
        link="Se foi você, confirme nesta página:",
        life="O link vale 14 dias.",
        not_you="Se não foi você, ignore este e-mail: nada mais será enviado por causa disso.",
        question="Aceita receber e-mails de {shop} neste endereço?",
        button="Sim, confirmo",
        done="Pronto. O seu endereço de e-mail está confirmado.",
        done_more="Pode mudar de ideia a qualquer momento: cada e-mail tem um link para isso.",
        ended="Este link já não vale.",
        ended_more="Valeu 14 dias. Abri-lo já não muda nada.",
        stopped="Você pediu para não receber e-mails desta loja, e assim continua.",
    ),
}


def words_of(language: str | None) -> ConfirmWords:
    """The words in that language; English where there are none."""
    return WORDS.get(language or "", WORDS["en"])


def question_of(shop: str, language: str | None) -> str:
    """What the page asks, and what whoever presses its button agrees to."""
    return words_of(language).question.format(shop=clean(shop, LONGEST_SHOP))


def subject_of(shop: str, language: str | None) -> str:
    """The subject of the e-mail."""
    return words_of(language).subject.format(shop=clean(shop, LONGEST_SHOP))


def text_of(shop: str, language: str | None, link: str) -> str:
    """The plain part: who asks, the link, and that a stranger need do nothing."""
    words = words_of(language)
    said = words.said.format(shop=clean(shop, LONGEST_SHOP))
    return "\n\n".join([said, f"{words.link}\n{link}", words.life, words.not_you]) + "\n"


def html_of(shop: str, language: str | None, link: str) -> str:
    """The same words; nothing in it is read as HTML, nothing is loaded."""
    there = escape(link)
    written = escape(text_of(shop, language, link)).strip()
    body = "".join(
        f"<p>{each.replace(chr(10), '<br>')}</p>".replace(there, f'<a href="{there}">{there}</a>')
        for each in written.split("\n\n")
    )
    tongue = language if language in WORDS else "en"
    return f'<!doctype html><html lang="{tongue}"><body>{body}</body></html>'
