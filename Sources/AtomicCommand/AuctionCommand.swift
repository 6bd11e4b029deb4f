// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import ArgumentParser
internal import AtomicBase
internal import Auction
internal import AuditBundle
internal import CleanRoom
internal import Reporting
internal import RoomStore
internal import TransparencyLog

/// `atomic auction`
struct AuctionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "auction",
        abstract: "Why this model: awards explained, computed again, and tried on recorded outcomes.",
        subcommands: [Explain.self, Replay.self, AuctionWhatIf.self, AuctionEvaluate.self])

    struct Explain: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Say on one screen who bid, who was kept out by which rule, and why the winner won.",
            discussion: """
                Without --message the whole job, with it the auctions of that input.
                Example: atomic auction explain latest --message 07-invoice.eml --room ward-3
                """)

        @OptionGroup var options: CommandOptions
        @OptionGroup var room: RoomOptions
        @Argument(help: "The job's id, the beginning of it, or `latest`.")
        var job: String
        @Option(help: "An input's file name, or a microtask's id.")
        var message: String?
        @Option(help: ArgumentHelp("Write the explanations as a web page to this file.", valueName: "file.html"))
        var html: String?

        func run() throws {
            let view = try RoomView(room.directory())
            let auctions = try explained(in: view)
            if let html { try Files.writeVisibly(AwardPage(explaining: auctions).bytes, to: html) }
            if options.json { return try Console.json(auctions) }
            guard message != nil || auctions.count == 1 else {
                let hint = "For one of them: atomic auction explain \(job) --message NAME"
                return try Console.line(Auction.overview(auctions) + hint)
            }
            for auction in auctions {
                try Console.line(
                    Auction.explain(auction.record, settled: auction.settlement, isTrial: auction.isTrial))
            }
        }

        /// All auctions of the job, takeovers included, from the log.
        private func explained(in view: RoomView) throws -> [ExplainedAuction] {
            let row = try view.job(job)
            let history = try AuctionHistory(view.entries(of: row)) { try view.records.bytes($0) }
            let names = try AuctionCommand.inputNames(row, view)
            let auctions = history.items.map { item in
                ExplainedAuction(
                    name: names[item.held.input] ?? item.held.microtask, record: item.record,
                    settlement: item.settlement, isTrial: item.held.trial == true)
            }
            guard let message else { return auctions }
            let chosen = auctions.filter { $0.name == message || $0.record.input.microtask == message }
            guard !chosen.isEmpty else {
                throw ValidationError("the job \(row.id) has held no auction for \(message)")
            }
            return chosen
        }
    }

    /// What a person calls the inputs of a job.
    private static func inputNames(_ row: JobRow, _ view: RoomView) throws -> [Digest: String] {
        guard let digest = Digest(string: row.inputs) else { return [:] }
        let items = try view.records.record(Record.Inputs.self, digest).items
        return Dictionary(
            items.map { ($0.digest, TerminalText.line($0.name)) }, uniquingKeysWith: { first, _ in first })
    }

    struct Replay: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Throw a bundle's awards away, compute them again, and compare.",
            discussion: """
                Exits 4 at a difference. Signatures are atomic-verify's part.
                Example: atomic auction replay ward-3.atomic
                """)

        @OptionGroup var options: CommandOptions
        @Argument(help: "The bundle.")
        var bundle: String

        func run() throws {
            let bundle = try Bundle(bytes: try Files.read(bundle, limit: CanonicalArchive.maximumBytes))
            let replay = try AuctionReplay(bundle)
            guard replay.auctions > 0 else {
                throw AuctionError(
                    .record, "the bundle has no auctions", remedy: "export a bundle of a job that was run",
                    exit: .unverified)
            }
            if options.json {
                try Console.json(replay)
                if !replay.agrees { throw EarlyExit(code: ExitStatus.unverified.rawValue) }
                return
            }
            for line in replay.complaints { try Console.line(line) }
            guard replay.agrees else {
                throw AuctionError(
                    "replay", "\(replay.complaints.count) things differ from what the recorded inputs lead to",
                    remedy: "do not rely on these awards; compare with another copy of the bundle", exit: .unverified)
            }
            let learned = replay.learned == 0 ? "" : "; for \(replay.learned) of them the room's learning, too"
            try Console.line("\(replay.auctions) awards computed again without the stored ones\(learned): all agree")
        }
    }
}

extension RoomView {
    /// The entries of a job, what was said about its answers later included.
    func entries(of row: JobRow) throws -> [LogEntry] {
        let log = try LogReader(room: paths.root)
        let range = UInt64(row.firstEntry)..<min(UInt64(row.lastEntry) + 1, log.size)
        return try log.rawEntries(in: range).map { bytes in try LogEntry(bytes: bytes) }.filter { $0.job == row.id }
    }
}
