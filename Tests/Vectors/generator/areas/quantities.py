# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The Atomic authors
"""Money, durations and decimals as policies and jobs write them."""
from ..output import vectors

FOLDER = "quantities"


def _refused(texts):
    return [{"name": repr(text)[1:-1] or "empty", "expect": "refused", "text": text} for text in texts]


def files():
    money = [
        ("0.05 EUR", 50_000), ("50 EUR", 50_000_000), ("0 EUR", 0), ("0.000001 EUR", 1), ("0.40 EUR", 400_000), ("1.000000 USD", 1_000_000),
        ("9223372036854.775807 EUR", 2**63 - 1),
    ]
    durations = [
        ("0s", 0), ("30s", 30 * 10**9), ("5ms", 5 * 10**6), ("1m", 60 * 10**9), ("2h", 7200 * 10**9), ("30d", 30 * 86400 * 10**9),
        ("9223372036s", 9223372036 * 10**9),
    ]
    decimals = [
        ("0", 0, "0"), ("1", 10**9, "1"), ("0.25", 250_000_000, "0.25"), ("0.02", 20_000_000, "0.02"), ("0.000000001", 1, "0.000000001"),
        ("1.500000000", 1_500_000_000, "1.5"), ("0.10", 100_000_000, "0.1"), ("10", 10**10, "10"), ("-0.5", -500_000_000, "-0.5"),
        ("9223372036.854775807", 2**63 - 1, "9223372036.854775807"),
    ]
    return {
        "money.json": vectors(
            "An amount with its currency, and its micro-units", "contract: money",
            [{"name": text, "expect": "ok", "text": text, "micro": str(micro), "currency": text[-3:]} for text, micro in money]
            + _refused(["0.0000001 EUR", "9223372036854.775808 EUR", "-1 EUR", "+1 EUR", "1,00 EUR", "1EUR", "1  EUR", "EUR 1", "1 eur", "1 EU", "1 EURO",
                        "1e3 EUR", ".5 EUR", "5. EUR", "1 EUR ", " 1 EUR", "1", "EUR", "", "1.2.3 EUR", "\uff11 EUR"]),
        ),
        "duration.json": vectors(
            "A duration (ms, s, m, h, d) and its nanoseconds", "contract: durations",
            [{"name": text, "expect": "ok", "text": text, "nanoseconds": str(value)} for text, value in durations]
            + _refused(["30", "s", "-1s", "+1s", "1.5s", "30 s", "1w", "1S", "1m30s", "", "9223372037s", "106752d", "0x1s", "1s ", "\uff11s"]),
        ),
        "decimal.json": vectors(
            "A plain decimal, its integer in 1e-9, and the shortest text of that integer", "contract: decimals of YAML",
            [{"name": text, "expect": "ok", "text": text, "nano": str(value), "shortest": short} for text, value, short in decimals]
            + _refused(["0.0000000001", "9223372036.854775808", "1e-3", ".5", "5.", "+1", " 1", "1 ", "", "-", "1_0", "0x1", "NaN", "1,5", "\uff11"]),
        ),
    }
