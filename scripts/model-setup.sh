# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The Atomic authors
#
# Sourced by Models/NAME/setup, which scripts/make-demo-models runs as
#
#   Models/NAME/setup BUNDLE VENV_ROOT
#
# BUNDLE is a copy of Models/NAME in .demo/models; the setup adds what is not in the repository: weights, a sample. Python
# packages go into VENV_ROOT/NAME, which model.yaml calls ../../venv/NAME. Safe to run again, and quick then.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
here=$(cd "$(dirname "$0")" && pwd)
name=$(basename "$here")
bundle=$(realpath -m "${1:?usage: Models/$name/setup BUNDLE VENV_ROOT}")
venv=$(realpath -m "${2:?usage: Models/$name/setup BUNDLE VENV_ROOT}")/$name
training=$root/Examples/email-triage/training
python=/usr/bin/python3
# shellcheck disable=SC2034  # for the scripts that source this
readonly root here name bundle venv training python

say() { echo "$name: $*" >&2; }

# packages SIZE: the packages of Models/NAME/requirements.txt in an environment of their own, each verified by SHA-256.
# SIZE is what a first run fetches, for people who pay for it.
packages() {
    local requirements=$here/requirements.txt made_of
    made_of=$({ "$python" --version; cat "$requirements"; } | sha256sum | cut -d' ' -f1)
    [ "$(cat "$venv/.made-of" 2>/dev/null)" != "$made_of" ] || return 0
    say "fetching $(grep -oE '^[A-Za-z0-9_.-]+==[^ ]+' "$requirements" | tr '\n' ' ')($1)"
    rm -rf "$venv"
    "$python" -m venv "$venv"
    # Dependencies are listed, too, so none is resolved; the image compiles its own byte code.
    if ! "$venv/bin/python3" -m pip install --quiet --disable-pip-version-check --no-compile --no-deps \
        --only-binary :all: --require-hashes -r "$requirements" >&2; then
        say "pip could not install Models/$name/requirements.txt; check the network, or point pip at an index with PIP_INDEX_URL"
        exit 1
    fi
    echo "$made_of" >"$venv/.made-of"
}

# verified FILE SHA256: a file is what it is said to be, or the setup ends.
verified() {
    [ "$(sha256sum <"$1" | cut -d' ' -f1)" = "$2" ] && return 0
    say "$1 is not the file that this project was tested with (SHA-256 $2); remove it and run scripts/make-demo-models again"
    exit 1
}

# sample_messages: one message of each kind, which the host and the jail must answer alike before a bundle is registered.
sample_messages() {
    local kind
    mkdir -p "$bundle/sample"
    for kind in ham spam; do
        cp "$(find "$training/$kind" -name '*.eml' | LC_ALL=C sort | head -n 1)" "$bundle/sample/$kind.eml"
    done
}
