"""French for the pages and answers around the WordPress plugin."""

from __future__ import annotations

FRENCH = {
    "Your shop is connected.": "Votre boutique est connectée.",
    "Step 2: the WordPress plugin": "Étape 2 : l’extension WordPress",
    "It shows us carts that WooCommerce keeps inside the shop, and asks shoppers for their "
    "leave.": (
        "Elle nous montre les paniers que WooCommerce garde dans la boutique, et demande leur "
        "accord aux clients."
    ),
    "Download the plugin": "Télécharger l’extension",
    "In WordPress: Plugins, Add New, Upload Plugin. Choose the file, install it, activate it.": (
        "Dans WordPress : Extensions, Ajouter, Téléverser une extension. Choisissez le fichier, "
        "installez-le, activez-le."
    ),
    "Then open its page and press Connect:": "Puis ouvrez sa page et appuyez sur Connecter :",
    "Open WooCommerce → Relance in your shop": "Ouvrir WooCommerce → Relance dans la boutique",
    "If that page does not open by itself with the code in it, paste this code there:": (
        "Si cette page ne s’ouvre pas avec le code déjà rempli, collez-y ce code :"
    ),
    "Once the plugin says “Connected”, press “Open Relance” on the same page: WooCommerce → "
    "Relance. It is your way in from now on; who comes first is the owner here.": (
        "Quand l’extension indique « Connectée », cliquez sur « Ouvrir Relance » sur la même "
        "page : WooCommerce → Relance. C’est votre entrée désormais ; la première personne "
        "qui entre est propriétaire ici."
    ),
    "The code is good once, for 24 hours. Load this page anew for another one.": (
        "Le code sert une seule fois, pendant 24 heures. Rechargez cette page pour en avoir un "
        "autre."
    ),
    "We wait for your shop.": "Nous attendons votre boutique.",
    "You agreed, and your shop now sends us its keys. They have not come in yet. If this "
    "lasts for more than a minute, something in front of the shop may keep it from reaching "
    "us; then begin again.": (
        "Vous avez donné votre accord, et votre boutique nous envoie ses clés. Elles ne sont "
        "pas encore arrivées. Si cela dure plus d’une minute, quelque chose empêche peut-être "
        "la boutique de nous joindre ; recommencez alors."
    ),
    "Look again": "Regarder encore",
    "Your shop says that you agreed.": "Votre boutique dit que vous avez donné votre accord.",
    "We show the next step only in the browser in which the connection was begun, and within "
    "an hour. Please begin again there, if you do not see it.": (
        "Nous ne montrons l’étape suivante que dans le navigateur où la connexion a commencé, "
        "et pendant une heure. Si vous ne la voyez pas, recommencez dans ce navigateur."
    ),
    "This is a code for the WordPress plugin.": "Ceci est un code pour l’extension WordPress.",
    "It is not a page to work with. Copy the whole code and paste it in your shop, under "
    "WooCommerce → Relance:": (
        "Ce n’est pas une page où agir. Copiez tout le code et collez-le dans votre boutique, "
        "sous WooCommerce → Relance :"
    ),
    "The plugin is not in your shop yet?": "L’extension n’est pas encore dans votre boutique ?",
    "The code is good once, for 24 hours.": "Le code sert une seule fois, pendant 24 heures.",
    "This code is over.": "Ce code n’est plus valable.",
    "It is not known, was used already, or is older than 24 hours. If the plugin says "
    "“Connected”, nothing is missing. Else connect the shop again, which gives a new code.": (
        "Il est inconnu, déjà utilisé, ou a plus de 24 heures. Si l’extension affiche "
        "« Connectée », il ne manque rien. Sinon, connectez de nouveau la boutique : vous "
        "aurez un nouveau code."
    ),
    "This is not how the plugin asks. Please update it, and try again.": (
        "L’extension ne demande pas ainsi. Mettez-la à jour et réessayez."
    ),
    "This code is not known, was used already, or is over. Please get a new one.": (
        "Ce code est inconnu, déjà utilisé, ou n’est plus valable. Demandez-en un nouveau."
    ),
    "This code was tried too often. Please get a new one.": (
        "Ce code a été essayé trop souvent. Demandez-en un nouveau."
    ),
    "Other shops are being connected at this moment. Please try again in a minute.": (
        "D’autres boutiques se connectent en ce moment. Réessayez dans une minute."
    ),
    "This code is for another shop. Please get one for this shop's own address.": (
        "Ce code est celui d’une autre boutique. Demandez-en un pour l’adresse de celle-ci."
    ),
    "Here the shop is connected as {ours}, but WordPress calls itself {theirs}. If it answers "
    "only there, connect it again by that address.": (
        "Ici, la boutique est connectée sous {ours}, mais WordPress se nomme {theirs}. Si elle "
        "ne répond que là, connectez-la de nouveau avec cette adresse."
    ),
    "The shop did not confirm the pairing. Press the button in WordPress once more.": (
        "La boutique n’a pas confirmé la liaison. Appuyez encore une fois sur le bouton dans "
        "WordPress."
    ),
    "The shop did not answer.": "La boutique n’a pas répondu.",
    "The shop answered with a page instead of JSON.": (
        "La boutique a répondu par une page au lieu de JSON : un pare-feu ou une page "
        "d’attente est peut-être devant elle."
    ),
    # -- what is held of a person, and its erasing
    "What is known of you": "Ce que l’on sait de vous",
    "Carts": "Paniers",
    "Orders": "Commandes",
    "Messages": "Messages",
    "Agreed or declined": "Accords et refus",
    "No more messages": "Plus de messages",
    "Texts asked for": "SMS demandés",
    "Answers": "Réponses",
    "First name": "Prénom",
    "Last name": "Nom",
    "E-mail": "E-mail",
    "Phone": "Téléphone",
    "Phone as typed": "Téléphone tel que saisi",
    "Country": "Pays",
    "Region": "Région",
    "Language": "Langue",
    "Customer number": "Numéro de client",
    "Number of orders": "Nombre de commandes",
    "Last change": "Dernier changement",
    "Began": "Début",
    "State": "État",
    "Total": "Total",
    "Contents": "Contenu",
    "Discount codes": "Codes de réduction",
    "Link back": "Lien de retour",
    "Visitor's address, hashed": "Adresse du visiteur, hachée",
    "As it was received": "Tel que reçu",
    "Number": "Numéro",
    "Placed": "Passée le",
    "Refunded": "Remboursé",
    "Parcels": "Colis",
    "Carrier": "Transporteur",
    "Link to follow it": "Lien de suivi",
    "Planned for": "Prévu pour",
    "Sent": "Envoyé",
    "Channel": "Canal",
    "To": "À",
    "From": "De",
    "Text": "Texte",
    "Address": "Adresse",
    "Answer": "Réponse",
    "yes": "oui",
    "no": "non",
    "When": "Quand",
    "Where": "Où",
    "Words read": "Texte lu",
    "Since": "Depuis",
    "Kind": "Sorte",
    "Product": "Produit",
    "Product's page": "Page du produit",
    "Price seen": "Prix vu",
    "Ended": "Terminé",
    "Subject": "Objet",
    "Discount code": "Code de réduction",
    "Why it was refused": "Pourquoi il a été refusé",
    "Page": "Page",
    "Your IP address": "Votre adresse IP",
    "Kept since": "Conservé depuis",
    "Comparisons you are part of": "Comparaisons dont vous faites partie",
    "Programme": "Programme",
    "Group drawn for comparison": "Groupe tiré pour la comparaison",
    "Known by": "Reconnu par",
    "Which is": "À savoir",
    "Offers": "Offres",
    "Decided": "Décidée le",
    "What": "Quoi",
    "Value": "Valeur",
    "Good until": "Valable jusqu’au",
    "Used": "Utilisée le",
    "Links followed": "Liens suivis",
    "By": "Par",
    "Why carts were left": "Pourquoi des paniers sont abandonnés",
    "Why the cart was left": "Pourquoi le panier est abandonné",
    "Asked for": "Demandé pour",
    "Messages paused": "Messages en pause",
    "Why": "Pourquoi",
    "Until": "Jusqu’au",
    "Erased. What figures are counted from stays, without anything that names anybody.": (
        "Effacé. Ce qui sert aux chiffres reste, sans rien qui nomme quelqu’un."
    ),
    "Nothing was held of this person.": "Rien n’était conservé sur cette personne.",
    "That this person wants no more messages stays noted, because else they could be "
    "written to again.": (
        "Il reste noté que cette personne ne veut plus de messages : sans cela, on pourrait "
        "lui écrire de nouveau."
    ),
}
