// Command verifier checks a running checksum database with Go's own packages note, tlog and sumdb,
// and with nothing of the database's code.
//
//	verifier log <sumdb url> [<file with an older checkpoint>]
//	    rebuilds the whole tree from its entries and compares everything the server shows of it
//	verifier lookup <sumdb url> <Go verifier key> <directory>
//	    the stock sumdb.Client: answers each "<package> <version>" on standard input with a line of JSON
//	verifier paths
//	    the Go module path and lookup path of each "<package> <version>" on standard input
//	verifier key <name>
//	    a new signer key and its verifier key, one line each
//
// It ends with 1 if something is wrong, with 2 if the client found the log to misbehave, and with 64 on wrong usage.
package main

import (
	"crypto/rand"
	"fmt"
	"os"

	"golang.org/x/mod/sumdb/note"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(args []string) error {
	switch {
	case len(args) == 2 && args[0] == "log":
		return verifyLog(remote(args[1]), "")
	case len(args) == 3 && args[0] == "log":
		return verifyLog(remote(args[1]), args[2])
	case len(args) == 4 && args[0] == "lookup":
		return answerLookups(remote(args[1]), args[2], args[3])
	case len(args) == 1 && args[0] == "paths":
		return answerPaths()
	case len(args) == 2 && args[0] == "key":
		return makeKey(args[1])
	}
	fmt.Fprintln(os.Stderr, "usage: verifier log <url> [<checkpoint file>] | lookup <url> <vkey> <directory> | paths | key <name>")
	os.Exit(64)
	return nil
}

func makeKey(name string) error {
	signer, verifier, err := note.GenerateKey(rand.Reader, name)
	if err != nil {
		return err
	}
	fmt.Printf("%s\n%s\n", signer, verifier)
	return nil
}
