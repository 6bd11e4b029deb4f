#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The Atomic authors
#
# A log under kill -9, power loss, failing and full disks, stepping clocks, second writers and damage by hand: a sample of what
# `scripts/soak log` does in full. A seed that never changes, and one that always does for the kills.
set -euo pipefail
# shellcheck source=Tests/EndToEnd/support/crash.sh
. "$(dirname "$0")/support/crash.sh"

build_crash
crash --short --seed 20261129 power faults damage beside
crash --short --seed "$RANDOM$RANDOM" kills
