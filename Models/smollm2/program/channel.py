# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The Atomic authors
"""The executor's side of the protocol: newline-delimited JSON-RPC 2.0 on descriptor 3, inputs as memory files beside it."""

import json
import os
import socket

MAX_LINE = 1 << 20


class Channel:
    """Lines in with the descriptors that came with them, lines out."""

    def __init__(self) -> None:
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM, 0, fileno=3)
        self.pending = b""

    def receive(self) -> tuple[dict, list[int]] | None:
        descriptors: list[int] = []
        while b"\n" not in self.pending:
            if len(self.pending) > MAX_LINE:
                return None
            data, received, _, _ = socket.recv_fds(self.socket, 65536, 4)
            descriptors += received
            if not data:
                return None
            self.pending += data
        line, self.pending = self.pending.split(b"\n", 1)
        return json.loads(line), descriptors

    def answer(self, identifier: object, **outcome: object) -> None:
        reply = {"jsonrpc": "2.0", "id": identifier, **outcome}
        self.socket.sendall(json.dumps(reply, separators=(",", ":")).encode() + b"\n")


def read_input(descriptor: int, limit: int) -> bytes:
    """At most `limit` bytes of a memory file, without moving its offset."""
    size = min(os.fstat(descriptor).st_size, limit)
    parts, offset = [], 0
    while offset < size and (part := os.pread(descriptor, size - offset, offset)):
        parts.append(part)
        offset += len(part)
    return b"".join(parts)


def serve(identity: dict, execute, feedback=None) -> int:
    """Answers requests until `shutdown`. `execute(params, descriptor)` returns a result."""
    channel = Channel()
    while (received := channel.receive()) is not None:
        request, descriptors = received
        method, identifier, params = request["method"], request.get("id"), request.get("params", {})
        try:
            if method == "initialize":
                outcome = {"result": identity}
            elif method == "execute":
                outcome = {"result": execute(params, descriptors[params["inputFd"]])}
            elif method == "feedback" and feedback:
                outcome = {"result": feedback(params)}
            elif method == "shutdown":
                outcome = {"result": {}}
            else:
                outcome = {"error": {"code": -32601, "message": "no such method"}}
        except Exception as error:  # one bad message must not take the process, and the next message, with it
            outcome = {"error": {"code": -32603, "message": type(error).__name__}}
        channel.answer(identifier, **outcome)
        for descriptor in descriptors:
            os.close(descriptor)
        if method == "shutdown":
            return 0
    return 0
