package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"sync"

	"golang.org/x/mod/sumdb"
)

// A clientOps connects the stock sumdb.Client to the server's Go surface and to a directory, which holds what must not be
// forgotten (config) apart from what can be fetched again (cache), as the go command does.
type clientOps struct {
	from      remote
	vkey      string
	directory string
	config    sync.Mutex
}

func (c *clientOps) ReadRemote(path string) ([]byte, error) {
	return c.from.get("go" + path)
}

func (c *clientOps) ReadConfig(file string) ([]byte, error) {
	if file == "key" {
		return []byte(c.vkey), nil
	}
	c.config.Lock()
	defer c.config.Unlock()
	return c.readConfig(file)
}

// readConfig answers nothing for a file that does not exist yet: the client begins with the empty tree.
func (c *clientOps) readConfig(file string) ([]byte, error) {
	data, err := os.ReadFile(filepath.Join(c.directory, "config", file))
	if os.IsNotExist(err) {
		return nil, nil
	}
	return data, err
}

func (c *clientOps) WriteConfig(file string, old, new []byte) error {
	c.config.Lock()
	defer c.config.Unlock()
	present, err := c.readConfig(file)
	if err != nil {
		return err
	}
	if !bytes.Equal(present, old) {
		return sumdb.ErrWriteConflict
	}
	return write(filepath.Join(c.directory, "config", file), new)
}

func (c *clientOps) ReadCache(file string) ([]byte, error) {
	return os.ReadFile(filepath.Join(c.directory, "cache", file))
}

func (c *clientOps) WriteCache(file string, data []byte) {
	if err := write(filepath.Join(c.directory, "cache", file), data); err != nil {
		c.Log(err.Error())
	}
}

func (c *clientOps) Log(message string) {
	fmt.Fprintln(os.Stderr, message)
}

// SecurityError ends the program: the message has the proof.
func (c *clientOps) SecurityError(message string) {
	fmt.Fprintln(os.Stderr, message)
	os.Exit(2)
}

// write replaces a file as a whole.
func write(path string, data []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return err
	}
	next, err := os.CreateTemp(filepath.Dir(path), ".next-")
	if err != nil {
		return err
	}
	defer os.Remove(next.Name())
	if _, err := next.Write(data); err != nil {
		next.Close()
		return err
	}
	if err := next.Close(); err != nil {
		return err
	}
	return os.Rename(next.Name(), path)
}
