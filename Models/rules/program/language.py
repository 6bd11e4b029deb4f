# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The Atomic authors
"""Language by the commonest words of it, or by its script."""

import re

_STOP = {
    "en": "the and to of a in is you that it for on was with as be are this have from not by we or an at your will can our if but",
    "de": "der die und das ist nicht ich sie ein mit den für auf eine es dem im zu wir von sich auch haben bei noch aber uns wenn wie",
    "fr": "le la les et des est une pour que vous nous dans pas sur avec au ce qui ne je il par mais du en aux été plus votre",
    "es": "el los las una que es por con para del se no su como más pero al lo nos está muy hay y en fue este esta año",
    "it": "il che di una per non sono con della è gli nel anche ma come più lo questo si alla del le ho ci",
    "pt": "o os uma que não por com para em do da dos se mais como mas ao ele das seu sua você está um",
    "nl": "de het een en van ik je dat is niet op te met voor zijn er maar om ook als aan bij we wij nog",
    "sv": "och att det som en på är av för med den till inte har jag ett vi om så men de kan",
    "da": "og det at er en på af for med den til ikke har jeg vi et om så men de kan der",
    "pl": "i w na się nie do to że jest z o jak po za od ale czy przez dla są",
}
_WORDS: dict[str, list[str]] = {}
for _name, _list in _STOP.items():
    for _word in _list.split():
        _WORDS.setdefault(_word, []).append(_name)
_SCRIPTS = (
    ("ru", "Ѐ", "ӿ"), ("el", "Ͱ", "Ͽ"), ("he", "֐", "׿"), ("ar", "؀", "ۿ"), ("th", "฀", "๿"),
    ("ja", "぀", "ヿ"), ("ko", "가", "힣"), ("zh", "一", "鿿"),
)
_TOKEN = re.compile(r"[^\W\d_]+")


def judge(text: str) -> dict:
    text = text[:6000]
    letters = sum(1 for character in text if character.isalpha())
    for name, first, last in _SCRIPTS:
        count = sum(1 for character in text if first <= character <= last)
        # Japanese mixes its own signs with Chinese ones, so it is asked first and needs fewer.
        if count and count * (8 if name == "ja" else 3) > letters:
            return {"language": name, "confidence": 0.9}
    points = dict.fromkeys(_STOP, 0.0)
    tokens = _TOKEN.findall(text.lower())[:1500]
    for token in tokens:
        for name in _WORDS.get(token, ()):
            points[name] += 1 / len(_WORDS[token])
    best = max(points, key=lambda name: points[name])
    if points[best] == 0:
        return {"language": "und" if len(tokens) < 3 else "en", "confidence": 0.3}
    share = points[best] / (sum(points.values()) + 1)
    return {"language": best, "confidence": round(min(0.97, 0.2 + 0.85 * share), 4)}
