#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The Atomic authors
#
# The mail parser understands mail as Python's own email package does. Real mail, where it is there, is no part of the project.
set -euo pipefail
cd "$(dirname "$0")/../.."

sources=(Examples/email-triage/training)
real=${ATOMIC_SHARED:-../shared}/data/email
if [ -d "$real" ]; then sources+=("$real"); else echo "without real mail: there is no $real"; fi
python3 Tests/Independent/compare_mail_parser.py "${sources[@]}"
