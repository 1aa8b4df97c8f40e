"""The words of the pages, in English and French."""

from __future__ import annotations

from collections.abc import Mapping

LANGUAGES: Mapping[str, str] = {"en": "English", "fr": "Français"}
COUNTRIES: Mapping[str, Mapping[str, str]] = {
    "en": {
        "FR": "France",
        "BE": "Belgium",
        "DE": "Germany",
        "ES": "Spain",
        "GB": "United Kingdom",
        "US": "United States",
    },
    "fr": {
        "FR": "France",
        "BE": "Belgique",
        "DE": "Allemagne",
        "ES": "Espagne",
        "GB": "Royaume-Uni",
        "US": "États-Unis",
    },
}

ENGLISH: Mapping[str, str] = {
    "shop": "Sandbox shop",
    "skip": "Skip to the page",
    "cart": "Cart",
    "help": "Help",
    "merchant": "Merchant's pages",
    "language": "Language",
    "country": "Country",
    "apply": "Apply",
    "notice": "This shop reminds after a few seconds, at any hour and as often as you like"
    " (a real shop: one first text a day). It is for trying: no real text or e-mail is ever sent.",
    "headline": "Leave a cart behind. See what happens.",
    "lead": "A small shop and a phone, both made up. Everything in between is the real thing.",
    "step_1": "Put something in the cart.",
    "step_2": "At the checkout, leave a number and tick the box.",
    "step_3": "Leave. A message arrives on the phone; its link brings the cart back.",
    "add": "Add to cart",
    "in_cart": "in your cart",
    "added": "It is in your cart.",
    "to_cart": "See the cart",
    "cart_title": "Your cart",
    "cart_empty": "Your cart is empty.",
    "to_shelf": "See what there is",
    "back_to_shelf": "Back to the shop",
    "quantity": "Quantity",
    "update": "Update",
    "remove": "Remove",
    "subtotal": "Subtotal",
    "discount": "Discount",
    "shipping": "Shipping",
    "free": "Free",
    "total": "Total",
    "to_checkout": "Go to checkout",
    "checkout_title": "Checkout",
    "contact": "Your contact",
    "first_name": "First name",
    "last_name": "Last name",
    "phone_field": "Mobile number",
    "email": "E-mail",
    "optional": "optional",
    "use_example_phone": "Use a made-up number",
    "use_example_email": "Use a made-up address",
    "example_phone": "A made-up number:",
    "example_email": "A made-up address:",
    "sms_words": "Yes, send me texts about my cart and offers of this shop to this number."
    " I can stop them at any time by answering STOP.",
    "mail_words": "Yes, send me e-mails about my cart and offers of this shop to this address."
    " I can stop them at any time by the link in each of them.",
    "saved": "Saved",
    "saving": "Saving …",
    "not_saved": "Not saved: the shop did not answer.",
    "saved_hint": "The shop saves what you type as you type it, as real checkouts do.",
    "error_phone": "This is not a phone number of the country chosen above.",
    "error_email": "This is not an e-mail address.",
    "error_contact": "Please leave a phone number or an e-mail address.",
    "code": "Discount code",
    "code_wrong": "This code does not hold for this cart.",
    "code_right": "The code is applied.",
    "order": "Place the order",
    "order_hint": "Nothing is paid and nothing is shipped.",
    "leave": "I leave",
    "leave_hint": "Or just close the page.",
    "left": "Gone. Now wait a few seconds and look at the phone.",
    "left_stopped": "Gone. But this number answered STOP: no text may be sent. Answer START on the"
    " phone, or take another number.",
    "left_mail": "Gone. An e-mail comes to the inbox where the shop's programme sends one: Help"
    " says how to choose a programme.",
    "left_unsubscribed": "Gone. But this address unsubscribed: no e-mail may be sent. Take"
    " another address.",
    "left_no_consent": "Gone. But without a number or an address, and a tick in its box, nothing"
    " may be sent.",
    "recovered": "Welcome back: this is the cart that was left.",
    "recover_unknown": "This cart does not exist any more.",
    "recover_ordered": "This cart has become an order already.",
    "thanks": "Thank you, it is ordered.",
    "thanks_lead": "No reminder for this cart leaves from now on.",
    "order_number": "Order",
    "cancel": "Cancel this order",
    "cancelled": "This order is cancelled.",
    "again": "Start another cart",
    "phone": "Sandbox phone",
    "phones": "Phones",
    "apps": "Texts or e-mails",
    "texts": "Texts",
    "mails": "E-mails",
    "mails_new": "new",
    "mail_new": "New:",
    "inbox": "Inbox",
    "inboxes": "Inboxes",
    "inbox_empty": "No e-mail yet.",
    "inbox_empty_hint": "Leave an e-mail address at the checkout and tick its box. A programme may"
    " write there, and so does a text that cannot be delivered (a number ending in 0002), where the"
    " step has e-mail to fall back to.",
    "mail_to": "to",
    "mail_plain": "The plain text, for programs without HTML",
    "mail_headers": "The headers",
    "unsubscribe": "Unsubscribe",
    "mail_left": "Unsubscribed with one click.",
    "mail_unsubscribed": "Unsubscribed: no more e-mails of this shop to this address.",
    "mail_not_unsubscribed": "Not unsubscribed: the other side did not answer.",
    "phone_empty": "No text yet.",
    "phone_empty_hint": "Put something in the cart, go to the checkout, leave a mobile number,"
    " tick the box, then leave.",
    "phone_waiting_hint": "A text arrives here a few seconds after the cart was left,"
    " if the box was ticked.",
    "state_submitted": "Sent",
    "state_delivered": "Delivered",
    "state_undelivered": "Not delivered",
    "stopped": "This number answered STOP: the shop may not write to it."
    " Answer START to allow it again.",
    "look_again": "Without JavaScript, look at the phone again here.",
    "reply": "Answer",
    "reply_placeholder": "Answer, e.g. STOP",
    "send": "Send",
    "see_phone": "See the phone",
    "time": "The shop's time",
    "time_fixed": "It follows this machine's clock.",
    "hour": "+1 hour",
    "day": "+1 day",
    "time_moved": "The time was moved forward.",
    "time_moved_idly": "The time was moved forward. No first text was due. What a programme sends"
    " after the first may come now.",
    "time_moved_too_far": "The time was moved forward. The text that was due is too late now: a"
    " first text leaves within twelve hours.",
    "missing": "There is nothing at this address.",
    "help_title": "What the sandbox does",
    "help_numbers": "Numbers that behave in a special way",
    "help_0000": "is refused: the text can never be sent there.",
    "help_0001": "takes the text, then drops the line without an answer, so that the sender"
    " does not know whether it left.",
    "help_0002": "takes the text; it is then reported as not delivered.",
    "help_ending": "A number ending in",
    "help_mail": "An address that begins with",
    "help_refused": "takes no e-mails.",
    "help_inbox": "The inbox gets the very e-mail that a mail server would get. Its button"
    " unsubscribes as mail programs do, with one click; the link within asks first.",
    "help_programmes": "Programmes",
    "help_built_in": "At first this shop sends one text for a cart. A ready programme sends more,"
    " also e-mails, hours and days apart; then move the time forward below. In the folder of"
    " Relance:",
    "help_limits": "Limits",
    "help_rate": "At most 30 texts are taken in a second; the next one is told to come back later.",
    "help_receipts": "A text is reported as delivered about a second after it was taken.",
    "help_hooks": "While the other side is away, everything is kept and delivered again for"
    " an hour, also after a restart.",
    "help_stop": "Answer STOP on the phone and the shop may not write to that number again,"
    " until the phone answers START.",
    "help_often": "The shop may also write to one number as often as you like. A real shop sends"
    " one first text a day at most.",
    "help_privacy": "The link in a text opens the cart in any browser, but shows the contact"
    " only to the browser that left it.",
}

FRENCH: Mapping[str, str] = {
    "shop": "Boutique d'essai",
    "skip": "Aller au contenu",
    "cart": "Panier",
    "help": "Aide",
    "merchant": "Pages du marchand",
    "language": "Langue",
    "country": "Pays",
    "apply": "Appliquer",
    "notice": "Cette boutique relance après quelques secondes, à toute heure et aussi souvent que"
    " vous voulez (une vraie boutique : un premier SMS par jour). Elle sert à"
    " essayer : aucun vrai SMS ni e-mail n'est jamais envoyé.",
    "headline": "Abandonnez un panier. Voyez ce qui se passe.",
    "lead": "Une petite boutique et un téléphone, tous deux inventés. Le reste est réel.",
    "step_1": "Mettez quelque chose dans le panier.",
    "step_2": "En caisse, laissez un numéro et cochez la case.",
    "step_3": "Partez. Un message arrive sur le téléphone ; son lien ramène le panier.",
    "add": "Ajouter au panier",
    "in_cart": "dans votre panier",
    "added": "C'est dans votre panier.",
    "to_cart": "Voir le panier",
    "cart_title": "Votre panier",
    "cart_empty": "Votre panier est vide.",
    "to_shelf": "Voir les articles",
    "back_to_shelf": "Retour à la boutique",
    "quantity": "Quantité",
    "update": "Modifier",
    "remove": "Retirer",
    "subtotal": "Sous-total",
    "discount": "Remise",
    "shipping": "Livraison",
    "free": "Offerte",
    "total": "Total",
    "to_checkout": "Passer en caisse",
    "checkout_title": "Caisse",
    "contact": "Vos coordonnées",
    "first_name": "Prénom",
    "last_name": "Nom",
    "phone_field": "Numéro de mobile",
    "email": "E-mail",
    "optional": "facultatif",
    "use_example_phone": "Prendre un numéro inventé",
    "use_example_email": "Prendre une adresse inventée",
    "example_phone": "Un numéro inventé :",
    "example_email": "Une adresse inventée :",
    "sms_words": "Oui, envoyez-moi des SMS sur mon panier et les offres de cette boutique à ce"
    " numéro. Je peux les arrêter à tout moment en répondant STOP.",
    "mail_words": "Oui, envoyez-moi des e-mails sur mon panier et les offres de cette boutique à"
    " cette adresse. Je peux les arrêter à tout moment par le lien de chacun.",
    "saved": "Enregistré",
    "saving": "Enregistrement …",
    "not_saved": "Non enregistré : la boutique n'a pas répondu.",
    "saved_hint": "La boutique enregistre au fil de la saisie, comme une vraie caisse.",
    "error_phone": "Ce n'est pas un numéro de téléphone du pays choisi en haut.",
    "error_email": "Ce n'est pas une adresse e-mail.",
    "error_contact": "Laissez un numéro de téléphone ou une adresse e-mail.",
    "code": "Code de réduction",
    "code_wrong": "Ce code ne vaut pas pour ce panier.",
    "code_right": "Le code est appliqué.",
    "order": "Commander",
    "order_hint": "Rien n'est payé, rien n'est expédié.",
    "leave": "Je pars",
    "leave_hint": "Ou fermez simplement la page.",
    "left": "C'est fait. Attendez quelques secondes et regardez le téléphone.",
    "left_stopped": "C'est fait. Mais ce numéro a répondu STOP : aucun SMS ne peut partir. Répondez"
    " START sur le téléphone, ou prenez un autre numéro.",
    "left_mail": "C'est fait. Un e-mail arrive dans la boîte si le programme de la boutique en"
    " envoie : l'aide dit comment en choisir un.",
    "left_unsubscribed": "C'est fait. Mais cette adresse s'est désabonnée : aucun e-mail ne peut"
    " partir. Prenez une autre adresse.",
    "left_no_consent": "C'est fait. Mais sans numéro ni adresse, et sans case cochée, rien ne peut"
    " partir.",
    "recovered": "Vous revoilà : c'est bien le panier laissé.",
    "recover_unknown": "Ce panier n'existe plus.",
    "recover_ordered": "Ce panier est déjà devenu une commande.",
    "thanks": "Merci, c'est commandé.",
    "thanks_lead": "Plus aucune relance ne part pour ce panier.",
    "order_number": "Commande",
    "cancel": "Annuler cette commande",
    "cancelled": "Cette commande est annulée.",
    "again": "Commencer un autre panier",
    "phone": "Téléphone d'essai",
    "phones": "Téléphones",
    "apps": "SMS ou e-mails",
    "texts": "SMS",
    "mails": "E-mails",
    "mails_new": "nouveaux",
    "mail_new": "Nouveau :",
    "inbox": "Boîte de réception",
    "inboxes": "Boîtes de réception",
    "inbox_empty": "Aucun e-mail.",
    "inbox_empty_hint": "Laissez une adresse e-mail en caisse et cochez sa case. Un programme peut"
    " y écrire ; de même quand un SMS n'est pas distribué (un numéro finissant par 0002), si"
    " l'étape prévoit l'e-mail.",
    "mail_to": "à",
    "mail_plain": "Le texte seul, pour les logiciels sans HTML",
    "mail_headers": "Les en-têtes",
    "unsubscribe": "Se désabonner",
    "mail_left": "Désabonnement fait en un clic.",
    "mail_unsubscribed": "Désabonnement fait : plus d'e-mails de cette boutique à cette adresse.",
    "mail_not_unsubscribed": "Désabonnement non fait : l'autre côté n'a pas répondu.",
    "phone_empty": "Aucun SMS.",
    "phone_empty_hint": "Mettez quelque chose dans le panier, passez en caisse, laissez un numéro"
    " de mobile, cochez la case, puis partez.",
    "phone_waiting_hint": "Un SMS arrive ici quelques secondes après l'abandon du panier,"
    " si la case a été cochée.",
    "state_submitted": "Envoyé",
    "state_delivered": "Distribué",
    "state_undelivered": "Non distribué",
    "stopped": "Ce numéro a répondu STOP : la boutique ne peut plus lui écrire."
    " Répondez START pour l'autoriser de nouveau.",
    "look_again": "Sans JavaScript, regardez de nouveau le téléphone ici.",
    "reply": "Répondre",
    "reply_placeholder": "Répondre, p. ex. STOP",
    "send": "Envoyer",
    "see_phone": "Voir le téléphone",
    "time": "L'heure de la boutique",
    "time_fixed": "Elle suit l'horloge de cette machine.",
    "hour": "+1 heure",
    "day": "+1 jour",
    "time_moved": "L'heure a été avancée.",
    "time_moved_idly": "L'heure a été avancée. Aucun premier SMS n'était dû. Ce qu'un programme"
    " envoie après le premier peut arriver maintenant.",
    "time_moved_too_far": "L'heure a été avancée. Il est trop tard pour le SMS qui était dû : un"
    " premier SMS part dans les douze heures.",
    "missing": "Il n'y a rien à cette adresse.",
    "help_title": "Ce que fait cet essai",
    "help_numbers": "Des numéros au comportement particulier",
    "help_0000": "est refusé : aucun SMS ne peut y partir.",
    "help_0001": "prend le SMS puis coupe la ligne sans répondre : l'expéditeur ne sait pas"
    " s'il est parti.",
    "help_0002": "prend le SMS, puis il est signalé comme non distribué.",
    "help_ending": "Un numéro finissant par",
    "help_mail": "Une adresse commençant par",
    "help_refused": "ne prend pas d'e-mails.",
    "help_inbox": "La boîte reçoit l'e-mail même qu'un serveur de messagerie recevrait. Son bouton"
    " désabonne comme le font les logiciels, en un clic ; le lien dans l'e-mail demande d'abord.",
    "help_programmes": "Programmes",
    "help_built_in": "Au début, cette boutique envoie un SMS par panier. Un programme tout prêt en"
    " envoie plus, des e-mails aussi, à des heures ou des jours d'écart ; avancez alors l'heure en"
    " bas de page. Dans le dossier de Relance :",
    "help_limits": "Limites",
    "help_rate": "Au plus 30 SMS sont pris par seconde ; le suivant doit revenir plus tard.",
    "help_receipts": "Un SMS est signalé comme distribué environ une seconde après.",
    "help_hooks": "Quand l'autre côté est absent, tout est gardé et redistribué pendant une"
    " heure, même après un redémarrage.",
    "help_stop": "Répondez STOP sur le téléphone : la boutique ne peut plus écrire à ce numéro,"
    " tant que le téléphone n'a pas répondu START.",
    "help_often": "La boutique peut aussi écrire à un numéro aussi souvent que vous voulez. Une"
    " vraie boutique envoie au plus un premier SMS par jour.",
    "help_privacy": "Le lien d'un SMS ouvre le panier dans tout navigateur, mais ne montre les"
    " coordonnées qu'à celui qui les a laissées.",
}

WORDS: Mapping[str, Mapping[str, str]] = {"en": ENGLISH, "fr": FRENCH}


def euros(amount: object, language: str) -> str:
    """An amount in euros as it is written in that language."""
    plain = f"{amount:.2f}"
    return f"{plain.replace('.', ',')} €" if language == "fr" else f"€{plain}"
