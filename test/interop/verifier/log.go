package main

import (
	"encoding/binary"
	"fmt"
	"os"

	"golang.org/x/mod/sumdb/tlog"
)

// Up to this many records each one is proven and looked up; of a larger log, both ends and a sample of the rest.
const provenOneByOne = 4096

// verifyLog prints a line for every check that passes; the first one that does not ends it.
func verifyLog(from remote, olderFile string) error {
	vkey, err := readVkey(from, "vkey")
	if err != nil {
		return err
	}
	message, err := from.get("checkpoint")
	if err != nil {
		return err
	}
	tree, err := openCheckpoint(message, vkey)
	if err != nil {
		return err
	}
	report("checkpoint of %s, size %d, root %v", keyName(vkey), tree.N, tree.Hash)

	records, err := readRecords(from, tree.N)
	if err != nil {
		return err
	}
	own, err := rebuild(records)
	if err != nil {
		return err
	}
	root, err := rootOf(tree.N, own)
	if err != nil {
		return err
	}
	if root != tree.Hash {
		return fmt.Errorf("the entries make root %v, the checkpoint says %v", root, tree.Hash)
	}
	report("%d records make the root", len(records))

	source := c2spTiles(from)
	for _, check := range []func() error{
		func() error { return checkSurface(source, tree, records, own, bundlePath, frameBundle) },
		func() error { return checkProofs(source, tree, records) },
		func() error { return checkOlder(source, tree, vkey, olderFile) },
		func() error { return checkGo(from, vkey, message, tree, records, own) },
		func() error { return checkAnswers(from, vkey, source, tree, records) },
	} {
		if err := check(); err != nil {
			return err
		}
	}
	return nil
}

func report(format string, values ...any) {
	fmt.Printf("ok "+format+"\n", values...)
}

// checkSurface compares every tile of a surface with the rebuilt tree, and its tiles of records with the records.
func checkSurface(
	source *tileSource, tree tlog.Tree, records [][]byte, own rebuilt,
	path func(tlog.Tile) string, frame func([]byte) []byte,
) error {
	tiles, err := checkTiles(source, tree.N, own)
	if err != nil {
		return err
	}
	prefixes, err := checkPrefixes(source.from, records, path, frame)
	if err != nil {
		return err
	}
	report("%d hash tiles and %d tiles of records, as %s", tiles, prefixes, path(tlog.Tile{H: height, L: -1, W: width}))
	return nil
}

func frameBundle(record []byte) []byte {
	return append(binary.BigEndian.AppendUint16(nil, uint16(len(record))), record...)
}

func frameData(record []byte) []byte {
	return append(append([]byte(nil), record...), '\n')
}

// checkProofs lets Go read hashes from the tiles and prove records with them.
func checkProofs(source *tileSource, tree tlog.Tree, records [][]byte) error {
	hashes := tlog.TileHashReader(tree, source)
	root, err := rootOf(tree.N, hashes)
	if err != nil {
		return err
	}
	if root != tree.Hash {
		return fmt.Errorf("the tiles make root %v, the checkpoint says %v", root, tree.Hash)
	}
	proven := 0
	for _, i := range sample(tree.N) {
		proof, err := tlog.ProveRecord(tree.N, i, hashes)
		if err != nil {
			return fmt.Errorf("no proof of record %d: %v", i, err)
		}
		if err := tlog.CheckRecord(proof, tree.N, tree.Hash, i, tlog.RecordHash(records[i])); err != nil {
			return fmt.Errorf("record %d is not in the tree: %v", i, err)
		}
		proven++
	}
	report("%d records proven from tiles", proven)
	return nil
}

// sample returns all indexes of a small log, and both ends and some steps between them of a large one.
func sample(size int64) []int64 {
	step := size/provenOneByOne + 1
	var indexes []int64
	for i := int64(0); i < size; i++ {
		if i%step == 0 || i < width || i >= size-width {
			indexes = append(indexes, i)
		}
	}
	return indexes
}

// checkOlder proves that the log only grew since an older checkpoint.
func checkOlder(source *tileSource, tree tlog.Tree, vkey, file string) error {
	if file == "" {
		return nil
	}
	message, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	older, err := openCheckpoint(message, vkey)
	if err != nil {
		return err
	}
	if older.N > tree.N {
		return fmt.Errorf("the log had %d records and now has %d", older.N, tree.N)
	}
	if err := checkConsistent(older, tree, source); err != nil {
		return err
	}
	report("size %d grew to %d", older.N, tree.N)
	return nil
}

// checkGo compares what stock Go clients are shown with the same tree: head, tiles and records, under a key of its own.
func checkGo(from remote, vkey string, checkpoint []byte, tree tlog.Tree, records [][]byte, own rebuilt) error {
	goVkey, err := readVkey(from, "go/vkey")
	if err != nil {
		return err
	}
	if keyName(goVkey) == keyName(vkey) {
		return fmt.Errorf("%s signs two kinds of heads, which one name must not", keyName(vkey))
	}
	if _, err := openNote(checkpoint, goVkey); err == nil {
		return fmt.Errorf("the checkpoint is signed by Go's key as well")
	}
	if tree.N == 0 {
		return checkNoGoHead(from)
	}
	message, err := from.get("go/latest")
	if err != nil {
		return err
	}
	text, err := openNote(message, goVkey)
	if err != nil {
		return err
	}
	latest, err := tlog.ParseTree([]byte(text))
	if err != nil {
		return fmt.Errorf("go/latest: %v:\n%s", err, text)
	}
	source := goTiles(from)
	if err := checkConsistent(latest, tree, source); err != nil {
		return err
	}
	report("Go's note of %s, size %d, root %v", keyName(goVkey), latest.N, latest.Hash)
	return checkSurface(source, tree, records, own, source.path, frameData)
}

// checkNoGoHead: older Go clients take a right head of the empty tree for an attack, so none must be shown.
func checkNoGoHead(from remote) error {
	if message, err := from.get("go/latest"); err == nil {
		return fmt.Errorf("go/latest shows a head of the empty tree:\n%s", message)
	}
	report("no Go note of the empty tree")
	return nil
}
