#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The Atomic authors
#
# Logs around the size of a tile, by a checker that shares no code with them: good ones pass, every kind of damage is refused. The same with
# 65,536 and 1,000,000 entries is scripts/soak sizes.
set -uo pipefail
# shellcheck source=Tests/EndToEnd/support/room.sh
. "$(dirname "$0")/support/room.sh"

python3 -B "$root/Tests/Soak/log_sizes.py" --bin "$bin" --work "$work" --sizes 255,256,257
