package main

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// A remote is the base URL of a checksum database.
type remote string

var client = http.Client{Timeout: time.Minute}

// get returns the body at a path relative to the base; anything but 200 is an error.
func (r remote) get(path string) ([]byte, error) {
	response, err := client.Get(strings.TrimSuffix(string(r), "/") + "/" + path)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, fmt.Errorf("%s: %v", path, err)
	}
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: %s: %.200s", path, response.Status, body)
	}
	return body, nil
}
