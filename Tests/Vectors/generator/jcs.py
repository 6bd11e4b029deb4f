# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The Atomic authors
"""RFC 8785 (JSON Canonicalization Scheme), independent of Atomic's own encoder."""
import hashlib
import math

_SHORT = {8: "\\b", 9: "\\t", 10: "\\n", 12: "\\f", 13: "\\r", 34: '\\"', 92: "\\\\"}


def _string(text):
    pieces = []
    for character in text:
        code = ord(character)
        if code in _SHORT:
            pieces.append(_SHORT[code])
        elif code < 0x20:
            pieces.append(f"\\u{code:04x}")
        else:
            pieces.append(character)
    return '"' + "".join(pieces) + '"'


def number(value):
    """ECMAScript's Number::toString (ECMA-262, 6.1.6.1.20) of an IEEE double."""
    if value != value or math.isinf(value):
        raise ValueError("no JSON number")
    if value == 0:
        return "0"
    sign = "-" if value < 0 else ""
    mantissa, _, exponent = repr(abs(float(value))).partition("e")
    whole, _, fraction = mantissa.partition(".")
    if fraction == "0":
        fraction = ""
    point = len(whole) + (int(exponent) if exponent else 0)
    digits = (whole + fraction).lstrip("0")
    point -= len(whole + fraction) - len(digits)
    digits = digits.rstrip("0")
    count = len(digits)
    if count <= point <= 21:
        return sign + digits + "0" * (point - count)
    if 0 < point <= 21:
        return sign + digits[:point] + "." + digits[point:]
    if -6 < point <= 0:
        return sign + "0." + "0" * -point + digits
    power = point - 1
    tail = ("+" if power > 0 else "-") + str(abs(power))
    return sign + digits[0] + ("." + digits[1:] if count > 1 else "") + "e" + tail


def _text(value):
    if value is None:
        return "null"
    if value is True:
        return "true"
    if value is False:
        return "false"
    if isinstance(value, int):
        assert abs(value) <= 2**53, "integers above 2^53 are strings in our formats"
        return str(value)
    if isinstance(value, float):
        return number(value)
    if isinstance(value, str):
        return _string(value)
    if isinstance(value, (list, tuple)):
        return "[" + ",".join(_text(item) for item in value) + "]"
    keys = sorted(value, key=lambda key: key.encode("utf-16-be", "surrogatepass"))
    return "{" + ",".join(_string(key) + ":" + _text(value[key]) for key in keys) + "}"


def encode(value):
    return _text(value).encode("utf-8")


def digest(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()
