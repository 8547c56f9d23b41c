package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"strings"

	"golang.org/x/mod/module"
	"golang.org/x/mod/sumdb"
	"golang.org/x/mod/sumdb/tlog"
)

// An answer is what the stock client made of one question.
type answer struct {
	Name    string   `json:"name"`
	Version string   `json:"version"`
	Lines   []string `json:"lines"`  // returned by Lookup
	Index   int64    `json:"index"`  // of the verified record
	Record  string   `json:"record"` // its text, from what the client saved after it had verified it
	Error   string   `json:"error,omitempty"`
}

// answerLookups lets one client answer all questions, so that it sees the log grow.
func answerLookups(from remote, vkey, directory string) error {
	ops := &clientOps{from: from, vkey: vkey, directory: directory}
	client := sumdb.NewClient(ops)
	out := json.NewEncoder(os.Stdout)
	return eachQuestion(func(name, version string) error {
		return out.Encode(lookUp(client, ops, name, version))
	})
}

func lookUp(client *sumdb.Client, ops *clientOps, name, version string) answer {
	answer := answer{Name: name, Version: version, Lines: []string{}, Index: -1}
	path := modulePath(name)
	lines, err := client.Lookup(path, version)
	if err != nil {
		answer.Error = err.Error()
		return answer
	}
	answer.Lines = append(answer.Lines, lines...)
	escapedPath, _ := module.EscapePath(path)
	escapedVersion, _ := module.EscapeVersion(version)
	saved, err := ops.ReadCache(keyName(ops.vkey) + "/lookup/" + escapedPath + "@" + escapedVersion)
	if err != nil {
		answer.Error = err.Error()
		return answer
	}
	index, text, _, err := tlog.ParseRecord(saved)
	if err != nil {
		answer.Error = err.Error()
		return answer
	}
	answer.Index, answer.Record = index, string(text)
	return answer
}

// eachQuestion calls a function with every "<package> <version>" of standard input, as it comes.
func eachQuestion(ask func(name, version string) error) error {
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		name, version, ok := strings.Cut(lines.Text(), " ")
		if !ok {
			return fmt.Errorf("%q is not a package and a version", lines.Text())
		}
		if err := ask(name, version); err != nil {
			return err
		}
	}
	return lines.Err()
}
