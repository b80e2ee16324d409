// Package statemachine holds the state machine definitions, the only source of
// truth of each flow: provision, update, release, rollout and so on. The same files
// run on AWS and on one machine. Their tasks name functions and machines by
// placeholders such as ${createbucket}, which [Definition.Bind] replaces by
// ARNs.
package statemachine

import (
	"embed"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

//go:embed *.asl.json
var files embed.FS

const suffix = ".asl.json"

var placeholder = regexp.MustCompile(`\$\{([a-z]+)\}`)

// Definition is one state machine, as it stands in its file.
type Definition struct {
	// Name is the file's name without its suffix.
	Name string
	// JSON is the definition in the States Language, with placeholders.
	JSON string
}

// All returns every definition, in the order of their names.
func All() ([]Definition, error) {
	entries, err := files.ReadDir(".")
	if err != nil {
		return nil, fmt.Errorf("list state machines: %w", err)
	}
	all := make([]Definition, 0, len(entries))
	for _, entry := range entries {
		name := strings.TrimSuffix(entry.Name(), suffix)
		definition, err := Get(name)
		if err != nil {
			return nil, err
		}
		all = append(all, definition)
	}
	return all, nil
}

// Get returns one definition by name.
func Get(name string) (Definition, error) {
	text, err := files.ReadFile(name + suffix)
	if err != nil {
		return Definition{}, fmt.Errorf("state machine %q: %w", name, err)
	}
	return Definition{Name: name, JSON: string(text)}, nil
}

// Placeholders returns what the definition's tasks name, each once, sorted:
// folders of functions/ and names of other machines.
func (d Definition) Placeholders() []string {
	var names []string
	for _, match := range placeholder.FindAllStringSubmatch(d.JSON, -1) {
		names = append(names, match[1])
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// Bind returns the definition with each placeholder replaced by its ARN. It
// returns an error that names the placeholders for which arn gives "".
func (d Definition) Bind(arn func(name string) string) (string, error) {
	var unknown []string
	bound := placeholder.ReplaceAllStringFunc(d.JSON, func(match string) string {
		name := match[2 : len(match)-1]
		value := arn(name)
		if value == "" {
			unknown = append(unknown, name)
		}
		return value
	})
	if len(unknown) > 0 {
		return "", fmt.Errorf("state machine %q: no ARN for %s", d.Name, strings.Join(unknown, ", "))
	}
	return bound, nil
}
