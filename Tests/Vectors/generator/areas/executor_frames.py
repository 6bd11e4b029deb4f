# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The Atomic authors
"""What an executor may send on fd 3: one JSON-RPC 2.0 object per line, at most 1 MiB."""
import json

from ..output import b64, vectors

FOLDER = "executor-frames"

LIMIT = 1 << 20


def _case(name, expect, line, awaiting="execute", why=None, **more):
    data = line if isinstance(line, bytes) else json.dumps(line, separators=(",", ":"), ensure_ascii=False).encode()
    case = {"name": name, "expect": expect, "awaiting": {"id": 3, "method": awaiting}, "line": b64(data), **more}
    return {**case, "why": why} if why else case


def _reply(result, **changes):
    return {"jsonrpc": "2.0", "id": 3, "result": result, **changes}


def _cases():
    answer = {"value": {"spam": True, "confidence": 0.99}, "confidence": 0.99}
    yield _case("an answer", "ok", _reply(answer), frame="result")
    yield _case("an answer with spaces and other order", "ok", b' { "result" : {"confidence":1,"value":null}, "id":3 , "jsonrpc":"2.0" } ', frame="result")
    yield _case("an answer that ends in a carriage return", "ok", json.dumps(_reply(answer)).encode() + b"\r", frame="result", why="JSON whitespace")
    yield _case("initialize", "ok", _reply({"name": "naive-bayes", "version": "1.0.0", "tasks": ["spam"]}), "initialize", frame="result")
    yield _case("shutdown", "ok", _reply({}), "shutdown", frame="result")
    yield _case("progress", "ok", {"jsonrpc": "2.0", "method": "progress", "params": {"id": "0000/spam", "fraction": 0.5}}, frame="notification")
    yield _case("token", "ok", {"jsonrpc": "2.0", "method": "token", "params": {"id": "0000/spam", "text": "\u20ac"}}, frame="notification")
    yield _case("an error of the model", "model-error", {"jsonrpc": "2.0", "id": 3, "error": {"code": -32000, "message": "secret text of the input"}},
                why="the message may quote the input: only the code is logged")
    yield _case("an error with data", "model-error", {"jsonrpc": "2.0", "id": 3, "error": {"code": 1, "message": "", "data": {"x": 1}}})
    whole = json.dumps(_reply({"value": "", "confidence": 1}), separators=(",", ":"))
    fill = LIMIT - len(whole)
    yield _case("exactly 1 MiB", "ok", whole.encode(), frame="result", insert={"after": b64(b'"value":"'), "byte": "x", "count": fill},
                why="insert so many bytes after the given ones to get the line")
    yield _case("one byte above 1 MiB", "oversize", whole.encode(), insert={"after": b64(b'"value":"'), "byte": "x", "count": fill + 1})
    for name, line in [("zeros", bytes(64)), ("high bytes", bytes(range(128, 256))), ("an ELF header", b"\x7fELF\x02\x01\x01" + bytes(9)),
                       ("UTF-8 broken inside a string", b'{"jsonrpc":"2.0","id":3,"result":{"value":"\xff","confidence":1}}')]:
        yield _case("garbage: " + name, "garbage", line, why="not UTF-8 text")
    good = json.dumps(_reply(answer), separators=(",", ":")).encode()
    for name, line in [
        ("text", b"Traceback (most recent call last):"), ("empty line", b""), ("spaces", b"   "), ("cut in the middle", good[:40]), ("two objects on a line", good + good),
        ("trailing text", good + b" ok"), ("duplicate key", good.replace(b'"id":3', b'"id":3,"id":3')), ("single quotes", good.replace(b'"', b"'")),
        ("NaN", good.replace(b"0.99", b"NaN", 1)), ("lone surrogate", good.replace(b"true", b'"\\ud800"')), ("too deep", b"[" * 65 + b"]" * 65),
    ]:
        yield _case("invalid JSON: " + name, "invalid-json", line)
    for name, line in [
        ("an array", [_reply(answer)]), ("a number", 3), ("null", None), ("no version", {"id": 3, "result": answer}), ("version 1.0", _reply(answer, jsonrpc="1.0")),
        ("version as a number", _reply(answer, jsonrpc=2.0)), ("another id", _reply(answer, id=4)), ("id as text", _reply(answer, id="3")), ("id null", _reply(answer, id=None)),
        ("no id", {"jsonrpc": "2.0", "result": answer}), ("neither result nor error", {"jsonrpc": "2.0", "id": 3}),
        ("result and error", _reply(answer, error={"code": 1, "message": ""})), ("unknown field", _reply(answer, extra=1)),
        ("a request of its own", {"jsonrpc": "2.0", "id": 1, "method": "execute", "params": {}}), ("unknown notification", {"jsonrpc": "2.0", "method": "log", "params": {}}),
        ("notification with a result", {"jsonrpc": "2.0", "method": "progress", "params": {}, "result": 1}),
        ("error without a code", {"jsonrpc": "2.0", "id": 3, "error": {"message": ""}}), ("error as text", {"jsonrpc": "2.0", "id": 3, "error": "no"}),
        ("result without a value", _reply({"confidence": 1})), ("result not an object", _reply(True)), ("result with an unknown field", _reply({**answer, "thoughts": ""})),
        ("confidence as text", _reply({"value": 1, "confidence": "1"})), ("confidence above one", _reply({"value": 1, "confidence": 1.5})),
        ("confidence below zero", _reply({"value": 1, "confidence": -0.1})),
    ]:
        yield _case("protocol: " + name, "protocol", line)
    yield _case("protocol: initialize without a name", "protocol", _reply({"version": "1", "tasks": []}), "initialize")
    yield _case("protocol: tasks as text", "protocol", _reply({"name": "x", "version": "1", "tasks": "spam"}), "initialize")


def files():
    return {
        "from-executor.json": vectors(
            "Lines (without the newline) that arrive while the answer to request `awaiting` is due. `frame` says what a good one is. Codes: `garbage` not UTF-8 text, "
            "`invalid-json` not one strict JSON value, `protocol` not the message that may come now, `model-error` a well-formed error answer, `oversize` longer than 1 MiB",
            "JSON-RPC 2.0; contract: Executor channel", list(_cases()))
    }
