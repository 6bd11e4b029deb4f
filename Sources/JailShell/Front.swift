// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import AtomicBase
internal import Glibc
internal import Jail

/// `atomic`: runs `atomic jail` itself, and hands every other verb to `atomic-room` beside it.
///
/// The program with all verbs takes longer to start than a whole jail, and it would be there in vain. This one is small and
/// static; it knows the plain form of `atomic jail` and nothing else, no help and no errors of usage.
public enum Front {
    public static func main() {
        let arguments = CommandLine.arguments
        if arguments.dropFirst().first == "jail", let order = PlainArguments.order(Array(arguments.dropFirst(2))) {
            run(order)
        }
        handOver()
    }

    private static func run(_ order: JailOrder) -> Never {
        // A reader of our output that goes away is an error of write(2), not a silent death.
        signal(SIGPIPE, SIG_IGN)
        Crash.leaveNoMemoryBehind()
        SHA256Hasher.startHashingOnly()
        do {
            // The launcher comes first of all: this process has one thread and no secrets, and the next jail is being
            // parked while the filter is compiled.
            let beginning = try Launcher.begin(binds: .caller, once: true)
            let spec = try order.specification()
            let launcher = try beginning.ready(with: [spec.profile])
            // The launcher is not waited for: it clears up when this process is gone.
            exit(try order.run(spec, with: launcher))
        } catch let error as any ExplainedError {
            StandardError.note("error: \(error.message)\n  \(error.remedy)")
            exit(error.exit.rawValue)
        } catch {
            StandardError.note("error: \(error)")
            exit(ExitStatus.failed.rawValue)
        }
    }

    private static func handOver() -> Never {
        let places = ["\(Files.parent(of: Executable.path))/atomic-room", "/usr/libexec/atomic/atomic-room"]
        for place in places {
            // SAFETY: both arrays end in nil, and execv returns only when it failed.
            _ = unsafe execv(place, CommandLine.unsafeArgv)
            if errno != ENOENT { break }
        }
        let code = errno
        StandardError.note(
            "error: atomic-room is neither at \(places.joined(separator: " nor at ")): \(ErrorText.of(code))\n"
                + "  run scripts/build, and keep atomic, atomic-room and atomic-launcher together")
        exit(ExitStatus.failed.rawValue)
    }
}
