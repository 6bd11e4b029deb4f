// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import Glibc
internal import VerifyCommand

exit(VerifyCommand.run(Array(CommandLine.arguments.dropFirst())))
