"""Words in a row that ask us to stop, in the languages of our own texts.

Patterns on a clause that `stop_words` folded: small letters without accents, single gaps, an
apostrophe is a gap too. Each becomes a word of `stop_words.CLEAR`, which counts wherever it
stands, or of `WHOLE`, which counts where the reply holds nothing else. They are tried in order.

A phrase is the imperative of a wish, or names what is not to come any more: "don't send me
anything" asks us to stop, "don't send me the blue one" does not.
"""

from __future__ import annotations

import re

_CLEAR = "unsubscribe"
_WHOLE = "nomore"

_EN = r"(?:texts?|texting|txts?|sms|messages?|messaging|msgs?|spam|ads|adverts?|promos?" + (
    r"|promotions?|notifications?|reminders?|newsletters?|e ?mails?)"
)
_FR = r"(?:sms|messages?|textos?|pubs?|publicites?|notifications?|relances?|e ?mails?|newsletters?)"
_DE = r"(?:sms|nachrichten|nachricht|werbung|mails?|newsletter|erinnerungen)"
_ES = r"(?:mensajes?|sms|textos?|publicidad|promociones|notificaciones|e ?mails?|avisos|spam)"
_PT = r"(?:mensage(?:m|ns)|sms|textos?|publicidade|promocoes|notificacoes|avisos|spam)"
_IT = r"(?:messaggi|messaggio|messaggini|sms|pubblicita|promozioni|notifiche|e ?mail|spam)"
_NL = r"(?:berichten|berichtjes|bericht|sms(?: ?jes| ?en)?|reclame|mails?|appjes|spam)"

_ENGLISH = (
    ("do not", "dont"),
    ("don t", "dont"),
    ("(?:opt(?:ed|ing|s)?(?: me| us)? out|un subscribed?)", _CLEAR),
    ("stop all", "stopall"),
    ("(?:non|one|bus|tram) stop", ""),
    (f"no more(?: of)?(?: your| these| those| the)? {_EN}", _WHOLE),
    ("no more", _WHOLE),
    (f"no {_EN}", _WHOLE),
    ("(?:take|remove|delete) (?:me|us|this number) (?:off|from)", _CLEAR),
    ("take me off", _CLEAR),
    ("(?:remove|delete|lose|forget) (?:my|this) (?:phone )?number", _CLEAR),
    ("leave (?:me|us) (?:alone|be|in peace)", _CLEAR),
    ("(?:fuck|piss|bugger|sod) off", _CLEAR),
    ("(?:go away|get lost)", _WHOLE),
    (
        "(?:dont|never) (?:ever )?(?:text|contact|message|msg|sms|call|write|e ?mail|bother|disturb"
        "|spam)(?: to)? (?:me|us|this number|any ?more|again)",
        _CLEAR,
    ),
    (
        "^(?:please |pls |plz )?(?:dont|never) (?:text|contact|message|msg|sms|write|bother|disturb"
        "|spam)(?: please| pls| plz)?$",
        _CLEAR,
    ),
    (
        "(?:dont|never) send (?:me |us )?(?:anything|nothing|any ?more|any|more|another|these|this"
        f"|those|to (?:me|us|this number)|(?:your |such )?{_EN})",
        _CLEAR,
    ),
    (
        "(?:dont|no longer|never) (?:want|wish|need)(?: to)?(?: (?:receive|get|have|see))?"
        f"(?: (?:any|anymore|more|these|this|those|your|further|such|of|the))* {_EN}",
        _CLEAR,
    ),
    (
        "(?:dont|no longer|never) (?:want|wish|like) to be (?:texted|contacted|messaged|called"
        "|bothered|disturbed)",
        _CLEAR,
    ),
)
_FRENCH = (
    (
        "(?:ne |n )?(?:me|m|nous) (?:envoye[zr]|envoie|ecrive[zr]|ecris|contacte[zr]?|derange[zr]?"
        "|harcele[zr]?|embete[zr]?|sollicite[zr]?|relance[zr]?|appele[zr]) plus(?! tard)",
        _CLEAR,
    ),
    ("(?:ne|n) (?:envoye[zr]|envoie|ecrive[zr]|ecris) plus(?! tard)", _CLEAR),
    (
        "(?:ne |n )?(?:veux|souhaite|desire|voudrais|souhaiterais) plus (?:rien )?(?:recevoir"
        "|etre (?:contactee?|derangee?|sollicitee?|relancee?)"
        f"|(?:de |d |vos |ces |aucun |aucune )+{_FR})",
        _CLEAR,
    ),
    (
        "(?:ne |n )?(?:veux|souhaite|desire|voudrais|souhaiterais) pas (?:recevoir |etre )?"
        f"(?:(?:de |d |des |vos |ces |les |autres? )+{_FR}"
        "|contactee?|derangee?|sollicitee?|relancee?)",
        _CLEAR,
    ),
    ("(?:fiche[zr]?|fous|foute[zr]|laisse[zr]?) (?:moi|nous) (?:la|en) paix", _CLEAR),
    ("lache[zr]? (?:moi|nous)(?: un peu)?$", _CLEAR),
    ("laisse[zr]? (?:moi|nous) tranquilles?", _CLEAR),
    (
        # Not "retirez-moi cet article".
        "(?:retire[zr]?|enleve[zr]?|supprime[zr]?|efface[zr]?|raye[zr]?|oublie[zr]?)"
        " (?:(?:mon|ce) (?:numero|num|telephone|tel|portable|contact)"
        "|(?:moi|nous)(?: de (?:la|votre|vos|cette|ta|tes|ce)| svp| stp| s il| merci|$))",
        _CLEAR,
    ),
    (
        f"cesse[zr]? (?:de |d |vos |ces |tout |tous |l |les )+(?:envo\\w+|{_FR}|m \\w+|me \\w+)",
        _CLEAR,
    ),
    (f"arrets? (?:de |des |d |du |tous |vos |ces |les |l )+(?:envois?|{_FR}|abonnement)", _CLEAR),
    ("(?:demande|souhaite|exige) (?:l |un )?arret", _CLEAR),
    (f"(?:plus|pas) (?:de |d |aucun |aucune ){_FR}", "plusdesms"),
)
_GERMAN = (
    (
        f"keine? (?:weiteren? )?{_DE}(?: bitte)? mehr(?! (?:bekommen|erhalten|gekommen|da))",
        _CLEAR,
    ),
    (
        "(?:schreib(?:en|t|e)?|sende[nt]?|send|schick(?:en|t|e)?|kontaktier(?:en|t|e)?"
        "|belastig(?:en|t|e)?)(?: sie| ihr)? (?:mir|mich|uns)(?: bitte)?"
        " (?:(?:nichts?|nie) (?:mehr|wieder)|niemals|nichts?$)",
        _CLEAR,
    ),
    (
        "nichts? mehr (?:schreiben|anschreiben|kontaktieren|senden|schicken|zusenden|zuschicken"
        "|anrufen|belastigen|(?:angeschrieben|kontaktiert|belastigt|gestort) werden)",
        _CLEAR,
    ),
    # Not "stort mich nicht": that is what bothers nobody.
    ("(?:storen|belastigen) sie (?:mich|uns) (?:bitte )?nicht", _CLEAR),
    (
        "(?:mochte|mochten|will|wollen|wunsche|mag) (?:\\w+ ){0,3}(?:keine? (?:weiteren? )?"
        f"{_DE}|nichts? mehr (?:von \\w+ )?(?:erhalten|bekommen|empfangen|horen))",
        _CLEAR,
    ),
    (f"keine? (?:weiteren? )?{_DE}", _WHOLE),
    ("lass(?:t|en|e)?(?: sie| ihr)? (?:mich|uns)(?: bitte)? in (?:ruhe|frieden)", _CLEAR),
    # "Ich melde mich ab 18 Uhr" is somebody who will be in touch.
    ("meld(?:et|en|e)?(?: sie| ihr)? (?:mich|uns) (?:\\w+ ){0,3}ab(?: bitte| danke)?$", _CLEAR),
    ("trag(?:t|en|e)?(?: sie| ihr)? (?:mich|uns) (?:\\w+ ){0,3}aus(?: bitte| danke)?$", _CLEAR),
    ("(?:um|zur|wunsche|beantrage)(?: die| meine| sofortige)? abmeldung", _CLEAR),
    (f"abmeldung (?:von |vom |der |den |dem |des |aus )+(?:{_DE}|verteiler|liste)", _CLEAR),
    (
        "losch(?:en|t|e)?(?: sie| bitte)* mein(?:e|en)? (?:handy|telefon)?(?:nummer|daten|kontakt)",
        _CLEAR,
    ),
    ("mein(?:e|en)? (?:handy|telefon)?nummer(?: bitte)? loschen", _CLEAR),
)
_SPANISH = (
    ("sin parar", ""),
    (
        "d(?:ar|a|e|en|ad|oy|amos|arme|arnos|ame|adme|eme|enme|enos)(?: me| nos)? (?:de|la) baja"
        "(?! calidad)",
        _CLEAR,
    ),
    ("(?:solicito|pido|deseo|causar|tramiten?|procesen?)(?: la| mi| una)? baja", _CLEAR),
    (
        f"baja (?:de |del |la |los |las |el |esta |este |su )*(?:{_ES}|lista|servicio|suscripcion"
        "|boletin|newsletter|inmediata)",
        _CLEAR,
    ),
    ("(?<!no )(?<!nao )par(?:e|en|em|ad)(?: ya| ja| por favor)? (?:de|con|com)", "parar"),
    ("(?<!no )(?<!nao )para de (?:me|enviar|mandar|escribir|escrever|molestar|incomodar)", "parar"),
    ("(?<!no )(?<!nao )pare (?:ya|ja|agora|ahora)", "parar"),
    (
        "no (?:quiero|queremos|deseo|deseamos|necesito)(?: recibir)?"
        f"(?: (?:mas|sus|estos|tus|los|las|ningun|ninguna|de|vuestros|otros|este|esta))* {_ES}",
        _CLEAR,
    ),
    ("no (?:quiero|queremos|deseo|deseamos) (?:recibir|saber) (?:nada|mas)", _CLEAR),
    (
        "no (?:quiero|queremos|deseo) que (?:me|nos) (?:escrib|contact|molest|mand|envi|llam)\\w+",
        _CLEAR,
    ),
    (
        "no (?:me|nos) (?:escrib(?:a|as|an|ais)|contact(?:e|es|en|eis)|molest(?:e|es|en|eis)"
        "|llam(?:e|es|en|eis))",
        _CLEAR,
    ),
    (
        "no (?:me |nos )?(?:envi(?:e|es|en|eis|ar)|mand(?:e|es|en|eis|ar))(?:me|nos)?"
        f" (?:mas(?! tarde)|nada|{_ES})",
        _CLEAR,
    ),
    (
        "dej(?:a|e|en|ad|ame|eme|enme|adme|enos|adnos) (?:en paz|tranquil[oa]s?"
        "|(?:ya )?de (?:enviar|mandar|escribir|molestar|contactar|llamar|fastidiar)\\w*)",
        _CLEAR,
    ),
    (
        "(?:borr|elimin|quit|sac)\\w* (?:mi (?:numero|telefono|contacto)"
        "|de (?:la|su|tu|esta) lista)",
        _CLEAR,
    ),
    (
        "(?:basta|chega) (?:de |con |com |coi |di |i |gli |le |los |las |os |as |questi |estos "
        f"|tantos |esses |essas |tanti )*(?:{_ES}|{_PT}|{_IT})",
        _CLEAR,
    ),
)
_PORTUGUESE = (
    ("sem parar", ""),
    ("nao (?:quero|queremos|desejo|pretendo) mais receber", _CLEAR),
    (
        "nao (?:quero|queremos|desejo|pretendo)(?: mais)?(?: receber)?"
        f"(?: (?:mais|as|os|estas|estes|essas|esses|suas|seus|vossas|nenhuma?|de))* {_PT}",
        _CLEAR,
    ),
    (
        "nao (?:me |nos )?(?:escrev(?:a|am|as)|contact(?:e|em|es)|contat(?:e|em)|incomod(?:e|em|es)"
        "|perturb(?:e|em|es)|lig(?:ue|uem|ues))(?: me| nos)?(?: mais)?$",
        _CLEAR,
    ),
    (
        "nao (?:me |nos )?(?:envi(?:e|em|es|ar)|mand(?:e|em|es|ar))(?: me| nos)?"
        f" (?:mais(?! tarde)|nada|{_PT})",
        _CLEAR,
    ),
    ("(?:me |nos )?deix(?:a|e|em)(?: me| nos)? em paz", _CLEAR),
    ("(?:me |nos )?(?:remov|tir|exclu|retir)\\w+(?: me| nos)? (?:da|desta|dessa|de) lista", _CLEAR),
    (
        "(?:remov|tir|exclu|apag|delet|retir)\\w+ (?:o )?meu (?:numero|telefone|contato|contacto)",
        _CLEAR,
    ),
)
_ITALIAN = (
    (
        "non (?:mi |ci )?(?:(?:scriv|mand|invi|contatt|disturb|chiam|cerc)"
        "(?:ete|ate|ere|are|i|etemi|atemi|ermi|armi|eteci|ateci|erci|arci)) piu(?! tardi)",
        _CLEAR,
    ),
    ("non (?:scriv|contatt|disturb|chiam)(?:etemi|atemi|ermi|armi|eteci|ateci)", _CLEAR),
    ("non (?:voglio|vogliamo|desidero) piu (?:ricevere|essere \\w+)", _CLEAR),
    (
        "non (?:voglio|vogliamo|desidero)(?: piu)?(?: ricevere)?"
        f"(?: (?:altri|altre|i|gli|vostri|questi|queste|piu|dei|delle|piu dei))* {_IT}",
        _CLEAR,
    ),
    ("lasci(?:ami|atemi|ateci|arci) (?:in pace|stare)", _CLEAR),
    ("(?<!non )smett(?:i|ete|etela|ila)(?: di| con)?", _CLEAR),
    (
        "(?:cancell|elimin|rimuov|togli)\\w* (?:il )?mio (?:numero|contatto|telefono)",
        _CLEAR,
    ),
)
_DUTCH = (
    (f"(?:wil|willen|wens|hoef) (?:\\w+ ){{0,2}}geen {_NL}", _CLEAR),
    (
        f"(?<!heb )(?<!krijg )(?<!kreeg )(?<!zie )geen {_NL} meer"
        "(?! (?:ontvangen|gekregen|gehad|binnen))",
        _CLEAR,
    ),
    (f"geen {_NL}", _WHOLE),
    ("laat (?:me|mij|ons) (?:aub |alstublieft )?(?:met rust|gerust)", _CLEAR),
    (
        "(?:stuur|zend|schrijf|contacteer|bel|app|mail|sms) (?:me|mij|ons)"
        " (?:niets?|niks|nooit) meer",
        _CLEAR,
    ),
    ("val (?:me|mij|ons) niet (?:meer )?lastig", _CLEAR),
    (
        "niet meer (?:sturen|schrijven|sms ?en|mailen|appen|contacteren|benaderen|storen"
        "|lastigvallen|lastig vallen)",
        _CLEAR,
    ),
    ("(?:schrijf|meld) (?:me|mij|ons) (?:\\w+ ){0,2}(?:uit|af)(?: aub| graag)?$", _CLEAR),
    ("haal (?:me|mij|ons) van (?:de|deze|jullie|uw|je) \\w*lijst", _CLEAR),
    ("verwijder (?:me|mij|ons|mijn (?:nummer|gegevens|telefoonnummer))", _CLEAR),
)
_OTHERS = (("الغاء الاشتراك", _CLEAR),)

PHRASES: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(rf"\b(?:{phrase})(?!\w)"), word)
    for language in (
        *(_ENGLISH, _FRENCH, _GERMAN, _SPANISH, _PORTUGUESE, _ITALIAN, _DUTCH, _OTHERS),
    )
    for phrase, word in language
)
