package main

import (
	"encoding/hex"
	"encoding/json"
	"os"
	"strings"

	"golang.org/x/mod/module"
)

// modulePath gives a package a name that Go accepts: below a host of npm's, or in hexadecimal below another one
// if Go would refuse the path.
func modulePath(name string) string {
	path := "npm.npmx.dev/" + strings.TrimPrefix(name, "@")
	if module.CheckPath(path) != nil {
		return "hex.npm.npmx.dev/" + hex.EncodeToString([]byte(name))
	}
	return path
}

// answerPaths prints module path and lookup path of each package and version.
func answerPaths() error {
	out := json.NewEncoder(os.Stdout)
	return eachQuestion(func(name, version string) error {
		answer := struct {
			Name    string `json:"name"`
			Version string `json:"version"`
			Module  string `json:"module"`
			Lookup  string `json:"lookup"`
			Error   string `json:"error,omitempty"`
		}{Name: name, Version: version, Module: modulePath(name)}
		path, err := module.EscapePath(answer.Module)
		if err == nil {
			answer.Lookup, err = module.EscapeVersion(version)
			answer.Lookup = path + "@" + answer.Lookup
		}
		if err != nil {
			answer.Lookup, answer.Error = "", err.Error()
		}
		return out.Encode(answer)
	})
}
