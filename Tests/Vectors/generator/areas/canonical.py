# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The Atomic authors
"""RFC 8785 of accepted JSON, and JSON that our own formats refuse."""
from .. import jcs
from ..output import b64, vectors

FOLDER = "canonical"


def _good(name, text, value):
    data = text if isinstance(text, bytes) else text.encode("utf-8")
    canonical = value if isinstance(value, bytes) else jcs.encode(value)
    return {"name": name, "expect": "ok", "input": b64(data), "canonical": b64(canonical)}


def _bad(name, text, why):
    data = text if isinstance(text, bytes) else text.encode("utf-8")
    return {"name": name, "expect": "json", "why": why, "input": b64(data)}


def _numbers():
    pairs = [
        ("0", "0"), ("-0", "0"), ("-0.0", "0"), ("0.0", "0"), ("1", "1"), ("-1", "-1"), ("1.0", "1"), ("1e2", "100"),
        ("1E+2", "100"), ("0.1e1", "1"), ("4.50", "4.5"), ("2e-3", "0.002"), ("333333333.33333329", "333333333.3333333"),
        ("1E30", "1e+30"), ("0.000000000000000000000000001", "1e-27"), ("1e21", "1e+21"), ("1e20", "100000000000000000000"),
        ("0.000001", "0.000001"), ("0.0000001", "1e-7"), ("5e-324", "5e-324"),
        ("1.7976931348623157e308", "1.7976931348623157e+308"), ("9007199254740991", "9007199254740991"),
        ("-9007199254740991", "-9007199254740991"), ("9007199254740992", "9007199254740992"),
        ("9.999999999999997e22", "9.999999999999997e+22"), ("1.5e-5", "0.000015"),
        ("-1.5", "-1.5"), ("0.1", "0.1"), ("0.30000000000000004", "0.30000000000000004"),
    ]
    for written, canonical in pairs:
        yield _good(f"number {written}", written, canonical.encode())
        assert jcs.number(float(written)) == canonical, written


def _strings():
    yield _good("empty string", '""', "")
    yield _good("every control character", '"' + "".join(f"\\u{i:04x}" for i in range(32)) + '"', "".join(map(chr, range(32))))
    yield _good("short escapes", r'"\b\t\n\f\r\"\\\/"', '\b\t\n\f\r"\\/')
    yield _good("delete is not escaped", '"\\u007f"', "\x7f")
    yield _good("escaped euro sign", '"\\u20ac"', "\u20ac")
    yield _good("surrogate pair becomes one character", '"\\ud83d\\ude00"', "\U0001f600")
    yield _good("upper case hex escape", '"\\u00DF"', "\u00df")
    yield _good("not normalised", '"A\\u030a"', "A\u030a")
    yield _good("line separators stay", '"\u2028\u2029"', "\u2028\u2029")
    yield _good("no-character code points stay", '"\uffff"', "\uffff")
    yield _good("NUL inside a string", '"a\\u0000b"', "a\x00b")


def _shapes():
    yield _good("literals", "[null, true, false]", [None, True, False])
    yield _good("empty object", " { } ", {})
    yield _good("empty array", "\t[\r\n]", [])
    yield _good("whitespace goes", '{ "b" : [ 1 , 2 ] , "a" : { } }', {"b": [1, 2], "a": {}})
    yield _good("arrays keep their order", "[3,1,2]", [3, 1, 2])
    yield _good("scalar at the top", " 7 ", 7)
    order = {"\u20ac": "Euro Sign", "\r": "Carriage Return", "\ufb33": "Hebrew Letter Dalet With Dagesh", "1": "One",
             "\U0001f600": "Emoji: Grinning Face", "\u0080": "Control", "\u00f6": "Latin Small Letter O With Diaeresis"}
    escaped = "{" + ",".join(
        '"' + "".join(f"\\u{u:04x}" for u in memoryview(k.encode("utf-16-le")).cast("H")) + '":"' + v + '"' for k, v in order.items()
    ) + "}"
    yield _good("keys sort by UTF-16 code units (RFC 8785, 3.2.3)", escaped, order)
    yield _good("a character beyond the BMP sorts before U+FF61", '{"\uff61":1,"\U00010000":2}', b'{"\xf0\x90\x80\x80":2,"\xef\xbd\xa1":1}')
    yield _good("prefix sorts first", '{"ab":1,"a":2,"":3}', {"ab": 1, "a": 2, "": 3})
    yield _good("capital letters sort before small", '{"a":1,"B":2}', {"a": 1, "B": 2})
    yield _good("depth 64", "[" * 64 + "]" * 64, ("[" * 64 + "]" * 64).encode())
    yield _good("the sample of RFC 8785",
                '{"numbers":[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001],'
                '"string":"\\u20ac$\\u000F\\u000aA\'\\u0042\\u0022\\u005c\\\\\\"\\/","literals":[null,true,false]}',
                '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],'
                '"string":"\u20ac$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'.encode())


def _refused():
    yield _bad("duplicate key", '{"a":1,"a":2}', "a reader that takes the first value and one that takes the last disagree")
    yield _bad("duplicate key written differently", '{"a":1,"\\u0061":1}', "equal after unescaping")
    yield _bad("duplicate key deep inside", '[{"x":{"k":1,"j":2,"k":3}}]', "every object counts")
    for name, text in [("lone high surrogate", '"\\ud800"'), ("lone low surrogate", '"\\udc00"'),
                       ("high surrogate before a letter", '"\\ud800A"'), ("two high surrogates", '"\\ud800\\ud800"'),
                       ("swapped surrogates", '"\\ude00\\ud83d"'), ("lone surrogate as a key", '{"\\udfff":1}')]:
        yield _bad(name, text, "no UTF-8 form exists")
    for name, data in [("byte FF", b"\xff"), ("overlong NUL", b"\xc0\x80"), ("overlong slash", b"\xe0\x80\xaf"),
                       ("encoded surrogate", b"\xed\xa0\x80"), ("truncated sequence", b"\xe2\x82"),
                       ("above U+10FFFF", b"\xf4\x90\x80\x80"), ("stray continuation", b"\x80"), ("five byte form", b"\xf8\x88\x80\x80\x80")]:
        yield _bad(f"UTF-8: {name}", b'"' + data + b'"', "RFC 3629")
    yield _bad("byte order mark", b"\xef\xbb\xbf{}", "RFC 8259, 8.1")
    yield _bad("UTF-16", "{}".encode("utf-16-le"), "UTF-8 only")
    for text in ["01", "-01", "00", "+1", ".5", "1.", "1.e3", "1e", "1e+", "0x10", "1_000", "--1", "-", "NaN", "Infinity", "-Infinity"]:
        yield _bad(f"number {text}", text, "not in the grammar of RFC 8259, 6")
    yield _bad("number 1e400", "1e400", "no finite double")
    yield _bad("integer 2^53 + 1", "9007199254740993", "a double cannot hold it; our formats write it as a string")
    yield _bad("integer beyond 64 bits", "18446744073709551616123", "a double cannot hold it; our formats write it as a string")
    for name, text in [("raw newline", '"a\nb"'), ("raw tab", '"a\tb"'), ("raw NUL", '"a\x00b"')]:
        yield _bad(f"string: {name}", text, "control characters are escaped")
    for name, text in [("unknown escape", r'"\x41"'), ("capital U", r'"\U0041"'), ("short hex", r'"\u12"'), ("bad hex", r'"\u12g4"'),
                       ("signed hex", r'"\u+123"'), ("unterminated", '"abc'), ("ends in a backslash", '"abc\\'), ("single quotes", "'a'")]:
        yield _bad(f"string: {name}", text, "RFC 8259, 7")
    for name, text in [("nothing", ""), ("only spaces", "  \n"), ("trailing comma in array", "[1,]"), ("trailing comma in object", '{"a":1,}'),
                       ("leading comma", "[,1]"), ("missing comma", "[1 2]"), ("missing colon", '{"a" 1}'), ("bare key", "{a:1}"),
                       ("number as key", "{1:1}"), ("open array", "[1"), ("open object", '{"a":1'), ("key only", '{"a"}'),
                       ("mismatched brackets", "[}"), ("comment", "[1]//x"), ("block comment", "/*x*/1"), ("capital literal", "True"),
                       ("short literal", "nul"), ("long literal", "nulll"), ("vertical tab", "\x0b1"), ("form feed", "\x0c1"),
                       ("no-break space", "\u00a01")]:
        yield _bad(f"grammar: {name}", text, "RFC 8259, 2")
    for name, text in [("a letter", "{}x"), ("a second value", "{}{}"), ("a second line", '{"a":1}\n{"a":1}'), ("a NUL", "{}\x00"), ("a bracket", "[]]")]:
        yield _bad(f"trailing: {name}", text, "one value per document")
    yield _bad("depth 65", "[" * 65 + "]" * 65, "deeper than 64")
    yield _bad("depth 65 in objects", '{"a":' * 65 + "1" + "}" * 65, "deeper than 64")
    yield _bad("depth 5000", "[" * 5000, "must not exhaust the stack")


def files():
    strict = [
        {"name": "canonical is accepted", "expect": "ok", "input": b64(b'{"a":1,"b":[true,"x"]}')},
        *[
            {"name": name, "expect": "json", "input": b64(text)}
            for name, text in [
                ("a space", b'{"a": 1}'), ("a final newline", b'{"a":1}\n'), ("keys out of order", b'{"b":1,"a":2}'),
                ("1.0 for 1", b'{"a":1.0}'), ("1e2 for 100", b'{"a":1e2}'), ("an escape that is not needed", b'{"a":"\\u0041"}'),
                ("an escaped slash", b'{"a":"\\/"}'), ("a capital escape", b'{"a":"\\u000F"}'), ("-0", b'{"a":-0}'),
                ("a duplicate key", b'{"a":1,"a":1}'),
            ]
        ],
    ]
    return {
        "rfc8785.json": vectors(
            "JSON text, and the bytes of its canonical form; parse then encode", "RFC 8785; RFC 8259; ECMA-262 Number::toString",
            [*_numbers(), *_strings(), *_shapes()]),
        "refused.json": vectors(
            "JSON text that our own formats refuse, code `json`", "RFC 8259; contract: duplicate keys, depth 64, 2^53", list(_refused())),
        "strict.json": vectors(
            "JSON text that is or is not its own canonical form; only the former is read where bytes are hashed or signed",
            "RFC 8785", strict),
    }
