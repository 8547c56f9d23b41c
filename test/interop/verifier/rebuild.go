package main

import (
	"bytes"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"
)

// A rebuilt tree knows every hash of a log, computed from its records alone. It implements tlog.HashReader.
type rebuilt []tlog.Hash

func (r rebuilt) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	hashes := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		hashes[i] = r[index]
	}
	return hashes, nil
}

func rebuild(records [][]byte) (rebuilt, error) {
	var tree rebuilt
	for i, text := range records {
		hashes, err := tlog.StoredHashes(int64(i), text, tree)
		if err != nil {
			return nil, err
		}
		tree = append(tree, hashes...)
	}
	return tree, nil
}

// readRecords reads all entry bundles, whole and of the right number of entries, each of them valid as a Go record.
func readRecords(from remote, size int64) ([][]byte, error) {
	var records [][]byte
	for _, tile := range contents(size) {
		data, err := from.get(bundlePath(tile))
		if err != nil {
			return nil, err
		}
		entries, err := splitBundle(data)
		if err != nil {
			return nil, fmt.Errorf("%s: %v", bundlePath(tile), err)
		}
		if len(entries) != tile.W {
			return nil, fmt.Errorf("%s has %d entries, not %d", bundlePath(tile), len(entries), tile.W)
		}
		for _, entry := range entries {
			if _, err := tlog.FormatRecord(int64(len(records)), entry); err != nil {
				return nil, fmt.Errorf("entry %d is no record that Go can read: %q", len(records), entry)
			}
			records = append(records, entry)
		}
	}
	return records, nil
}

// checkTiles compares all hash tiles of a surface with those of the rebuilt tree: the full ones, and the right edge
// in every width it has had. It returns how many.
func checkTiles(source *tileSource, size int64, tree rebuilt) (int, error) {
	tiles := tlog.NewTiles(height, 0, size)
	for _, tile := range tiles {
		want, err := tlog.ReadTileData(tile, tree)
		if err != nil {
			return 0, err
		}
		got, err := source.read(tile)
		if err != nil {
			return 0, err
		}
		if !bytes.Equal(got, want) {
			return 0, fmt.Errorf("%s differs from the tile that the entries make", source.path(tile))
		}
	}
	return len(tiles), nil
}

// checkPrefixes compares partial tiles of records, in every width for the last one and in some for the others, with the
// records themselves.
func checkPrefixes(from remote, records [][]byte, path func(tlog.Tile) string, frame func([]byte) []byte) (int, error) {
	checked := 0
	for _, tile := range contents(int64(len(records))) {
		first := int(tile.N) * width
		last := first+tile.W == len(records)
		var want []byte
		for i, record := range records[first : first+tile.W] {
			want = append(want, frame(record)...)
			w := i + 1
			if !last && w != 1 && w != width/2 && w < width-1 {
				continue
			}
			partial := tlog.Tile{H: height, L: -1, N: tile.N, W: w}
			got, err := from.get(path(partial))
			if err != nil {
				return 0, err
			}
			if !bytes.Equal(got, want) {
				return 0, fmt.Errorf("%s differs from the records that the bundles hold", path(partial))
			}
			checked++
		}
	}
	return checked, nil
}
