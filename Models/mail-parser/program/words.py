# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The Atomic authors
"""From bytes to text: character sets, encoded words of headers (RFC 2047), and what no text may hold."""

import binascii

# The codecs that mail may name, by what it calls them. A closed list: Python also calls compression and escapes codecs.
# Where practice is wider than the name, the wider set: nobody who writes iso-8859-1 means control characters (WHATWG).
_CODECS = {
    "utf-8": "utf-8", "utf8": "utf-8", "utf-7": "utf-7", "unicode-1-1-utf-7": "utf-7", "utf-16": "utf-16",
    "utf-16le": "utf-16-le", "utf-16be": "utf-16-be",
    "iso-8859-1": "cp1252", "latin1": "cp1252", "iso8859-1": "cp1252", "windows-1252": "cp1252", "cp1252": "cp1252",
    "iso-8859-9": "cp1254", "windows-1254": "cp1254", "windows-1250": "cp1250", "windows-1251": "cp1251",
    "cp1251": "cp1251", "windows-1253": "cp1253", "windows-1255": "cp1255", "windows-1256": "cp1256",
    "windows-1257": "cp1257", "windows-1258": "cp1258", "windows-874": "cp874", "tis-620": "cp874",
    "iso-8859-11": "cp874", "koi8-r": "koi8-r", "koi8-u": "koi8-u", "macintosh": "mac-roman", "cp437": "cp437",
    "ibm850": "cp850", "cp850": "cp850", "gb2312": "gb18030", "gbk": "gb18030", "gb18030": "gb18030",
    "gb2312_charset": "gb18030", "hz-gb-2312": "hz", "big5": "big5hkscs", "big5-hkscs": "big5hkscs",
    "euc-kr": "cp949", "ks_c_5601-1987": "cp949", "iso-2022-kr": "iso2022_kr", "iso-2022-jp": "iso2022_jp_2",
    "shift_jis": "cp932", "shift-jis": "cp932", "sjis": "cp932", "euc-jp": "euc_jp",
}
for _part in (2, 3, 4, 5, 6, 7, 8, 10, 13, 14, 15, 16):
    _CODECS[f"iso-8859-{_part}"] = _CODECS[f"iso8859-{_part}"] = f"iso8859-{_part}"

# Control characters but tab and newline; then what is not seen: zero widths, directions, tags. Text can be hidden in them
# from people, not from models.
_UNSEEN = {code: None for code in (*range(0x20), *range(0x7F, 0xA0), 0xAD, 0xFEFF, 0xFFFE, 0xFFFF)}
for _range in (range(0x200B, 0x2010), range(0x202A, 0x202F), range(0x2060, 0x2070), range(0xE0000, 0xE0080)):
    _UNSEEN.update((code, None) for code in _range)
for _space in (0xA0, 0x2028, 0x2029, 0x3000, *range(0x2000, 0x200B)):
    _UNSEEN[_space] = " "
_UNSEEN[0x0A] = "\n"
_UNSEEN[0x09] = "\t"


def decoded(data: bytes, charset: str) -> str:
    """Text in the named set; a set that nobody knows, or none, is UTF-8 where that fits and Windows-1252 where not."""
    name = charset.strip(" \t\"'").lower()
    codec = _CODECS.get(name) or _CODECS.get(name.replace("_", "-"))
    if codec is not None:
        try:
            return data.decode(codec, "replace")
        except (UnicodeError, LookupError, ValueError):
            pass
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        # A cut in the middle of a character at the end is the bound of this parser, not another set.
        if error.start >= len(data) - 3:
            return data[: error.start].decode("utf-8")
        return data.decode("cp1252", "replace")


def visible(text: str) -> str:
    """Without control characters and what cannot be seen; line ends are newlines."""
    return text.replace("\r\n", "\n").replace("\r", "\n").translate(_UNSEEN)


def without_surrogates(text: str) -> bytes:
    """UTF-8. Half a surrogate pair, which some codecs let through, becomes a question mark."""
    return text.encode("utf-8", "replace")


def base64(data: bytes) -> bytes:
    """As much as can be read; what is no base64 is passed over."""
    kept = data.translate(None, _NO_BASE64).partition(b"=")[0]
    if len(kept) % 4 == 1:
        kept = kept[:-1]
    return binascii.a2b_base64(kept + b"=" * (-len(kept) % 4))


_ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="
_NO_BASE64 = bytes(byte for byte in range(256) if byte not in _ALPHABET)


def base64_length(data: bytes) -> int:
    """Bytes that base64 stands for, without decoding it."""
    digits = len(data.translate(None, _NO_BASE64 + b"="))
    return digits * 3 // 4


def header(raw: bytes, limit: int) -> str:
    """One line of at most `limit` characters, encoded words decoded."""
    # Nothing decodes to more characters than it has bytes; folded lines and the syntax of words only take away.
    raw = raw[: limit * 8]
    parts: list[str] = []
    held = b""  # bytes of adjacent words in one set: a character may be split over two
    held_set = ""
    position = 0
    while True:
        start = raw.find(b"=?", position)
        word = _word(raw, start) if start >= 0 else None
        if start >= 0 and word is None:
            # Not a word: the two bytes are themselves.
            between, position = raw[position : start + 2], start + 2
        else:
            between = raw[position:start] if start >= 0 else raw[position:]
        if between.strip() or start < 0:
            if held:
                parts.append(decoded(held, held_set))
                held = b""
            parts.append(decoded(between, ""))
        elif not held:
            parts.append(decoded(between, ""))
        if start < 0:
            break
        if word is None:
            continue
        charset, data, position = word
        if held and held_set != charset:
            parts.append(decoded(held, held_set))
            held = b""
        held += data
        held_set = charset
    return " ".join(visible("".join(parts)).split())[:limit]


def _word(raw: bytes, start: int) -> tuple[str, bytes, int] | None:
    """The encoded word at `start`: its set, its bytes, and where it ends."""
    first = raw.find(b"?", start + 2, start + 80)
    if first < 0 or raw[first + 2 : first + 3] != b"?":
        return None
    kind = raw[first + 1 : first + 2]
    end = raw.find(b"?=", first + 3, first + 2000)
    if end < 0 or kind not in b"bBqQ":
        return None
    # RFC 2231 allows a language after the set.
    charset = raw[start + 2 : first].partition(b"*")[0].decode("latin-1")
    text = raw[first + 3 : end]
    if kind in b"bB":
        return charset, base64(text), end + 2
    return charset, binascii.a2b_qp(text.replace(b"_", b" "), header=False), end + 2
