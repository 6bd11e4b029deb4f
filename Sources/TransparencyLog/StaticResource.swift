// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

/// One of the files under `log/` as a web server hands it out (C2SP tlog-tiles, "APIs"): which request asks for it, with
/// which content type, and how long a cache may keep it.
///
/// A pure function of the request's path. Whoever serves a log reads ``path`` below the log's directory and nothing else: a
/// path that is not spelled exactly as the format spells it names no resource, so `..`, escapes, doubled slashes, leading
/// zeros and widths outside 1 to 255 never reach the file system.
public enum StaticResource: Hashable, Sendable {
    /// The signed checkpoint: the one resource that changes.
    case checkpoint
    /// Hashes or entries: whatever was served once under this name is what it always is.
    case tile(TilePath)

    /// - Parameter requestPath: what follows the log's prefix and its slash, as it came, without query; nothing is decoded.
    /// - Returns: nil when there can be no such resource: answer 404. That there can be one does not say that it is there.
    public init?(requestPath: String) {
        if requestPath == "checkpoint" {
            self = .checkpoint
        } else if let path = TilePath(requestPath) {
            self = .tile(path)
        } else {
            return nil
        }
    }

    /// The file, relative to the log's directory; also the canonical request.
    public var path: String {
        switch self {
        case .checkpoint: "checkpoint"
        case .tile(let path): path.description
        }
    }

    /// The header `Content-Type`.
    public var contentType: String {
        switch self {
        case .checkpoint: "text/plain; charset=utf-8"
        case .tile: "application/octet-stream"
        }
    }

    /// The header `Cache-Control`. Without `public`: what was asked for with credentials stays out of shared caches.
    public var cacheControl: String {
        switch self {
        case .checkpoint: "no-cache"
        case .tile: "max-age=31536000, immutable"
        }
    }
}
