// Command reports reads a report from standard input with a library of another project, and fails where that finds
// something wrong.
//
//	reports junit        reads JUnit XML, and prints what the library understood as JSON
//	reports schema FILE  holds JSON to a JSON schema
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/joshdk/go-junit"
	"github.com/xeipuuv/gojsonschema"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(args []string) error {
	text, err := io.ReadAll(os.Stdin)
	if err != nil {
		return err
	}
	switch {
	case len(args) == 1 && args[0] == "junit":
		suites, err := junit.Ingest(text)
		if err != nil {
			return err
		}
		return json.NewEncoder(os.Stdout).Encode(suites)
	case len(args) == 2 && args[0] == "schema":
		schema, err := os.ReadFile(args[1])
		if err != nil {
			return err
		}
		return validate(schema, text)
	default:
		return errors.New("usage: reports junit | schema FILE")
	}
}

func validate(schema, text []byte) error {
	result, err := gojsonschema.Validate(gojsonschema.NewBytesLoader(schema), gojsonschema.NewBytesLoader(text))
	if err != nil {
		return err
	}
	for _, fault := range result.Errors() {
		err = errors.Join(err, errors.New(fault.String()))
	}
	return err
}
