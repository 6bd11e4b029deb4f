// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

// Reference checks a static tile log with the reference implementation of its formats: golang.org/x/mod/sumdb/tlog and note, by the
// authors of tiles and signed notes, as Debian packages them.
//
//	reference DIR VKEY [PROOF]
//
// The checkpoint must be signed, every tile must lead to its root, every entry must have its leaf's hash, and the tree built anew from the
// entries must have that root. With PROOF, a c2sp.org/tlog-proof@v1, the entry it holds must be in that tree, too. Exits 0, or 4 with why.
package main

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// files reads tiles of height 8 where c2sp.org/tlog-tiles has them: that is tlog's name without the height.
type files string

func (dir files) Height() int                     { return 8 }
func (dir files) SaveTiles([]tlog.Tile, [][]byte) {}
func (dir files) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var all [][]byte
	for _, tile := range tiles {
		data, err := os.ReadFile(filepath.Join(string(dir), "tile", strings.TrimPrefix(tile.Path(), "tile/8/")))
		if err != nil {
			return nil, err
		}
		if len(data) != tile.W*tlog.HashSize {
			return nil, fmt.Errorf("%s has %d bytes", tile.Path(), len(data))
		}
		all = append(all, data)
	}
	return all, nil
}

// bundle returns the entries of a bundle with so many of them.
func (dir files) bundle(index int64, width int) ([][]byte, error) {
	name := strings.Replace(tlog.Tile{H: 8, L: 0, N: index, W: width}.Path(), "tile/8/0/", "tile/entries/", 1)
	data, err := os.ReadFile(filepath.Join(string(dir), name))
	if err != nil {
		return nil, err
	}
	var entries [][]byte
	for len(data) > 0 {
		if len(data) < 2 || len(data) < 2+int(binary.BigEndian.Uint16(data)) {
			return nil, fmt.Errorf("%s is cut", name)
		}
		end := 2 + int(binary.BigEndian.Uint16(data))
		entries, data = append(entries, data[2:end]), data[end:]
	}
	if len(entries) != width {
		return nil, fmt.Errorf("%s has %d entries", name, len(entries))
	}
	return entries, nil
}

func checkpoint(text []byte, vkey string) (tree tlog.Tree, err error) {
	verifier, err := note.NewVerifier(vkey)
	if err != nil {
		return tree, err
	}
	opened, err := note.Open(text, note.VerifierList(verifier))
	if err != nil {
		return tree, err
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) < 4 || lines[0] != verifier.Name() {
		return tree, errors.New("not a checkpoint of this log")
	}
	if tree.N, err = strconv.ParseInt(lines[1], 10, 64); err != nil {
		return tree, err
	}
	tree.Hash, err = tlog.ParseHash(lines[2])
	return tree, err
}

func check(dir files, vkey string) (tlog.Tree, error) {
	text, err := os.ReadFile(filepath.Join(string(dir), "checkpoint"))
	if err != nil {
		return tlog.Tree{}, err
	}
	tree, err := checkpoint(text, vkey)
	if err != nil {
		return tree, err
	}
	reader := tlog.TileHashReader(tree, dir)
	var stored []tlog.Hash
	fromMemory := tlog.HashReaderFunc(func(indexes []int64) (hashes []tlog.Hash, err error) {
		for _, index := range indexes {
			hashes = append(hashes, stored[index])
		}
		return hashes, nil
	})
	for start := int64(0); start < tree.N; start += 256 {
		width := 256
		if tree.N-start < 256 {
			width = int(tree.N - start)
		}
		entries, err := dir.bundle(start/256, width)
		if err != nil {
			return tree, err
		}
		var indexes []int64
		for offset := range entries {
			indexes = append(indexes, tlog.StoredHashIndex(0, start+int64(offset)))
		}
		// Checked up to the root by the reader.
		leaves, err := reader.ReadHashes(indexes)
		if err != nil {
			return tree, err
		}
		for offset, entry := range entries {
			number := start + int64(offset)
			if tlog.RecordHash(entry) != leaves[offset] {
				return tree, fmt.Errorf("entry %d is not that of its leaf", number)
			}
			more, err := tlog.StoredHashes(number, entry, fromMemory)
			if err != nil {
				return tree, err
			}
			stored = append(stored, more...)
		}
	}
	root, err := tlog.TreeHash(tree.N, fromMemory)
	if err != nil {
		return tree, err
	}
	if root != tree.Hash {
		return tree, errors.New("the tree of the entries has another root")
	}
	return tree, nil
}

// checkProof checks a proof file against the checkpoint that is in it.
func checkProof(path, vkey string) error {
	file, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	head, text, found := bytes.Cut(file, []byte("\n\n"))
	lines := strings.Split(string(head), "\n")
	if !found || len(lines) < 3 || lines[0] != "c2sp.org/tlog-proof@v1" {
		return errors.New("not a proof")
	}
	tree, err := checkpoint(text, vkey)
	if err != nil {
		return err
	}
	entry, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(lines[1], "extra "))
	if err != nil {
		return err
	}
	index, err := strconv.ParseInt(strings.TrimPrefix(lines[2], "index "), 10, 64)
	if err != nil {
		return err
	}
	var proof tlog.RecordProof
	for _, line := range lines[3:] {
		hash, err := tlog.ParseHash(line)
		if err != nil {
			return err
		}
		proof = append(proof, hash)
	}
	return tlog.CheckRecord(proof, tree.N, tree.Hash, index, tlog.RecordHash(entry))
}

func main() {
	if len(os.Args) < 3 {
		fmt.Fprintln(os.Stderr, "reference DIR VKEY [PROOF]")
		os.Exit(2)
	}
	tree, err := check(files(os.Args[1]), os.Args[2])
	if err == nil && len(os.Args) > 3 {
		err = checkProof(os.Args[3], os.Args[2])
	}
	if err != nil {
		fmt.Println(err)
		os.Exit(4)
	}
	fmt.Printf("%d entries, root %v\n", tree.N, tree.Hash)
}
