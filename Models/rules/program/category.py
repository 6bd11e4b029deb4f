# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The Atomic authors
"""Category and whether a reply is due: words in four languages count, those of the subject three times."""

import re

from message import Message

# Beginnings of words and phrases: English, German, French, Spanish.
_WORDS = {
    "appointment": """appointment, reschedul, check-up, checkup, blood test, waiting room, opening hours, come on monday,
        come on tuesday, come on wednesday, come on thursday, come on friday, meeting moves, meeting is moved, your visit,
        termin, verschieb, absag, vorsorge, sprechstunde, rendez-vous, rdv, cita, reunión""",
    "billing": """invoice, bill, billed, payment, paid, refund, charged, statement, fee, credit note, direct debit,
        insurance, receipt, overdue, bank transfer, reimburse, rechnung, zahlung, überweis, mahnung, gutschrift, krankenkass, beitrag,
        facture, paiement, rembours, devis, factura, pago, recibo, reembols, cobro""",
    "order": """order, ordered, parcel, deliver, shipped, shipment, shipping, courier, booked, booking, reserv, track the,
        out of stock, prescription, medicine, bestell, liefer, paket, lieferschein, buchung, rezept, commande, livraison, colis, réserv,
        pedido, entrega, reserva, paquete, habitación""",
    "technical": """password, log in, login, log on, account was locked, printer, error, crash, server, backup, disk, network,
        bug, maintenance, outage, install, browser, certificate, does not work, not working, works now, ticket, website, wifi, wlan,
        cron, exit code, alert, scanner, scan of, night shift, passwort, drucker, anmeld, fehler, störung, mot de passe, imprimante, panne,
        contraseña, impresora""",
    "question": """question, is there, are there, do you, could you tell, can i, can we, may i, may we, how do, how can, how much,
        how long, how far, what does it, where is, where can, when is, complain, apology, parking, frage, gibt es, kann ich, könnten sie,
        wie lange, wo ist, beschwerde, est-ce, pourriez-vous me dire, plainte, pregunta, puedo, pueden, queja""",
    "newsletter": """newsletter, unsubscribe, subscri, headlines, this week, this month, digest, bulletin, issue, edition,
        in your browser, dear members, change your settings, programme, exhibition, abmelden, abbestell, rundbrief, ausgabe, se désabonner,
        lettre d'information, désinscri, darse de baja, boletín, weekly""",
    "discussion": """patch, thread, version, kernel, compile, in my opinion, has anyone, does anyone, anyone else, i would rather,
        same here, colleagues, minutes of, project, draft, agenda, hi all, hello everyone, compte rendu, protokoll, projekt, entwurf,
        bonjour à tous, bonjour à toutes""",
    "personal": """thank you, thanks, love, birthday, grandpa, grandma, grandmother, mum, dinner, photos, keys, weekend, party,
        hug, kiss, congratulations, see you, holiday, neighbour, danke, liebe, grüße, oma, opa, geburtstag, merci, bises, bisous, gracias,
        abrazo, besos, feliz""",
}
_PATTERNS = {
    name: re.compile(r"\b(?:" + "|".join(re.escape(word.strip()) for word in words.split(",")) + ")", re.I)
    for name, words in _WORDS.items()
}
_REQUEST = re.compile(
    r"\?|\b(?:please|could you|can you|would you|let (?:me|us) know|tell (?:me|us)|send (?:me|us)|i expect|i want my|we would like|"
    r"i would like|bitte|können sie|könnten sie|melden sie sich|pourriez|pouvez|merci de|veuillez|prière|por favor|podrían|pueden|"
    r"quisiera|tendrían)\b", re.I)
# Where a reply is due when somebody asks; what belongs to many or to nobody is answered by no desk.
_ANSWERED = {"appointment", "billing", "order", "technical", "question"}


def _points(message: Message) -> dict[str, float]:
    points = {}
    for name, pattern in _PATTERNS.items():
        in_text = len(set(match.lower() for match in pattern.findall(message.own[:4000])))
        points[name] = 3.0 * min(2, len(pattern.findall(message.subject))) + min(4, in_text)
    if message.is_list:
        asks_to_leave = _PATTERNS["newsletter"].search(message.own) is not None
        if message.is_answer or not asks_to_leave:
            points["discussion"] += 10
        else:
            points["newsletter"] += 10
    elif message.is_answer:
        points["discussion"] += 1
        points["newsletter"] -= 2
    if message.is_automatic:
        for name in ("discussion", "personal", "question"):
            points[name] -= 4
    if not message.is_list and not message.is_answer and len(message.own) < 60 and points["personal"] > 0:
        points["personal"] += 1
    if "?" in message.own:
        points["question"] += 1
    return points


def judge(message: Message) -> dict:
    points = _points(message)
    best = max(points, key=lambda name: points[name])
    total = sum(max(0.0, value) for value in points.values())
    if points[best] <= 0:
        best, share = ("question" if "?" in message.own else "personal"), 0.2
    else:
        share = points[best] / (total + 2.5)
    asked = _REQUEST.search(message.own) is not None
    due = asked and best in _ANSWERED and not message.is_list and not message.is_automatic
    return {"category": best, "replyDue": due, "confidence": round(0.15 + 0.75 * share, 4)}
