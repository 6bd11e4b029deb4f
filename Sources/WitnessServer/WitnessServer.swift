// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import HTTPTypes
internal import Hummingbird
internal import HummingbirdCore
internal import Logging
internal import NIOCore
internal import TransparencyLog
internal import Witness

/// HTTP before a witness: one path, small bodies, short waits.
struct WitnessServer {
    /// How long a connection may be idle, and a body may take to arrive, in seconds.
    private static let patience: Int64 = 15
    private static let mostConnections = 256

    private let witness: Witness
    private let host: String
    private let port: Int

    init(_ witness: Witness, host: String, port: Int) {
        self.witness = witness
        self.host = host
        self.port = port
    }

    /// Serves until SIGTERM or SIGINT.
    /// - Parameter ready: told the place once connections are taken.
    /// - Throws: `address` when nobody can listen there.
    func run(ready: @escaping @Sendable (_ place: String) -> Void) async throws {
        var logger = Logger(label: "atomic-witness") { _ in SwiftLogNoOpLogHandler() }
        logger.logLevel = .critical
        let router = Router()
        router.post("add-checkpoint") { [witness] request, _ in
            guard let body = await Self.body(of: request) else { return Self.response(.tooLarge) }
            do {
                // Waits for the disk in place: who asks about the same log has to wait for it anyway.
                return Self.response(try witness.answer(body))
            } catch {
                return Self.response(
                    WitnessAnswer(status: 500, body: Array("the witness cannot remember what it would sign\n".utf8)))
            }
        }
        let application = Application(
            router: router, server: .http1(configuration: .init(idleTimeout: .seconds(Self.patience))),
            configuration: .init(
                address: .hostname(host, port: port),
                availableConnectionsDelegate: MaximumAvailableConnections(Self.mostConnections)),
            onServerRunning: { channel in
                ready(Self.place(channel.localAddress))
            }, logger: logger)
        do {
            try await application.runService()
        } catch let error as IOError {
            throw WitnessError(
                .address, "\(host):\(port) cannot be listened at: \(ErrorText.of(error.errnoCode))",
                remedy: "choose another address with --listen, or stop what has this one")
        }
    }

    /// The body, nil when it is too large or does not arrive in time.
    private static func body(of request: Request) async -> [UInt8]? {
        await withTaskGroup(of: [UInt8]?.self) { group in
            group.addTask {
                guard let buffer = try? await request.body.collect(upTo: WitnessRequest.maximumBytes) else {
                    return nil
                }
                return Array(buffer.readableBytesView)
            }
            group.addTask {
                try? await Task.sleep(for: .seconds(patience))
                return nil
            }
            defer { group.cancelAll() }
            return await group.next() ?? nil
        }
    }

    private static func response(_ answer: WitnessAnswer) -> Response {
        var headers = HTTPFields()
        headers[.contentType] = answer.contentType
        return Response(
            status: .init(code: answer.status), headers: headers,
            body: .init(byteBuffer: ByteBuffer(bytes: answer.body)))
    }

    private static func place(_ address: SocketAddress?) -> String {
        guard let address, let host = address.ipAddress, let port = address.port else { return "an unnamed place" }
        return host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    }
}
