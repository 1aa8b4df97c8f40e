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
    "plugin_gone": (
        "The plugin was deleted, and all sending is paused",
        "Install it again and press its link, then switch on again. Or disconnect the shop under "
        "Privacy, if you leave.",
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
    "reply_not_forwarded": (
        "A reply did not reach your mailbox",
        "Read it under Conversations, and see whether the address in the settings is right.",
    ),
    "reply_to_nobody": (
        "A reply belongs to no shop",
        "Somebody wrote to a sender that several shops share, and no shop had written to them.",
    ),
    "no_replies": (
        "Numbers cannot be confirmed",
        "They must be confirmed by a reply, and the sender is a name, which receives none. Take a "
        "number as sender, or switch the confirmation off where the law does not ask for it.",
    ),
    "words": (
        "Your words do not fit some carts",
        "Such carts are written to in our own words. Name fewer products in the text of that step.",
    ),
    "offers": (
        "Reminders leave without their offer",
        "The shop did not make the discount code, or did not take one away again. What it said "
        "stands below.",
    ),
    "offer_policy": (
        "The rules for offers cannot be read",
        "Nobody gets an offer. Open Settings → Offers and budget, and save them anew.",
    ),
    "credit_rule": (
        "The rule by which orders are credited cannot be read",
        "The usual rule holds meanwhile. Open Settings → Measuring, and save it anew.",
    ),
    "welcome_code": (
        "Welcome texts do not leave",
        "Their code does not work in your shop, or the shop does not say whether it does. Make it "
        "there, or name another under Settings → Orders and welcome.",
    ),
    "unread": (
        "An order cannot be read",
        "It is kept, and carts that it may have ended get no reminder. Whoever runs the server can "
        "see what is odd about it.",
    ),
    "numbers": (
        "Many new numbers at once",
        "Further new numbers are turned away until the crowd is over; somebody may be typing other "
        "people’s numbers. Is it a sale, or news that many waited for? Then do nothing.",
    ),
    "copy": (
        "Orders come from another address than your shop’s",
        "They are not taken in: most often that is a copy of the shop. Delete the webhooks named "
        "Relance in the copy. If it is your shop, name the address under Settings → Orders.",
    ),
    "scopes": (
        "Shopify does not let us do everything",
        "Open the app in Shopify’s admin, and agree to what it asks for.",
    ),
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
        "Les commandes ne peuvent être lues ; aucune relance ne part donc : elle pourrait suivre "
        "une commande. De nouveaux essais ont lieu sans cesse.",
    ),
    "webhooks": (
        "Votre boutique n’annonce plus les paniers",
        "Les commandes n’arrivent que parce que la boutique est interrogée régulièrement. Les "
        "paniers arrivent tard ou pas du tout. Reconnectez la boutique pour les recréer.",
    ),
    "plugin_gone": (
        "L’extension a été supprimée, et tous les envois sont en pause",
        "Réinstallez-la et suivez son lien, puis remettez en marche. Ou déconnectez la boutique "
        "dans Vie privée, si vous partez.",
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
    "reply_not_forwarded": (
        "Une réponse n’est pas arrivée dans votre boîte",
        "Lisez-la sous Conversations, et vérifiez l’adresse indiquée dans les réglages.",
    ),
    "reply_to_nobody": (
        "Une réponse n’appartient à aucune boutique",
        "Quelqu’un a écrit à un expéditeur que plusieurs boutiques partagent, et aucune ne lui "
        "avait écrit.",
    ),
    "no_replies": (
        "Des numéros ne peuvent pas être confirmés",
        "Ils doivent l’être par une réponse, or l’expéditeur est un nom, qui n’en reçoit aucune. "
        "Prenez un numéro comme expéditeur, ou désactivez la confirmation là où la loi ne la "
        "demande pas.",
    ),
    "words": (
        "Vos mots ne conviennent pas à certains paniers",
        "Ces paniers reçoivent notre propre texte. Nommez moins de produits dans le texte de "
        "l’étape.",
    ),
    "offers": (
        "Des relances partent sans leur offre",
        "La boutique n’a pas créé le code de réduction, ou n’en a pas retiré un. Sa réponse figure "
        "ci-dessous.",
    ),
    "offer_policy": (
        "Les règles des offres sont illisibles",
        "Personne ne reçoit d’offre. Ouvrez Réglages → Offres et budget, et enregistrez-les de "
        "nouveau.",
    ),
    "credit_rule": (
        "La règle d’attribution des commandes est illisible",
        "La règle habituelle vaut entre-temps. Ouvrez Réglages → Mesure, et enregistrez-la de "
        "nouveau.",
    ),
    "welcome_code": (
        "Les SMS de bienvenue ne partent pas",
        "Leur code ne fonctionne pas dans votre boutique, ou elle ne dit pas s’il fonctionne. "
        "Créez-le, ou indiquez-en un autre sous Réglages → Commandes et bienvenue.",
    ),
    "unread": (
        "Une commande est illisible",
        "Elle est conservée, et les paniers qu’elle a pu clore ne reçoivent pas de relance. "
        "L’exploitant du serveur peut voir ce qui ne va pas.",
    ),
    "numbers": (
        "Beaucoup de nouveaux numéros d’un coup",
        "Les suivants sont refusés jusqu’à la fin de l’affluence ; quelqu’un saisit peut-être les "
        "numéros d’autrui. Est-ce une promotion, ou une nouveauté très attendue ? Alors il n’y a "
        "rien à faire.",
    ),
    "copy": (
        "Des commandes viennent d’une autre adresse que celle de votre boutique",
        "Elles ne sont pas prises en compte : c’est le plus souvent une copie de la boutique. "
        "Supprimez-y les webhooks nommés Relance. Si c’est votre boutique, indiquez cette adresse "
        "sous Réglages → Commandes.",
    ),
    "scopes": (
        "Shopify ne nous autorise pas tout",
        "Ouvrez l’application dans l’admin de Shopify, et acceptez ce qu’elle demande.",
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
