#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The Atomic authors
"""Requests that no honest log sends, against a running witness: witness_requests.py PORT. Prints what was not as it must be."""
import http.client
import socket
import sys

port = int(sys.argv[1])


def ask(method, path, body=None, headers=None):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request(method, path, body.encode() if isinstance(body, str) else body, headers or {})
    answer = connection.getresponse()
    answer.read()
    return answer.status


for what, got, wanted in [
    ("garbage", ask("POST", "/add-checkpoint", bytes(range(256))), {400}),
    ("nothing", ask("POST", "/add-checkpoint", b""), {400}),
    ("64 proof lines", ask("POST", "/add-checkpoint", "old 1\n" + ("A" * 43 + "=\n") * 64 + "\nx\n1\n" + "A" * 43 + "=\n\n\u2014 x AAAAAAAA\n"), {400}),
    ("an unknown log", ask("POST", "/add-checkpoint", "old 0\n\nnobody.example/log\n1\n" + "A" * 43 + "=\n\n\u2014 nobody.example/log AAAAAAAA\n"), {404}),
    ("a large body", ask("POST", "/add-checkpoint", b"x" * 100_000), {413}),
    ("a large body in chunks", ask("POST", "/add-checkpoint", iter([b"x" * 40_000] * 3), {"transfer-encoding": "chunked"}), {413}),
    ("another path", ask("POST", "/other", b""), {404}),
    ("another method", ask("GET", "/add-checkpoint"), {404, 405}),
]:
    if got not in wanted:
        print(f"{what}: HTTP {got} instead of {sorted(wanted)}")

# What is not HTTP at all, and a client that goes away in the middle, leave the witness alive: the caller asks it again.
for raw in (b"\x16\x03\x01\x00\x00", b"POST /add-checkpoint HTTP/1.1\r\nhost: x\r\ncontent-length: 500\r\n\r\nold 0"):
    with socket.create_connection(("127.0.0.1", port), timeout=5) as client:
        client.sendall(raw)
