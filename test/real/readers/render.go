package main

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"helm.sh/helm/v3/pkg/chart/loader"
	"helm.sh/helm/v3/pkg/chartutil"
	"helm.sh/helm/v3/pkg/engine"
	"helm.sh/helm/v3/pkg/strvals"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/kyaml/filesys"
	"sigs.k8s.io/yaml"
)

// tree holds the text of files under their paths.
type tree map[string]string

// kustomize answers as `kustomize build overlay`.
func kustomize(question []byte) (any, error) {
	var files tree
	if err := json.Unmarshal(question, &files); err != nil {
		return nil, err
	}
	disk := filesys.MakeFsInMemory()
	for path, text := range files {
		if err := disk.WriteFile(path, []byte(text)); err != nil {
			return nil, err
		}
	}
	resources, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(disk, "overlay")
	if err != nil {
		return nil, err
	}
	text, err := resources.AsYaml()
	return string(text), err
}

// helm answers as `helm template release . -f values-beside.yaml`, or as Flux with release.yaml, or as Argo CD with
// application.yaml.
func helm(question []byte) (any, error) {
	var files tree
	if err := json.Unmarshal(question, &files); err != nil {
		return nil, err
	}
	var buffers []*loader.BufferedFile
	for path, text := range files {
		if path != "values-beside.yaml" && path != "release.yaml" && path != "application.yaml" {
			buffers = append(buffers, &loader.BufferedFile{Name: path, Data: []byte(text)})
		}
	}
	chart, err := loader.LoadFiles(buffers)
	if err != nil {
		return nil, err
	}
	given, err := valuesGiven(files)
	if err != nil {
		return nil, err
	}
	if err := chartutil.ProcessDependenciesWithMerge(chart, given); err != nil {
		return nil, err
	}
	release := chartutil.ReleaseOptions{Name: "release", Namespace: "default", Revision: 1, IsInstall: true}
	values, err := chartutil.ToRenderValues(chart, given, release, chartutil.DefaultCapabilities)
	if err != nil {
		return nil, err
	}
	rendered, err := engine.Render(chart, values)
	if err != nil {
		return nil, err
	}
	var text strings.Builder
	for _, path := range slices.Sorted(maps.Keys(rendered)) {
		text.WriteString("# " + path + "\n" + rendered[path])
	}
	return text.String(), nil
}

// valuesGiven holds what is said beside the chart.
func valuesGiven(files tree) (map[string]any, error) {
	var release struct {
		Spec struct {
			Values map[string]any
		}
	}
	if err := yaml.Unmarshal([]byte(files["release.yaml"]), &release); err != nil || release.Spec.Values != nil {
		return release.Spec.Values, err
	}
	var application struct {
		Spec struct {
			Source struct {
				Helm struct {
					Values       string
					ValuesObject map[string]any
					Parameters   []struct {
						Name, Value string
						ForceString bool
					}
				}
			}
		}
	}
	if err := yaml.Unmarshal([]byte(files["application.yaml"]), &application); err != nil {
		return nil, err
	}
	helm := application.Spec.Source.Helm
	if helm.ValuesObject != nil {
		return helm.ValuesObject, nil
	}
	values, err := chartutil.ReadValues([]byte(helm.Values + files["values-beside.yaml"]))
	for _, parameter := range helm.Parameters {
		parse := strvals.ParseInto
		if parameter.ForceString {
			parse = strvals.ParseIntoString
		}
		if err := parse(parameter.Name+"="+parameter.Value, values); err != nil {
			return nil, err
		}
	}
	return values, err
}
