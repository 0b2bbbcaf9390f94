package main

import (
	"encoding/json"
	"fmt"

	yamlV2 "go.yaml.in/yaml/v2"
	yamlV3 "go.yaml.in/yaml/v3"
	yamlSigs "sigs.k8s.io/yaml"
)

func unmarshalV2(text []byte, into any) error   { return yamlV2.Unmarshal(text, into) }
func unmarshalV3(text []byte, into any) error   { return yamlV3.Unmarshal(text, into) }
func unmarshalSigs(text []byte, into any) error { return yamlSigs.Unmarshal(text, into) }

// readWith answers a document with the type and the text of each key's value.
func readWith(unmarshal func([]byte, any) error) func([]byte) (any, error) {
	return func(question []byte) (any, error) {
		var text string
		if err := json.Unmarshal(question, &text); err != nil {
			return nil, err
		}
		var values map[string]any
		if err := unmarshal([]byte(text), &values); err != nil {
			return nil, err
		}
		typed := map[string][2]string{}
		for key, value := range values {
			typed[key] = [2]string{fmt.Sprintf("%T", value), fmt.Sprint(value)}
		}
		return typed, nil
	}
}
