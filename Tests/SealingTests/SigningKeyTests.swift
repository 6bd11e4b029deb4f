// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

import AtomicBase
import Foundation
import Sealing
import Testing

@Suite struct SigningKeyTests {
    @Test(arguments: PublicKey.Algorithm.allCases)
    func aSignatureVerifiesForItsMessageAndKeyOnly(_ algorithm: PublicKey.Algorithm) throws {
        let key = try SigningKey.generate(algorithm)
        let other = try SigningKey.generate(algorithm)
        let message = Array("ninety-nine bottles".utf8)
        let signature = try key.sign(message)
        #expect(key.publicKey.verify(signature, of: message))
        #expect(!other.publicKey.verify(signature, of: message))
        #expect(!key.publicKey.verify(signature, of: message + [0]))
        #expect(!key.publicKey.verify(signature + [0], of: message))
        #expect(!key.publicKey.verify([], of: message))
        for index in signature.indices {
            var damaged = signature
            damaged[index] ^= 1
            #expect(!key.publicKey.verify(damaged, of: message), "byte \(index)")
        }
    }

    @Test(arguments: PublicKey.Algorithm.allCases)
    func theEmptyMessageCanBeSigned(_ algorithm: PublicKey.Algorithm) throws {
        let key = try SigningKey.generate(algorithm)
        let signature = try key.sign([])
        #expect(key.publicKey.verify(signature, of: []))
        #expect(!key.publicKey.verify(signature, of: [0]))
    }

    @Test(arguments: PublicKey.Algorithm.allCases)
    func keysSurviveTheirTextForms(_ algorithm: PublicKey.Algorithm) throws {
        let key = try SigningKey.generate(algorithm)
        let again = try SigningKey(pem: try key.pem())
        #expect(again.publicKey == key.publicKey)
        let text = key.publicKey.description
        #expect(text.hasPrefix("\(algorithm.rawValue):"))
        let read = try PublicKey(text)
        #expect(read == key.publicKey)
        #expect(read.keyID == Digest.sha256(read.spki).hex)
        let json = try CanonicalJSON.encode([read])
        #expect(try CanonicalJSON.decode([PublicKey].self, from: json) == [read])
    }

    @Test(
        .enabled(if: installed("/usr/bin/openssl"), "needs the openssl command"),
        arguments: PublicKey.Algorithm.allCases)
    func opensslReadsOurKeysAndWeReadItsOnes(_ algorithm: PublicKey.Algorithm) throws {
        let bench = try Workbench()
        let type = algorithm == .ed25519 ? ["ED25519"] : ["EC", "-pkeyopt", "ec_paramgen_curve:P-384"]
        try bench.run("/usr/bin/openssl", ["genpkey", "-out", bench.path("key.pem"), "-algorithm"] + type)
        let key = try SigningKey(uri: "file:" + bench.path("key.pem"))
        let spki = try bench.run(
            "/usr/bin/openssl", ["pkey", "-in", bench.path("key.pem"), "-pubout", "-outform", "DER"])
        #expect(spki.output == key.publicKey.spki)

        let ours = try SigningKey.generate(algorithm)
        try bench.write(plain(ours.pem()), "ours.pem")
        let theirs = try bench.run(
            "/usr/bin/openssl", ["pkey", "-in", bench.path("ours.pem"), "-pubout", "-outform", "DER"])
        #expect(theirs.output == ours.publicKey.spki)
        let rewritten = try bench.run("/usr/bin/openssl", ["pkey", "-in", bench.path("ours.pem")])
        #expect(try rewritten.output == bench.read("ours.pem"))

        try bench.write(Array("hello".utf8), "message")
        try bench.write(ours.sign(Array("hello".utf8)), "signature")
        try bench.run(
            "/usr/bin/openssl", ["pkey", "-in", bench.path("ours.pem"), "-pubout", "-out", bench.path("pub.pem")])
        let check =
            algorithm == .ed25519
            ? [
                "pkeyutl", "-verify", "-pubin", "-inkey", bench.path("pub.pem"), "-rawin", "-in", bench.path("message"),
                "-sigfile", bench.path("signature"),
            ]
            : [
                "dgst", "-sha384", "-verify", bench.path("pub.pem"), "-signature", bench.path("signature"),
                bench.path("message"),
            ]
        #expect(try bench.run("/usr/bin/openssl", check).status == 0)
        try bench.write(Array("hellO".utf8), "message")
        #expect(try bench.run("/usr/bin/openssl", check).status != 0)
    }

    @Test(.enabled(if: installed("/usr/bin/openssl"), "needs the openssl command"))
    func encryptedAndForeignKeysAreRefusedWithoutAPrompt() throws {
        let bench = try Workbench()
        for (name, arguments) in [
            ("encrypted", ["-algorithm", "ED25519", "-aes-256-cbc", "-pass", "pass:secret"]),
            ("p256", ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"]),
            ("x25519", ["-algorithm", "X25519"]), ("rsa", ["-algorithm", "RSA"]),
        ] {
            let made = try bench.run("/usr/bin/openssl", ["genpkey", "-out", bench.path(name)] + arguments)
            #expect(made.status == 0)
            #expect(code { _ = try SigningKey(uri: bench.path(name)) } == "key", "\(name)")
        }
        #expect(code { _ = try SigningKey(uri: bench.path("absent")) } == "io")
        #expect(code { _ = try SigningKey(pem: []) } == "key")
        let pem = plain(try SigningKey.generate(.ed25519).pem())
        _ = try SigningKey(pem: pem)
        #expect(code { _ = try SigningKey(pem: pem + pem) } == "key")
        #expect(code { _ = try SigningKey(pem: Array(pem.dropLast(30))) } == "key")
    }

    @Test func publicKeysHaveOneEncoding() throws {
        let good = try SigningKey.generate(.ed25519).publicKey
        let p384 = try SigningKey.generate(.p384).publicKey
        let text = good.description
        for bad in [
            "", "ed25519", "ed25519:", String(text.dropLast()), text + "=", text.uppercased(), " " + text, text + "\n",
            text.replacingOccurrences(of: "ed25519", with: "p384"), "mldsa65:" + text.dropFirst(8),
            "ed25519:" + Base64.encode(good.spki + [0]), "ed25519:" + Base64.encode(good.spki.dropLast()),
            // Not on the curve.
            "p384:" + Base64.encode(p384.spki.dropLast() + [(p384.spki.last ?? 0) ^ 1]),
        ] {
            #expect(code { _ = try PublicKey(bad) } == "key", "\(bad)")
        }
        #expect(try PublicKey(ed25519: try #require(good.rawEd25519)) == good)
    }

    @Test func ed25519KeysOfSmallOrderAreRefused() throws {
        // The identity element: any signature with R = S·B verifies for every message.
        var one = [UInt8](repeating: 0, count: 32)
        one[0] = 1
        #expect(code { _ = try PublicKey(ed25519: one) } == "key")
        one[31] = 0x80
        #expect(code { _ = try PublicKey(ed25519: one) } == "key")
        #expect(code { _ = try PublicKey(ed25519: [UInt8](repeating: 0, count: 32)) } == "key")
    }

    @Test func keyURIsSayWhatTheyAre() throws {
        #expect(try KeyURI("file:keys/a").filePath == "keys/a")
        #expect(try KeyURI("file:///keys/a").filePath == "/keys/a")
        #expect(try KeyURI("/keys/a").filePath == "/keys/a")
        #expect(try KeyURI("keys/a:b").filePath == "keys/a:b")
        for bad in ["pkcs11:token=x", "tpm:0x81000001", "file://host/x", "file:", "", "https://x/y", "vault:abc"] {
            #expect(code { _ = try KeyURI(bad) } == "key-uri", "\(bad)")
        }
    }
}
