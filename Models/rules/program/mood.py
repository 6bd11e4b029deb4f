# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The Atomic authors
"""Sentiment and priority: words that people use when they are pleased, annoyed or in a hurry."""

import re

from message import Message


def _any(words: str) -> re.Pattern:
    return re.compile(r"\b(?:" + "|".join(word.strip() for word in words.split(",")) + ")", re.I)


_PLEASED = _any(
    "thank you so much,thank you very much,many thanks,grateful,wonderful,excellent,great,perfect,lovely,delighted,pleased,happy,glad,kind,"
    "works now,well done,enjoyed,congratulations,vielen dank,wunderbar,ausgezeichnet,toll,freue,zufrieden,herzlichen dank,merci beaucoup,"
    "parfait,ravi,excellent,formidable,muchas gracias,estupendo,encantad,muy a gusto,perfecto,thanks")
_ANNOYED = _any(
    "complain,unacceptable,disappoint,annoy,angry,rude,terrible,awful,broken again,third time,second time,never again,still not,ridiculous,"
    "worst,unfair,furious,fed up,outrage,not good enough,worried,afraid,sad,sorry to,unfortunately,nobody answer,waste of,count me out,"
    "beschwer,unverschämt,enttäusch,ärger,schon wieder,immer noch nicht,unmöglich,leider,frechheit,inacceptable,déçu,scandaleux,toujours pas,"
    "malheureusement,plainte,inaceptable,decepcion,vergüenza,todavía no,lamentable,queja")
_NEGATED = re.compile(r"\b(?:not|never|no|nicht|kein|pas|no) (?:\w+ ){0,2}$", re.I)
_HURRY = _any(
    "urgent,emergency,immediately,right away,as soon as possible,asap,at once,today,tonight,this morning,this evening,within the hour,in an hour,"
    "quickly,deadline,bleeding,chest pain,can't breathe,cannot breathe,fever,allergic,overdose,wrong dose,unconscious,insulin,flood,fire,gas,"
    "smoke,leak,locked out,not available since,system is down,is down,dringend,notfall,sofort,heute noch,umgehend,schmerzen,fieber,wasserschaden,"
    "au plus vite,d'urgence,urgence,aujourd'hui,immédiatement,douleur,urgente,hoy mismo,cuanto antes,inmediatamente,dolor")
_HARM = _any(
    "emergency,bleeding,chest pain,can't breathe,cannot breathe,allergic,overdose,wrong dose,unconscious,insulin,fire,gas smell,smell of gas,"
    "smell gas,baby,flood,notfall,blut,atemnot,vergift,wasserschaden,urgence,saigne,emergencia,sangra")
_NO_HURRY = re.compile(
    r"\b(?:no hurry|no rush|not urgent|whenever you|when you have time|nothing to do|eilt nicht|keine eile|rien d'urgent|sin prisa)", re.I)
_LOW = {"newsletter", "discussion"}


def sentiment(message: Message) -> dict:
    text = message.both[:6000]
    pleased = sum(1 for match in _PLEASED.finditer(text) if not _NEGATED.search(text[max(0, match.start() - 30) : match.start()]))
    annoyed = len(_ANNOYED.findall(text))
    shouting = sum(1 for word in re.findall(r"\b[A-ZÄÖÜ]{4,}\b", text)) + text.count("!!")
    if annoyed and shouting > 2:
        annoyed += 1
    # A plain word of thanks ends half of all letters.
    if annoyed > pleased or (annoyed and annoyed == pleased and "!" in text):
        return {"sentiment": "negative", "confidence": round(min(0.85, 0.5 + 0.12 * (annoyed - pleased)), 4)}
    if pleased > annoyed + (0 if len(text) < 200 else 1):
        return {"sentiment": "positive", "confidence": round(min(0.85, 0.45 + 0.1 * (pleased - annoyed)), 4)}
    return {"sentiment": "neutral", "confidence": 0.72 if pleased + annoyed == 0 else 0.5}


def priority(message: Message, category: str) -> dict:
    text = message.both[:6000]
    if category in _LOW or message.is_list:
        return {"priority": "low", "confidence": 0.85}
    # What a machine calls urgent, it calls urgent every day.
    hurry = 0 if message.is_automatic else len(set(match.lower() for match in _HURRY.findall(text)))
    harm = 0 if message.is_automatic else len(_HARM.findall(text))
    if _NO_HURRY.search(text):
        hurry = 0
    if harm or hurry >= 2:
        return {"priority": "high", "confidence": round(min(0.85, 0.5 + 0.1 * (hurry + harm)), 4)}
    if message.is_automatic:
        return {"priority": "low", "confidence": 0.55}
    return {"priority": "normal", "confidence": 0.7 if hurry == 0 else 0.5}
