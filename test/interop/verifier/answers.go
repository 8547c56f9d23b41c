package main

import (
	"bytes"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
)

// checkAnswers asks for version records by package and version, both as a lookup and as a proof that stands alone.
func checkAnswers(from remote, vkey string, source *tileSource, tree tlog.Tree, records [][]byte) error {
	asked := 0
	for _, i := range sample(tree.N) {
		subject, ok := subjectOf(records[i])
		if !ok {
			continue
		}
		message, err := from.get("lookup/npm/" + subject)
		if err != nil {
			return err
		}
		id, text, rest, err := tlog.ParseRecord(message)
		if err != nil || id != i || !bytes.Equal(text, records[i]) {
			return fmt.Errorf("lookup of %s does not answer record %d, but\n%s", subject, i, message)
		}
		head, err := openCheckpoint(rest, vkey)
		if err != nil {
			return err
		}
		if head.N <= i {
			return fmt.Errorf("lookup of %s answers record %d with a tree of size %d", subject, i, head.N)
		}
		if err := checkConsistent(head, tree, source); err != nil {
			return err
		}
		if err := checkTlogProof(from, vkey, subject, i, records[i]); err != nil {
			return err
		}
		asked++
	}
	report("%d records by package and version, with proofs that stand alone", asked)
	return nil
}

// subjectOf returns the path of a version record's subject, "@scope/name@version", unless it is another namespace's.
func subjectOf(record []byte) (string, bool) {
	line, _, _ := strings.Cut(string(record), "\n")
	if !strings.HasPrefix(line, "version pkg:npm/") || strings.Contains(line, "?") {
		return "", false
	}
	purl := strings.TrimPrefix(line, "version pkg:npm/")
	at := strings.LastIndex(purl, "@")
	if at < 0 {
		return "", false
	}
	name, err := url.PathUnescape(purl[:at])
	if err != nil {
		return "", false
	}
	version, err := url.PathUnescape(purl[at+1:])
	if err != nil {
		return "", false
	}
	var segments []string
	for _, segment := range strings.Split(name, "/") {
		segments = append(segments, url.PathEscape(segment))
	}
	return strings.Join(segments, "/") + "@" + url.PathEscape(version), true
}

// checkTlogProof verifies a c2sp.org/tlog-proof@v1: format, index, hashes, blank line, checkpoint.
func checkTlogProof(from remote, vkey, subject string, index int64, record []byte) error {
	body, err := from.get("proof/npm/" + subject)
	if err != nil {
		return err
	}
	head, checkpoint, _ := strings.Cut(string(body), "\n\n")
	lines := strings.Split(head, "\n")
	if len(lines) < 2 || lines[0] != "c2sp.org/tlog-proof@v1" || lines[1] != "index "+strconv.FormatInt(index, 10) {
		return fmt.Errorf("proof of %s is not one of index %d:\n%s", subject, index, body)
	}
	var proof tlog.RecordProof
	for _, line := range lines[2:] {
		hash, err := tlog.ParseHash(line)
		if err != nil {
			return fmt.Errorf("proof of %s: %v:\n%s", subject, err, body)
		}
		proof = append(proof, hash)
	}
	tree, err := openCheckpoint([]byte(checkpoint), vkey)
	if err != nil {
		return err
	}
	if err := tlog.CheckRecord(proof, tree.N, tree.Hash, index, tlog.RecordHash(record)); err != nil {
		return fmt.Errorf("proof of %s does not prove record %d: %v:\n%s", subject, index, err, body)
	}
	return nil
}
