// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AsyncHTTPClient
internal import AtomicBase
internal import Courier
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import NIOSSL

/// The HTTP client behind a courier: its connections stay open from one errand to the next.
struct HTTPCalls {
    private let client: HTTPClient
    private let urls: Set<String>

    init(_ options: CourierOptions) {
        urls = options.urls
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.minimumTLSVersion = .tlsv12
        tls.additionalTrustRoots = options.roots.map { .file($0) }
        var configuration = HTTPClient.Configuration(tlsConfiguration: tls, redirectConfiguration: .disallow)
        configuration.httpVersion = .http1Only
        // A witness that is down should be told of at once, not after many attempts.
        configuration.connectionPool.retryConnectionEstablishment = false
        client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }

    /// Closes what is still open; nothing is called after that.
    func close() async { try? await client.shutdown() }

    /// Makes all calls at the same time.
    func carry(_ errand: CourierErrand) async -> [CourierAnswer] {
        await withTaskGroup(of: (Int, CourierAnswer).self) { group in
            for (index, call) in errand.calls.enumerated() {
                group.addTask { (index, await carry(call, timeoutMs: errand.timeoutMs)) }
            }
            var answers = [CourierAnswer](repeating: .init(trouble: "not carried"), count: errand.calls.count)
            for await (index, answer) in group { answers[index] = answer }
            return answers
        }
    }

    private func carry(_ call: CourierCall, timeoutMs: Int) async -> CourierAnswer {
        guard urls.contains(call.url) else { return .init(trouble: "the courier was not allowed to call \(call.url)") }
        guard let body = Base64.decode(call.body) else { return .init(trouble: "the body is not base64") }
        let deadline = NIODeadline.now() + .milliseconds(Int64(max(1, timeoutMs)))
        do {
            var request = HTTPClientRequest(url: call.url)
            request.method = .POST
            request.headers.add(name: "content-type", value: "text/plain; charset=utf-8")
            request.headers.add(name: "user-agent", value: "atomic-courier")
            request.body = .bytes(ByteBuffer(bytes: body))
            // The deadline of the client ends with the head of the answer: a body that drips has to end too.
            let response = try await client.execute(request, deadline: deadline)
            let content = try await Self.collect(response.body, until: deadline)
            let type = response.headers.first(name: "content-type") ?? ""
            return CourierAnswer(
                status: Int(response.status.code),
                contentType: type.prefix { $0 != ";" }.lowercased().filter { !$0.isWhitespace }, body: content)
        } catch {
            return .init(trouble: Self.text(error, timeoutMs: timeoutMs))
        }
    }

    private static func collect(_ body: HTTPClientResponse.Body, until deadline: NIODeadline) async throws -> [UInt8] {
        try await withThrowingTaskGroup(of: [UInt8].self) { group in
            group.addTask { Array(try await body.collect(upTo: CourierAnswer.maximumBytes).readableBytesView) }
            group.addTask {
                try await Task.sleep(for: .nanoseconds(max(0, (deadline - .now()).nanoseconds)))
                throw HTTPClientError.deadlineExceeded
            }
            defer { group.cancelAll() }
            return try await group.next() ?? []
        }
    }

    /// One line for a person, without the innards of the client.
    private static func text(_ error: any Error, timeoutMs: Int) -> String {
        switch error {
        case let error as NIOConnectionError:
            if let dns = error.dnsAError ?? error.dnsAAAAError, error.connectionErrors.isEmpty {
                return "its name is unknown: \(dns)"
            }
            return error.connectionErrors.first.map { text($0.error, timeoutMs: timeoutMs) } ?? "it cannot be reached"
        case let error as IOError: return ErrorText.of(error.errnoCode)
        case let error as HTTPClientError:
            let late: [HTTPClientError] = [.connectTimeout, .readTimeout, .deadlineExceeded, .tlsHandshakeTimeout]
            return late.contains(error) ? "no answer within \(timeoutMs) ms" : error.shortDescription
        case is CancellationError: return "no answer within \(timeoutMs) ms"
        case is NIOTooManyBytesError: return "its answer has more than \(CourierAnswer.maximumBytes) bytes"
        case let error as NIOSSLError: return "TLS: \(error)"
        default: return String("\(error)".prefix(200))
        }
    }
}
