package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/mayfly-dev/mayfly/local/asl"
)

// aslFinding is a diagnostic as it is printed.
type aslFinding struct {
	Severity asl.Severity `json:"severity"`
	Code     string       `json:"code"`
	Message  string       `json:"message"`
	Location string       `json:"location"`
	Pointer  string       `json:"pointer"`
	Line     int          `json:"line"`
	Column   int          `json:"column"`
}

// aslVerdict is what there is to say of a file.
type aslVerdict struct {
	File        string       `json:"file"`
	Result      string       `json:"result"` // OK or FAIL, as ValidateStateMachineDefinition has it
	Diagnostics []aslFinding `json:"diagnostics"`
}

func (a *app) aslValidateCommand() *cobra.Command {
	var flags aslFlags
	var strict bool
	cmd := &cobra.Command{
		Use:   "validate FILE...",
		Short: "Say what is wrong with state machines, each thing with its place",
		Long: `Say what is wrong with state machines, as Step Functions' ValidateStateMachineDefinition does, each thing with its file, line and
column. It ends with 1 when it refuses a file; a warning refuses none unless --strict is given. The file - is standard input.`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return &usageError{message: "FILE is missing", command: cmd}
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error {
			verdicts := make([]aslVerdict, 0, len(args))
			refused := 0
			for _, path := range args {
				d, err := a.readDefinition(path, flags.substitutes)
				if err != nil {
					return err
				}
				v := d.verdict(flags.options(), strict)
				if v.Result != "OK" {
					refused++
				}
				verdicts = append(verdicts, v)
			}
			if err := a.printVerdicts(verdicts); err != nil {
				return err
			}
			if refused > 0 {
				return fmt.Errorf("%d of %s refused", refused, count(len(args), "file"))
			}
			return nil
		},
	}
	flags.add(cmd)
	a.jsonFlag(cmd)
	cmd.Flags().BoolVar(&strict, "strict", false, "refuse a file for its warnings, too")
	return cmd
}

// verdict checks a definition.
func (d *definition) verdict(options []asl.ParseOption, strict bool) aslVerdict {
	v := aslVerdict{File: d.path, Result: "OK", Diagnostics: []aslFinding{}}
	m, err := asl.Parse(d.text, options...)
	var refused *asl.DefinitionError
	var found []asl.Diagnostic
	switch {
	case errors.As(err, &refused):
		v.Result, found = "FAIL", refused.Diagnostics
	case err != nil:
		v.Result, found = "FAIL", []asl.Diagnostic{{Severity: asl.SeverityError, Message: err.Error()}}
	default:
		found = m.Warnings()
	}
	if strict && len(found) > 0 {
		v.Result = "FAIL"
	}
	for _, one := range found {
		at := d.place(one)
		v.Diagnostics = append(v.Diagnostics, aslFinding{
			Severity: one.Severity, Code: one.Code, Message: one.Message, Location: one.Location, Pointer: at.pointer, Line: at.line, Column: at.column,
		})
	}
	slices.SortStableFunc(v.Diagnostics, func(a, b aslFinding) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	return v
}

func (a *app) printVerdicts(verdicts []aslVerdict) error {
	if a.json() {
		out := json.NewEncoder(a.out)
		out.SetEscapeHTML(false)
		out.SetIndent("", "  ")
		return out.Encode(map[string]any{"files": verdicts}) //nolint:wrapcheck // nobody reads what is printed
	}
	for _, v := range verdicts {
		for _, line := range v.lines() {
			a.printf("%s\n", line)
		}
		if v.Result == "OK" {
			a.printf("%s is valid\n", v.File)
		}
	}
	return nil
}

// lines are the findings as compilers write them.
func (v aslVerdict) lines() []string {
	lines := make([]string, len(v.Diagnostics))
	for i, f := range v.Diagnostics {
		where := ""
		if f.Pointer != "" {
			where = " (" + f.Pointer + ")"
		}
		lines[i] = fmt.Sprintf("%s:%d:%d: %s %s: %s%s", v.File, f.Line, f.Column, strings.ToLower(string(f.Severity)), f.Code, f.Message, where)
	}
	return lines
}

// count is "1 file", "2 files".
func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
