// Command readers does what kustomize, Helm, Flux and other Go programs do with YAML. It reads a JSON list from standard
// input and prints a JSON list of as many answers; the argument names the reader.
package main

import (
	"encoding/json"
	"fmt"
	"os"
)

// An answer is what a reader made of one question, or why it could not.
type answer struct {
	Value any    `json:"value,omitempty"`
	Error string `json:"error,omitempty"`
}

var readers = map[string]func([]byte) (any, error){
	"yaml-v2":   readWith(unmarshalV2),
	"yaml-v3":   readWith(unmarshalV3),
	"sigs-yaml": readWith(unmarshalSigs),
	"kustomize": kustomize,
	"helm":      helm,
	"setter":    setMarked,
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run() error {
	if len(os.Args) != 2 || readers[os.Args[1]] == nil {
		return fmt.Errorf("name one reader")
	}
	var questions []json.RawMessage
	if err := json.NewDecoder(os.Stdin).Decode(&questions); err != nil {
		return err
	}
	answers := make([]answer, len(questions))
	for i, question := range questions {
		value, err := readers[os.Args[1]](question)
		if err != nil {
			answers[i].Error = err.Error()
		} else {
			answers[i].Value = value
		}
	}
	return json.NewEncoder(os.Stdout).Encode(answers)
}
