package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
)

// The height of all tiles, and so the width of a full one.
const (
	height = 8
	width  = 1 << height
)

// A tileSource reads the tiles of one of the server's two surfaces, each once. It implements tlog.TileReader.
type tileSource struct {
	from remote
	path func(tlog.Tile) string
	seen map[tlog.Tile][]byte
}

// c2spTiles are at tile/<L>/<N>: Go's path without the height.
func c2spTiles(from remote) *tileSource {
	return &tileSource{from, func(tile tlog.Tile) string {
		return "tile/" + strings.TrimPrefix(tile.Path(), fmt.Sprintf("tile/%d/", height))
	}, map[tlog.Tile][]byte{}}
}

// goTiles are at go/tile/8/<L>/<N>.
func goTiles(from remote) *tileSource {
	return &tileSource{from, func(tile tlog.Tile) string { return "go/" + tile.Path() }, map[tlog.Tile][]byte{}}
}

func (s *tileSource) Height() int { return height }

// SaveTiles does nothing: ReadTiles remembers, and whoever uses a tile verifies it again.
func (s *tileSource) SaveTiles([]tlog.Tile, [][]byte) {}

func (s *tileSource) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var all [][]byte
	for _, tile := range tiles {
		data, err := s.read(tile)
		if err != nil {
			return nil, err
		}
		all = append(all, data)
	}
	return all, nil
}

func (s *tileSource) read(tile tlog.Tile) ([]byte, error) {
	if data, ok := s.seen[tile]; ok {
		return data, nil
	}
	data, err := s.from.get(s.path(tile))
	if err != nil {
		return nil, err
	}
	s.seen[tile] = data
	return data, nil
}

// contents are the tiles that hold records, leftmost first; the last one may be partial.
func contents(size int64) []tlog.Tile {
	var tiles []tlog.Tile
	for n := int64(0); n*width < size; n++ {
		tiles = append(tiles, tlog.Tile{H: height, L: -1, N: n, W: int(min(size-n*width, width))})
	}
	return tiles
}

func min(a, b int64) int64 {
	if a < b {
		return a
	}
	return b
}

// bundlePath is where C2SP's servers show a tile of entries.
func bundlePath(tile tlog.Tile) string {
	return strings.Replace(tile.Path(), fmt.Sprintf("tile/%d/data/", height), "tile/entries/", 1)
}

// splitBundle undoes C2SP's framing: each entry behind its length in two bytes, big-endian.
func splitBundle(data []byte) ([][]byte, error) {
	var entries [][]byte
	for len(data) > 0 {
		if len(data) < 2 || len(data)-2 < int(binary.BigEndian.Uint16(data)) {
			return nil, fmt.Errorf("the bundle ends inside entry %d", len(entries))
		}
		end := 2 + int(binary.BigEndian.Uint16(data))
		entries = append(entries, data[2:end])
		data = data[end:]
	}
	return entries, nil
}

// splitData undoes Go's framing: a blank line behind each record.
func splitData(data []byte) ([][]byte, error) {
	var texts [][]byte
	for len(data) > 0 {
		end := bytes.Index(data, []byte("\n\n"))
		if end < 0 {
			return nil, fmt.Errorf("no blank line behind record %d", len(texts))
		}
		texts = append(texts, data[:end+1])
		data = data[end+2:]
	}
	return texts, nil
}
