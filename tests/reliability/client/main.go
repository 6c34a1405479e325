// Command client calls a webhook through the HTTP client that a kube-apiserver uses, Go's own, and counts what becomes
// of its calls. It runs until its standard input ends, and then prints one JSON object.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
)

func main() {
	if len(os.Args) < 2 {
		fail("usage: client load|bursts|hold [FLAGS]")
	}
	var run func(stop <-chan struct{}) any
	flags := flag.NewFlagSet(os.Args[1], flag.ExitOnError)
	switch os.Args[1] {
	case "load":
		run = loadCommand(flags)
	case "bursts":
		run = burstsCommand(flags)
	case "hold":
		run = holdCommand(flags)
	default:
		fail("unknown command " + os.Args[1])
	}
	flags.Parse(os.Args[2:])

	stop := make(chan struct{})
	go func() {
		io.Copy(io.Discard, os.Stdin)
		close(stop)
	}()
	if err := json.NewEncoder(os.Stdout).Encode(run(stop)); err != nil {
		fail(err.Error())
	}
}

// begun tells whoever started this program that it is at work.
func begun() {
	fmt.Println("begun")
}

func fail(message string) {
	fmt.Fprintln(os.Stderr, message)
	os.Exit(1)
}
