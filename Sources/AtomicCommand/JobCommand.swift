// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import ArgumentParser

/// `atomic job`
struct JobCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "job", abstract: "Jobs of a room, finished, running and died.",
        subcommands: [JobList.self, JobShow.self, JobReview.self, JobStop.self])
}
