# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The Atomic authors
"""Holds Models/mail-parser against Python's own email package: compare_mail_parser.py FILE-OR-DIRECTORY…

Both must find the same header fields, the same attachments and the same plain text. They may differ, and are counted,
where the parser has a reason: a bound, a part that claims no readable type, HTML that calls itself plain text. More
differences than one message in fifty is a failure.
"""

import email
import email.header
import pathlib
import re
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "Models/mail-parser/program"))
import mime  # noqa: E402


def shown(part) -> bool:
    if part.get_content_type() not in ("text/plain", "text/html", "text/enriched", "text/richtext"):
        return False
    disposition = str(part.get("content-disposition", "")).strip().lower()
    return disposition.startswith("inline") or not (disposition.startswith("attachment") or part.get_filename())


def leaves(part):
    if part.is_multipart() and part.get_content_type() != "message/rfc822":
        for child in part.get_payload():
            yield from leaves(child)
    elif part.get_content_maintype() != "multipart":
        yield part


def plain(part) -> str:
    data = part.get_payload(decode=True)
    try:
        return data.decode(part.get_content_charset("ascii"), "replace")
    except LookupError:
        return data.decode("latin-1")


def words_of(text: str) -> str:
    return re.sub(r"\W+", " ", text, flags=re.ASCII)[:20000].strip()


def differences(data: bytes) -> list[str]:
    ours, theirs = mime.read(data), email.message_from_bytes(data)
    found = []
    for name in ("from", "to", "cc", "subject", "date", "message-id"):
        values = theirs.get_all(name)
        if (values is None) != (name not in ours.headers):
            found.append(name)
        elif values:
            decoded = ", ".join(str(email.header.make_header(email.header.decode_header(value))) for value in values)
            if words_of(decoded[:1500]) != words_of(ours.headers[name])[: len(words_of(decoded[:1500]))]:
                found.append(name)
    parts = list(leaves(theirs))
    if [kind for kind, _ in ours.attachments] != [part.get_content_type() for part in parts if not shown(part)]:
        found.append("attachments")
    texts = [plain(part) for part in parts if shown(part) and part.get_content_type() == "text/plain"]
    if texts and words_of(" ".join(texts)) != words_of(ours.text):
        found.append("text")
    return found


def main(paths: list[str]) -> int:
    files = [file for path in map(pathlib.Path, paths) for file in ([path] if path.is_file() else sorted(path.rglob("*.eml")))]
    differing = 0
    for file in files:
        try:
            found = differences(file.read_bytes())
        except (UnicodeError, LookupError, ValueError) as error:
            found = [f"the peer fails: {error.__class__.__name__}"]
        if found:
            differing += 1
            print(f"{file.name}: {', '.join(found)}")
    print(f"{len(files)} messages, {differing} differ")
    return 0 if files and differing * 50 <= len(files) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
