# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The Atomic authors
"""Asks the `openssl` command whether the pure Python keys and signatures are what the rest of the world means."""
import os
import subprocess
import tempfile

from .keys import key


def _openssl(*arguments):
    return subprocess.run(["openssl", *arguments], capture_output=True, check=False)


def check():
    failures = 0
    with tempfile.TemporaryDirectory() as folder:
        private, public, message, signature = (
            os.path.join(folder, name) for name in ("key.pem", "key.der", "message", "signature")
        )
        for kind in ("ed25519", "p384"):
            subject = key("peer check", kind)
            text = b"signed by Python, verified by openssl"
            with open(private, "w", encoding="ascii") as handle:
                handle.write(subject.pem)
            with open(message, "wb") as handle:
                handle.write(text)
            with open(signature, "wb") as handle:
                handle.write(subject.sign(text))
            derived = _openssl("pkey", "-in", private, "-pubout", "-outform", "DER").stdout
            with open(public, "wb") as handle:
                handle.write(derived)
            digest = [] if kind == "ed25519" else ["-digest", "sha384"]
            answer = _openssl(
                "pkeyutl", "-verify", "-rawin", *digest, "-pubin", "-inkey", public, "-keyform", "DER",
                "-in", message, "-sigfile", signature,
            )
            for what, good in (("public key", derived == subject.spki), ("signature", answer.returncode == 0)):
                print(f"{kind} {what}: {'agrees with openssl' if good else 'DIFFERS'}")
                failures += not good
    return 1 if failures else 0
