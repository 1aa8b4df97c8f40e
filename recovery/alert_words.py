"""What the e-mail says that tells a merchant of trouble: in their language, and what to do."""

from __future__ import annotations

from html import escape

#: By the last word of a notice's subject: what it is, and what to do. "" is for all others.
_EN = {
    "stopped": (
        "Messages do not leave",
        "The sender account does not work. What is due waits and leaves by itself once it works, "
        "as long as it is still in time.",
    ),
    "credit": (
        "The credit for texts ends soon",
        "Top the account up at your provider, or let it fill itself up. Once it is empty, texts "
        "wait and leave when there is credit again, as long as they are still in time.",
    ),
    "key": (
        "The credit for texts cannot be asked",
        "Type the API key and secret of the account anew, or empty both fields. Texts leave all "
        "the same.",
    ),
    "poll": (
        "Your shop does not answer",
        "Orders cannot be read, so no reminder leaves: it might come after an order. It is tried "
        "again and again.",
    ),
    "webhooks": (
        "Your shop does not tell of carts any more",
        "Orders come only because the shop is asked every few minutes. Carts come late or not at "
        "all. Connect the shop again, and it makes its webhooks anew.",
    ),
    "plugin": (
        "The plugin is silent",
        "Carts that WooCommerce keeps inside the shop are not seen. Is the plugin active? Its page "
        "WooCommerce → Relance says what is wrong.",
    ),
    "delivery": (
        "Fewer texts arrive",
        "Look at the sender's page at your provider: is the sender registered, is the content "
        "filtered?",
    ),
    "clock": (
        "The clock has stopped",
        "Nothing is planned or sent until whoever runs the server starts it again. Nothing is "
        "lost meanwhile.",
    ),
    "export": (
        "A customer asks what is stored about them",
        "The file is ready on the privacy page. The law gives a month for the answer.",
    ),
    "domain": (
        "Carts lead to an address that is not known as yours",
        "If it is your shop's own domain, name it in the settings: shoppers then go there at once.",
    ),
    "replies_wait": ("Replies of shoppers wait", "Name the e-mail address that they are to go to."),
    "": ("Something needs you", "The page of your shop in Relance says more."),
}
_FR = {
    "stopped": (
        "Les messages ne partent pas",
        "Le compte d’envoi ne fonctionne pas. Ce qui est dû attend et partira de lui-même dès "
        "qu’il fonctionne, s’il en est encore temps.",
    ),
    "credit": (
        "Le crédit pour les SMS s’épuise",
        "Rechargez le compte chez votre fournisseur, ou activez la recharge automatique. Une fois "
        "vide, les SMS attendent et partent au retour du crédit, s’il en est encore temps.",
    ),
    "key": (
        "Le crédit pour les SMS ne peut être lu",
        "Saisissez à nouveau la clé et le secret d’API du compte, ou videz les deux champs. Les "
        "SMS partent malgré tout.",
    ),
    "poll": (
        "Votre boutique ne répond pas",
        "Les commandes ne peuvent être lues ; aucun rappel ne part donc, car il pourrait suivre "
        "une commande. De nouveaux essais ont lieu sans cesse.",
    ),
    "webhooks": (
        "Votre boutique n’annonce plus les paniers",
        "Les commandes n’arrivent que parce que la boutique est interrogée régulièrement. Les "
        "paniers arrivent tard ou pas du tout. Reconnectez la boutique pour les recréer.",
    ),
    "plugin": (
        "L’extension est muette",
        "Les paniers que WooCommerce garde dans la boutique ne sont pas vus. L’extension est-elle "
        "active ? Sa page WooCommerce → Relance dit ce qui ne va pas.",
    ),
    "delivery": (
        "Moins de SMS arrivent",
        "Regardez la page de l’expéditeur chez votre fournisseur : est-il enregistré, le contenu "
        "est-il filtré ?",
    ),
    "clock": (
        "L’horloge s’est arrêtée",
        "Rien n’est prévu ni envoyé tant que l’exploitant du serveur ne la relance pas. Rien ne se "
        "perd entre-temps.",
    ),
    "export": (
        "Un client demande ce qui est conservé sur lui",
        "Le fichier est prêt sur la page de vie privée. La loi donne un mois pour répondre.",
    ),
    "domain": (
        "Des paniers mènent à une adresse qui n’est pas connue comme vôtre",
        "Si c’est un domaine de votre boutique, indiquez-le dans les réglages : les clients y "
        "iront alors directement.",
    ),
    "replies_wait": (
        "Des réponses de clients attendent",
        "Indiquez l’adresse e-mail où les envoyer.",
    ),
    "": ("Relance a besoin de vous", "La page de votre boutique dans Relance en dit plus."),
}
_SAID = {"en": "What was said: {words}", "fr": "Message d’origine : {words}"}
_FOOT = {
    "en": "Each trouble is told once. The start page of your shop in Relance shows what stands.",
    "fr": "Chaque problème est annoncé une fois. La page d’accueil de votre boutique dans Relance "
    "montre où l’on en est.",
}


def about(subject: str, locale: str | None) -> tuple[str, str]:
    """What the trouble of a notice is, and what to do, for a page."""
    return _words(subject, locale)


def subject_of(subject: str, shop: str, locale: str | None) -> str:
    """One line: what it is, and where."""
    return f"{_words(subject, locale)[0]} – {shop}"


def body_of(subject: str, said: str, shop: str, locale: str | None) -> str:
    """The whole e-mail, plain. `said` are the words of the notice."""
    what, to_do = _words(subject, locale)
    language = _language(locale)
    parts = [f"{shop}: {what}.", to_do, _SAID[language].format(words=said), _FOOT[language]]
    return "\n\n".join(parts) + "\n"


def html_of(body: str) -> str:
    """The same e-mail for who reads HTML."""
    return "".join(f"<p>{escape(each)}</p>" for each in body.strip().split("\n\n"))


def _words(subject: str, locale: str | None) -> tuple[str, str]:
    words = _FR if _language(locale) == "fr" else _EN
    return words.get(subject.rpartition(".")[2], words[""])


def _language(locale: str | None) -> str:
    return "fr" if (locale or "").lower().startswith("fr") else "en"
