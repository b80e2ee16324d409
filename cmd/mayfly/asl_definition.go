package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/mayfly-dev/mayfly/local/asl"
)

// aslFlags are what the commands have in common that read a state machine.
type aslFlags struct {
	substitutes []string
	express     bool
}

func (f *aslFlags) add(cmd *cobra.Command) {
	cmd.Flags().StringArrayVar(&f.substitutes, "substitute", nil,
		"NAME=VALUE: what ${NAME} stands for in the file, as with CDK's definitionSubstitutions; the name * is every other one, and a * in its value the name")
	cmd.Flags().BoolVar(&f.express, "express", false, "take it for an Express workflow")
}

// options are those of asl.Parse.
func (f *aslFlags) options() []asl.ParseOption {
	if f.express {
		return []asl.ParseOption{asl.Express()}
	}
	return nil
}

// definition is a state machine's file with its placeholders replaced.
type definition struct {
	path   string
	source []byte // as it stands in the file
	text   []byte
	moved  []moved
}

// moved is a placeholder: where it ends in the source, and where its value
// begins and ends in the text.
type moved struct{ sourceStart, sourceEnd, start, end int }

// placeholder is ${NAME}. JSONata has no such expression: its own ${ begins an
// object, in which a name is followed by a colon.
var placeholder = regexp.MustCompile(`\$\{[A-Za-z][A-Za-z0-9_.:-]*\}`)

// readDefinition reads a file; "-" is standard input.
func (a *app) readDefinition(path string, substitutes []string) (*definition, error) {
	source, err := a.readInput(path)
	if err != nil {
		return nil, &usageError{message: err.Error()}
	}
	values := map[string]string{}
	for _, s := range substitutes {
		name, value, ok := strings.Cut(s, "=")
		if !ok || name == "" {
			return nil, &usageError{message: fmt.Sprintf("--substitute %q: must be NAME=VALUE", s)}
		}
		values[name] = value
	}
	d := &definition{path: path, source: source}
	return d, d.substitute(values)
}

func (d *definition) substitute(values map[string]string) error {
	var unbound []string
	at := 0
	for _, span := range placeholder.FindAllIndex(d.source, -1) {
		name := string(d.source[span[0]+2 : span[1]-1])
		value, ok := values[name]
		if !ok {
			if value, ok = values["*"]; !ok {
				unbound = append(unbound, "${"+name+"}")
			}
			value = strings.ReplaceAll(value, "*", name)
		}
		d.text = append(d.text, d.source[at:span[0]]...)
		m := moved{sourceStart: span[0], sourceEnd: span[1], start: len(d.text)}
		d.text = append(d.text, value...)
		m.end = len(d.text)
		d.moved = append(d.moved, m)
		at = span[1]
	}
	d.text = append(d.text, d.source[at:]...)
	if unbound == nil {
		return nil
	}
	slices.Sort(unbound)
	return advise(&usageError{message: fmt.Sprintf("%s has placeholders without a value: %s", d.path, strings.Join(slices.Compact(unbound), ", "))},
		"Give each with --substitute NAME=VALUE, or all of them with --substitute '*=arn:aws:lambda:us-east-1:000000000000:function:*'")
}

// origin returns where in the file a place of the text comes from.
func (d *definition) origin(offset int) int {
	shift := 0
	for _, m := range d.moved {
		if offset < m.start {
			break
		}
		if offset < m.end {
			return m.sourceStart
		}
		shift = m.sourceEnd - m.end
	}
	return offset + shift
}

// name is what the machine is called: after its file.
func (d *definition) name() string {
	base := filepath.Base(d.path)
	for _, suffix := range []string{".json", ".asl"} {
		base = strings.TrimSuffix(base, suffix)
	}
	clean := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '_' {
			return r
		}
		return '-'
	}, base)
	if strings.Trim(clean, "-") == "" {
		return "machine"
	}
	return clean[:min(len(clean), 80)]
}

// readInput reads a file; "-" is standard input.
func (a *app) readInput(path string) ([]byte, error) {
	if path == "-" {
		text, err := io.ReadAll(a.in)
		if err != nil {
			return nil, fmt.Errorf("read standard input: %w", err)
		}
		return text, nil
	}
	text, err := os.ReadFile(path)
	var failed *os.PathError
	if errors.As(err, &failed) {
		return nil, fmt.Errorf("read %s: %w", path, failed.Err)
	}
	return text, err //nolint:wrapcheck // os.ReadFile has no other errors
}
