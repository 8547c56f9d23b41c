package main

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// openNote returns the text of a note that the verifier key signed.
func openNote(message []byte, vkey string) (text string, err error) {
	verifier, err := note.NewVerifier(vkey)
	if err != nil {
		return "", fmt.Errorf("verifier key %q: %v", vkey, err)
	}
	opened, err := note.Open(message, note.VerifierList(verifier))
	if err != nil {
		return "", fmt.Errorf("%v in the note\n%s", err, message)
	}
	return opened.Text, nil
}

// openCheckpoint returns the tree that a C2SP checkpoint commits to: exactly origin, size and root.
func openCheckpoint(message []byte, vkey string) (tlog.Tree, error) {
	text, err := openNote(message, vkey)
	if err != nil {
		return tlog.Tree{}, err
	}
	malformed := fmt.Errorf("not a checkpoint of three lines with the key's name as its origin:\n%s", text)
	lines := strings.Split(text, "\n")
	if len(lines) != 4 || lines[3] != "" || lines[0] != keyName(vkey) {
		return tlog.Tree{}, malformed
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil || size < 0 || strconv.FormatInt(size, 10) != lines[1] {
		return tlog.Tree{}, malformed
	}
	root, err := tlog.ParseHash(lines[2])
	if err != nil {
		return tlog.Tree{}, malformed
	}
	return tlog.Tree{N: size, Hash: root}, nil
}

func keyName(vkey string) string {
	name, _, _ := strings.Cut(vkey, "+")
	return name
}

// readVkey reads a verifier key: one line.
func readVkey(from remote, path string) (string, error) {
	body, err := from.get(path)
	if err != nil {
		return "", err
	}
	key := bytes.TrimSuffix(body, []byte("\n"))
	if bytes.ContainsAny(key, " \t\r\n") {
		return "", fmt.Errorf("%s is not one line: %q", path, body)
	}
	return string(key), nil
}

// rootOf is tlog.TreeHash, but right for the empty tree as well: older versions of it answer zeros.
func rootOf(size int64, hashes tlog.HashReader) (tlog.Hash, error) {
	if size == 0 {
		return sha256.Sum256(nil), nil
	}
	return tlog.TreeHash(size, hashes)
}

// checkConsistent proves that one head extends the other, with hashes that are verified against the larger one.
func checkConsistent(a, b tlog.Tree, tiles tlog.TileReader) error {
	older, newer := a, b
	if older.N > newer.N {
		older, newer = newer, older
	}
	if older.N == newer.N {
		if older.Hash != newer.Hash {
			return fmt.Errorf("two roots for size %d: %v and %v", older.N, older.Hash, newer.Hash)
		}
		return nil
	}
	if older.N == 0 {
		return nil
	}
	proof, err := tlog.ProveTree(newer.N, older.N, tlog.TileHashReader(newer, tiles))
	if err != nil {
		return fmt.Errorf("no proof from size %d to %d: %v", older.N, newer.N, err)
	}
	if err := tlog.CheckTree(proof, newer.N, newer.Hash, older.N, older.Hash); err != nil {
		return fmt.Errorf("size %d with root %v is not the beginning of size %d with root %v: %v",
			older.N, older.Hash, newer.N, newer.Hash, err)
	}
	return nil
}
