# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The Atomic authors
"""From HTML to the text that a person would read. Nothing is rendered, fetched or run; one pass, linear."""

_LATIN = (
    "nbsp iexcl cent pound curren yen brvbar sect uml copy ordf laquo not shy reg macr deg plusmn sup2 sup3 acute micro "
    "para middot cedil sup1 ordm raquo frac14 frac12 frac34 iquest Agrave Aacute Acirc Atilde Auml Aring AElig Ccedil "
    "Egrave Eacute Ecirc Euml Igrave Iacute Icirc Iuml ETH Ntilde Ograve Oacute Ocirc Otilde Ouml times Oslash Ugrave "
    "Uacute Ucirc Uuml Yacute THORN szlig agrave aacute acirc atilde auml aring aelig ccedil egrave eacute ecirc euml "
    "igrave iacute icirc iuml eth ntilde ograve oacute ocirc otilde ouml divide oslash ugrave uacute ucirc uuml yacute "
    "thorn yuml"
).split()
_ENTITIES = {name: chr(160 + index) for index, name in enumerate(_LATIN)}
_ENTITIES.update(
    amp="&", lt="<", gt=">", quot='"', apos="'", euro="€", hellip="…", mdash="—", ndash="–", lsquo="‘", rsquo="’",
    ldquo="“", rdquo="”", sbquo="‚", bdquo="„", bull="•", trade="™", larr="←", rarr="→", oelig="œ", OElig="Œ",
)

# What is not shown, contents included.
_SILENT = {"script", "style", "title", "template", "noscript", "object", "svg", "textarea", "select"}
_VOID = {"br", "hr", "img", "input", "meta", "link", "area", "base", "col", "embed", "wbr", "param"}
_BLOCKS = {
    "p", "div", "tr", "li", "ul", "ol", "table", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre", "hr", "br",
    "center", "address", "section", "article", "header", "footer", "dt", "dd", "body",
}
_HIDDEN = ("display:none", "visibility:hidden", "font-size:0;", "font-size:0p", "font-size:0\"", "mso-hide:all")


def text(source: str, limit: int) -> str:
    """At most about `limit` characters of what is shown."""
    out: list[str] = []
    size = 0
    position = 0
    unclosed: set[str] = set()
    while position < len(source) and size <= limit:
        start = source.find("<", position)
        if start < 0:
            start = len(source)
        if start > position:
            piece = " ".join(_unescaped(source[position:start]).split())
            if piece:
                # What stood apart stays apart.
                if source[position].isspace():
                    out.append(" ")
                out.append(piece)
                if source[start - 1].isspace():
                    out.append(" ")
                size += len(piece) + 2
            else:
                out.append(" ")
                size += 1
        if start >= len(source):
            break
        position, name, silent = _tag(source, start, out, unclosed)
        if name in _BLOCKS:
            out.append("\n")
            size += 1
        elif name in ("td", "th"):
            out.append(" ")
        if silent and name not in unclosed and len(unclosed) < 8:
            end = _closing(source, position, name)
            if end is not None:
                position = end
            else:
                # Looked for once: a message full of tags that nothing closes must not take the square of its length.
                unclosed.add(name)
    return "\n".join(line.strip() for line in "".join(out).split("\n"))


def _tag(source: str, start: int, out: list[str], unclosed: set[str]) -> tuple[int, str, bool]:
    """What begins at `start`: where it ends, its name ("" when it is none), and whether its contents are not shown."""
    if source.startswith("<!--", start):
        end = -1 if "!--" in unclosed else source.find("-->", start + 4)
        if end >= 0:
            return end + 3, "", False
        # Nothing ends it: it was meant to end with its tag.
        unclosed.add("!--")
    following = source[start + 1 : start + 2]
    if not (following.isalpha() or following in ("/", "!", "?")) or not following:
        out.append("<")
        return start + 1, "", False
    end = source.find(">", start)
    if end < 0:
        return len(source), "", False
    inside = source[start + 1 : min(end, start + 4096)]
    closes = inside.startswith("/")
    words = inside.lstrip("/").split(None, 1)
    name = words[0].rstrip("/").lower() if words else ""
    if closes or not name or name in _VOID:
        return end + 1, name, False
    style = words[1].lower().replace(" ", "").replace("'", '"') if len(words) > 1 else ""
    return end + 1, name, name in _SILENT or any(mark in style for mark in _HIDDEN)


def _closing(source: str, position: int, name: str) -> int | None:
    """Where the element ends whose contents begin at `position`; None when nothing closes it."""
    depth = 1
    while True:
        position = source.find("<", position)
        if position < 0:
            return None
        closes = source[position + 1 : position + 2] == "/"
        begin = position + (2 if closes else 1)
        after = source[begin + len(name) : begin + len(name) + 1]
        if source[begin : begin + len(name)].lower() == name and not (after.isalnum() or after == "-"):
            # Scripts and styles do not nest; what looks like a tag in them is none.
            if closes or name not in ("script", "style", "title"):
                depth += -1 if closes else 1
            if depth == 0:
                end = source.find(">", begin)
                return len(source) if end < 0 else end + 1
        position += 1


def _unescaped(piece: str) -> str:
    if "&" not in piece:
        return piece
    out: list[str] = []
    position = 0
    while (start := piece.find("&", position)) >= 0:
        out.append(piece[position:start])
        end = piece.find(";", start + 1, start + 12)
        name = piece[start + 1 : end] if end >= 0 else ""
        value = _numbered(name[1:]) if name.startswith("#") else _ENTITIES.get(name)
        out.append("&" if value is None else value)
        position = start + 1 if value is None else end + 1
    out.append(piece[position:])
    return "".join(out)


def _numbered(digits: str) -> str | None:
    try:
        code = int(digits[1:], 16) if digits[:1] in ("x", "X") else int(digits)
    except ValueError:
        return None
    # Windows-1252 numbers in HTML of 2002; halves of surrogate pairs are no characters.
    if 0x80 <= code < 0xA0:
        return bytes([code]).decode("cp1252", "replace")
    return chr(code) if 0 < code < 0xD800 or 0xDFFF < code < 0x110000 else None
