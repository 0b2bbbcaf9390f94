package main

import (
	"bytes"
	"encoding/json"

	"k8s.io/kube-openapi/pkg/validation/spec"
	"sigs.k8s.io/kustomize/kyaml/fieldmeta"
	"sigs.k8s.io/kustomize/kyaml/kio"
	"sigs.k8s.io/kustomize/kyaml/openapi"
	"sigs.k8s.io/kustomize/kyaml/yaml"
)

// Flux's image-automation-controller is no module that others may import, so this puts together what it is made of: kyaml
// reads the file and its markers, resolves them against one definition per policy, formats the value and writes the file.

type marked struct {
	Text string `json:"text"`
	// Setters holds a value for each marker, such as `flux-system:shop:tag`.
	Setters map[string]string `json:"setters"`
}

type set struct {
	Text string `json:"text"`
	// Found holds the values that stood at markers, in order.
	Found []string `json:"found"`
}

func init() {
	fieldmeta.SetShortHandRef("$imagepolicy")
	openapi.SuppressBuiltInSchemaUse()
}

func setMarked(question []byte) (any, error) {
	var asked marked
	if err := json.Unmarshal(question, &asked); err != nil {
		return nil, err
	}
	definitions := spec.Schema{}
	definitions.Definitions = spec.Definitions{}
	for name := range asked.Setters {
		definition := spec.StringProperty()
		definition.Title = name
		definitions.Definitions[fieldmeta.SetterDefinitionPrefix+name] = *definition
	}
	reader := kio.ByteReader{Reader: bytes.NewBufferString(asked.Text), PreserveSeqIndent: true}
	objects, err := reader.Read()
	if err != nil {
		return nil, err
	}
	answer := set{Found: []string{}}
	for _, object := range objects {
		if err := visit(object, func(node *yaml.RNode) error {
			meta := fieldmeta.FieldMeta{SettersSchema: &definitions}
			if err := meta.Read(node); err != nil || meta.Schema.Ref.String() == "" {
				return err
			}
			definition, err := openapi.Resolve(&meta.Schema.Ref, &definitions)
			if err != nil || definition == nil {
				return err
			}
			answer.Found = append(answer.Found, node.YNode().Value)
			node.YNode().Value = asked.Setters[definition.Title]
			yaml.FormatNonStringStyle(node.YNode(), *definition)
			return nil
		}); err != nil {
			return nil, err
		}
	}
	var written bytes.Buffer
	err = kio.ByteWriter{Writer: &written}.Write(objects)
	answer.Text = written.String()
	return answer, err
}

// visit calls see with each scalar that is a value.
func visit(node *yaml.RNode, see func(*yaml.RNode) error) error {
	switch node.YNode().Kind {
	case yaml.MappingNode:
		return node.VisitFields(func(field *yaml.MapNode) error { return visit(field.Value, see) })
	case yaml.SequenceNode:
		return node.VisitElements(func(element *yaml.RNode) error { return visit(element, see) })
	case yaml.ScalarNode:
		return see(node)
	}
	return nil
}
