# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The Atomic authors
"""The structure of a message (RFC 5322, 2045-2047, 2231), by one walk with a stack of its own: depth is a number here,
not the interpreter's recursion. Every bound says what happens beyond it.
"""

import binascii

import markup
import words

# The fields that a triage needs; the rest never reaches a model.
FIELDS = (
    b"from", b"to", b"cc", b"subject", b"date", b"reply-to", b"list-id", b"message-id", b"in-reply-to",
    b"auto-submitted", b"precedence", b"content-type",
)
_STRUCTURE = (b"content-type", b"content-transfer-encoding", b"content-disposition")

HEADER_CHARACTERS = 2048  # of one field; cut
HEADER_BYTES = 1 << 20  # of all fields of an entity; what follows is passed over up to the first empty line
HEADER_REPEATS = 32  # of one field; later ones are left out
TEXT_CHARACTERS = 65_536  # cut
PART_BYTES = 512 * 1024  # of one part that are looked at for text, as sent; the head of a long text says what it is
DEPTH = 256  # multiparts and messages within each other; deeper ones are listed as attachments
PARTS = 10_000  # later ones are left out
ATTACHMENTS = 256  # later ones are left out
NEAR_BOUNDARIES = 100_000  # lines of a message that only look like one; then no multipart has further parts


class Message:
    def __init__(self) -> None:
        self.headers: dict[str, str] = {}
        self.text = ""
        self.attachments: list[tuple[str, int]] = []
        self.near_boundaries = 0
        self.preamble = (0, 0)


class _Piece:
    """A text that was found: from which alternative, of which kind, and whether within an attached message."""

    def __init__(self, text: str, is_html: bool, group: int, attached: bool) -> None:
        self.text = text
        self.is_html = is_html
        self.group = group
        self.attached = attached


def read(data: bytes) -> Message:
    message = Message()
    start = 0
    # The envelope line of a mailbox file is no header.
    if data.startswith((b"From ", b">From ")):
        start = data.find(b"\n") + 1
    fields, body = _fields(data, start, len(data), FIELDS + _STRUCTURE)
    for name in FIELDS:
        if name in fields:
            joined = ", ".join(words.header(value, HEADER_CHARACTERS) for value in fields[name])
            message.headers[name.decode()] = joined[:HEADER_CHARACTERS]
    pieces = _walk(data, body, fields, message)
    message.text = _chosen(pieces) or _preamble(data, message.preamble)
    return message


def _preamble(data: bytes, bounds: tuple[int, int]) -> str:
    """What stands before the first boundary, for a message whose boundaries are so broken that nothing else is left."""
    lines = data[bounds[0] : min(bounds[1], bounds[0] + PART_BYTES)].split(b"\n")
    return _tidy(words.decoded(b"\n".join(line for line in lines if not line.startswith((b"--", b"Content-"))), ""))


def _walk(data: bytes, body: int, fields: dict, message: Message) -> list[_Piece]:
    pieces: list[_Piece] = []
    groups = parts = characters = 0
    # Bounds of an entity's body, its fields, depth, alternative group, whether it lies in an attached message, and the type
    # of parts that name none. Children are pushed in reverse, so the order is the message's.
    stack = [(body, len(data), fields, 0, 0, False)]
    while stack and parts < PARTS:
        begin, end, fields, depth, group, attached = stack.pop()
        parts += 1
        kind, parameters = _type(fields)
        if kind.startswith("multipart/"):
            boundary = parameters.get("boundary", b"")
            if boundary and depth < DEPTH:
                if kind == "multipart/alternative":
                    groups += 1
                    group = groups
                inner = b"message/rfc822" if kind == "multipart/digest" else b"text/plain"
                ranges = _split(message, data, begin, end, boundary, PARTS - parts - len(stack))
                if depth == 0 and ranges:
                    message.preamble = (begin, ranges[0][0])
                if ranges:
                    for low, high in reversed(ranges):
                        inside, first = _fields(data, low, high, _STRUCTURE)
                        inside.setdefault(b"content-type", [inner])
                        stack.append((first, high, inside, depth + 1, group, attached))
                    continue
            elif depth >= DEPTH:
                _attach(message, kind, end - begin)
                continue
            # Boundaries that do not match anything: what is there is read as text.
            kind = "text/plain"
        if kind == "message/rfc822" and depth < DEPTH:
            _attach(message, kind, end - begin)
            inside, first = _fields(data, begin, end, _STRUCTURE)
            stack.append((first, end, inside, depth + 1, 0, True))
            continue
        encoding = _value(fields, b"content-transfer-encoding").strip().lower()
        if not _is_shown(kind, parameters, fields):
            if not attached:
                is_base64 = encoding == b"base64"
                _attach(message, kind, words.base64_length(data[begin:end]) if is_base64 else end - begin)
            continue
        if characters > TEXT_CHARACTERS:
            continue
        raw = data[begin : min(end, begin + PART_BYTES)]
        if encoding == b"base64":
            raw = words.base64(raw)
        elif encoding == b"quoted-printable":
            raw = binascii.a2b_qp(raw)
        text = words.decoded(raw, parameters.get("charset", b"").decode("latin-1"))
        is_html = kind != "text/plain"
        if not is_html and kind == "text/plain" and _looks_like_html(text):
            is_html = True
        if is_html:
            text = markup.text(words.visible(text), TEXT_CHARACTERS)
        text = _tidy(text)
        if text:
            # HTML that has a plain twin is dropped in the end, so only what surely stays counts.
            characters += 0 if is_html or attached else len(text)
            pieces.append(_Piece(text, is_html, group, attached))
    return pieces


def _chosen(pieces: list[_Piece]) -> str:
    """The plain text of each alternative where there is one; attached messages only where nothing else is there."""
    own = [piece for piece in pieces if not piece.attached] or pieces
    plain = {piece.group for piece in own if piece.group and not piece.is_html}
    return "\n\n".join(piece.text for piece in own if not (piece.is_html and piece.group in plain))[:TEXT_CHARACTERS]


def _tidy(text: str) -> str:
    """No blanks at line ends, no two empty lines in a row, nothing unseen."""
    lines: list[str] = []
    for line in words.visible(text[: TEXT_CHARACTERS * 4]).split("\n"):
        line = line.rstrip()
        if line or (lines and lines[-1]):
            lines.append(line)
    return "\n".join(lines).strip("\n")[:TEXT_CHARACTERS]


def _looks_like_html(text: str) -> bool:
    return text.lstrip()[:200].lower().startswith(("<html", "<!doctype html", "<body"))


def _attach(message: Message, kind: str, size: int) -> None:
    if len(message.attachments) < ATTACHMENTS:
        message.attachments.append((kind, size))


def _is_shown(kind: str, parameters: dict, fields: dict) -> bool:
    if kind not in ("text/plain", "text/html", "text/enriched", "text/richtext"):
        return False
    disposition = _value(fields, b"content-disposition").lower().lstrip()
    if disposition.startswith(b"inline"):
        return True
    return not disposition.startswith(b"attachment") and b"filename" not in disposition and "name" not in parameters


# MARK: Header fields


def _fields(data: bytes, start: int, end: int, wanted: tuple) -> tuple[dict[bytes, list[bytes]], int]:
    """The wanted fields, and where the body begins: after the first empty line, or at the first line that is no field."""
    found: dict[bytes, list[bytes]] = {}
    values: list[bytes] | None = None  # of the field that a folded line continues
    position = start
    while position < end:
        if position - start > HEADER_BYTES:
            return found, _after_empty_line(data, position - 1, end)
        stop = data.find(b"\n", position, end)
        following = end if stop < 0 else stop + 1
        first = data[position]
        if first in b"\r\n" and not data[position:following].strip():
            return found, following
        if first in b" \t":
            if values is not None and len(values[-1]) < HEADER_CHARACTERS * 8:
                values[-1] += b" " + data[position : min(following, position + HEADER_CHARACTERS * 8)].strip()
            elif position == start:
                return found, start
        else:
            colon = data.find(b":", position, min(following, position + 80))
            name = data[position:colon].rstrip().lower() if colon > position else b""
            if not name or name.translate(None, _NAME):
                # No field: the header is over although no empty line says so.
                return found, position
            values = None
            if name in wanted:
                values = found.setdefault(name, [])
                if len(values) < HEADER_REPEATS:
                    values.append(data[colon + 1 : min(following, colon + HEADER_CHARACTERS * 8)].strip())
                else:
                    values = None
        position = following
    return found, end


def _after_empty_line(data: bytes, start: int, end: int) -> int:
    ends = [(at, len(mark)) for mark in (b"\n\n", b"\n\r\n") if (at := data.find(mark, start, end)) >= 0]
    return sum(min(ends)) if ends else end


_NAME = bytes(range(33, 127)).replace(b":", b"")


def _value(fields: dict, name: bytes) -> bytes:
    # The first, as most readers do: a message that shows two faces shows this one.
    values = fields.get(name)
    return values[0] if values else b""


def _type(fields: dict) -> tuple[str, dict[str, bytes]]:
    """Media type in lower case and its parameters; plain text where it cannot be read."""
    head, _, rest = _value(fields, b"content-type").partition(b";")
    # What follows a blank was meant as a parameter.
    kind = (head.lower().split() or [b""])[0]
    main, slash, sub = kind.partition(b"/")
    if not kind or kind == b"text":
        return "text/plain", _parameters(rest)
    if not slash or not _is_token(main) or not _is_token(sub):
        return "application/octet-stream", {}
    return kind.decode(), _parameters(rest)


_TOKEN = b"abcdefghijklmnopqrstuvwxyz0123456789!#$&^_.+-"


def _is_token(text: bytes) -> bool:
    return 1 <= len(text) <= 127 and not text.translate(None, _TOKEN) and text[:1].isalnum()


def _parameters(rest: bytes) -> dict[str, bytes]:
    """`; name=value` or `; name="quoted \\" value"`; continuations of RFC 2231 are joined."""
    found: dict[str, bytes] = {}
    position = 0
    while position < len(rest) and len(found) < 64:
        equals = rest.find(b"=", position)
        if equals < 0:
            break
        name = rest[position:equals].strip(b" \t;").lower().decode("latin-1")
        at = equals + 1
        while rest[at : at + 1] in (b" ", b"\t"):
            at += 1
        if rest[at : at + 1] == b'"':
            value, position = _quoted(rest, at + 1)
            stop = rest.find(b";", position)
            position = len(rest) if stop < 0 else stop + 1
        else:
            stop = rest.find(b";", at)
            stop = len(rest) if stop < 0 else stop
            value, position = rest[at:stop].strip(), stop + 1
        # name*0=, name*1*= and the like: parts of one value, in the order in which they stand there.
        base = name.partition("*")[0]
        found[base] = (found.get(base, b"") + value) if "*" in name else found.get(base) or value
    return found


def _quoted(rest: bytes, at: int) -> tuple[bytes, int]:
    out = b""
    while True:
        stop = rest.find(b'"', at)
        escape = rest.find(b"\\", at, len(rest) if stop < 0 else stop)
        if escape >= 0:
            out += rest[at:escape] + rest[escape + 1 : escape + 2]
            at = escape + 2
            continue
        if stop < 0:
            return out + rest[at:], len(rest)
        return out + rest[at:stop], stop + 1


# MARK: Multiparts


def _split(
    message: Message, data: bytes, start: int, end: int, boundary: bytes, limit: int
) -> list[tuple[int, int]]:
    """Bounds of the parts between the boundaries, preamble and epilogue left out; a missing last boundary is the end."""
    mark = b"--" + boundary
    ranges: list[tuple[int, int]] = []
    begin: int | None = None
    position = start
    while position < end and len(ranges) < limit and message.near_boundaries < NEAR_BOUNDARIES:
        at = data.find(mark, position, end)
        if at < 0:
            break
        after = at + len(mark)
        rest = data[after : after + 2]
        starts_line = at == start or data[at - 1 : at] == b"\n"
        # A longer boundary of an inner part may begin alike.
        if not starts_line or not (rest == b"--" or rest[:1] in (b"\r", b"\n", b" ", b"\t", b"")):
            position = at + 1
            message.near_boundaries += 1
            continue
        if begin is not None:
            ranges.append((begin, _before_line_end(data, begin, at)))
        line = data.find(b"\n", after, end)
        begin = end if line < 0 else line + 1
        position = begin
        if rest == b"--":
            return ranges
    if begin is not None and begin < end and len(ranges) < limit:
        ranges.append((begin, end))
    return ranges


def _before_line_end(data: bytes, begin: int, at: int) -> int:
    """The line end before a boundary belongs to the boundary."""
    if at > begin and data[at - 1 : at] == b"\n":
        at -= 1
    if at > begin and data[at - 1 : at] == b"\r":
        at -= 1
    return at
