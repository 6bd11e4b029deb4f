# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The Atomic authors
"""Wall time as RFC 3339 UTC with nine fractional digits."""
import calendar

from ..output import vectors

FOLDER = "time"


def _good(name, text, nanoseconds, canonical):
    return {"name": name, "expect": "ok", "text": text, "nanoseconds": str(nanoseconds), "canonical": canonical}


def _at(year, month, day, hour=0, minute=0, second=0):
    return calendar.timegm((year, month, day, hour, minute, second)) * 10**9


def _cases():
    yield _good("the epoch", "1970-01-01T00:00:00Z", 0, "1970-01-01T00:00:00.000000000Z")
    yield _good("nine digits", "2026-11-21T10:00:00.123456789Z", _at(2026, 11, 21, 10) + 123456789, "2026-11-21T10:00:00.123456789Z")
    for digits in range(1, 9):
        fraction = "123456789"[:digits]
        yield _good(f"{digits} fractional digits", f"2026-11-21T10:00:00.{fraction}Z", _at(2026, 11, 21, 10) + int(fraction.ljust(9, "0")),
                    f"2026-11-21T10:00:00.{fraction.ljust(9, '0')}Z")
    for name, when in [("leap day", (2024, 2, 29)), ("leap day of a leap century", (2000, 2, 29)), ("last second of a year", (2026, 12, 31, 23, 59, 59)),
                       ("first of March after no leap day", (2100, 3, 1)), ("the last year", (2261, 12, 31, 23, 59, 59))]:
        full = (*when, 0, 0, 0)[:6]
        text = "%04d-%02d-%02dT%02d:%02d:%02d" % full
        yield _good(name, text + "Z", _at(*full), text + ".000000000Z")
    bad = [
        ("year 2262", "2262-01-01T00:00:00Z"), ("before the epoch", "1969-12-31T23:59:59.999999999Z"), ("year 9999", "9999-12-31T23:59:59Z"), ("year 0000", "0000-01-01T00:00:00Z"),
        ("an offset", "2026-11-21T10:00:00+01:00"), ("a zero offset", "2026-11-21T10:00:00+00:00"), ("no zone", "2026-11-21T10:00:00"),
        ("small z", "2026-11-21T10:00:00z"), ("small t", "2026-11-21t10:00:00Z"), ("a space for T", "2026-11-21 10:00:00Z"),
        ("a leap second", "2016-12-31T23:59:60Z"), ("hour 24", "2026-11-21T24:00:00Z"), ("minute 60", "2026-11-21T10:60:00Z"),
        ("month 0", "2026-00-21T10:00:00Z"), ("month 13", "2026-13-21T10:00:00Z"), ("day 0", "2026-11-00T10:00:00Z"),
        ("30 February", "2026-02-30T10:00:00Z"), ("29 February of no leap year", "2025-02-29T10:00:00Z"),
        ("29 February 2100", "2100-02-29T10:00:00Z"), ("31 November", "2026-11-31T10:00:00Z"), ("ten fractional digits", "2026-11-21T10:00:00.1234567890Z"),
        ("a point and no digits", "2026-11-21T10:00:00.Z"), ("a comma", "2026-11-21T10:00:00,5Z"), ("one digit month", "2026-1-21T10:00:00Z"),
        ("no seconds", "2026-11-21T10:00Z"), ("a date only", "2026-11-21"), ("leading space", " 2026-11-21T10:00:00Z"),
        ("trailing newline", "2026-11-21T10:00:00Z\n"), ("signed year", "+2026-11-21T10:00:00Z"), ("signed field", "2026-11-21T10:00:+1Z"),
        ("full-width digits", "\uff12\uff10\uff12\uff16-11-21T10:00:00Z"), ("empty", ""),
    ]
    for name, text in bad:
        yield {"name": name, "expect": "refused", "text": text}


def files():
    return {
        "rfc3339.json": vectors(
            "Time text, nanoseconds since 1970-01-01T00:00:00Z as a decimal string, and the form records use", "RFC 3339; contract; years 1970 to 2261, which 64 bits of nanoseconds hold", list(_cases()))
    }
