// Command generate writes roles.json of package roles from the template that
// the CDK app synthesizes.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"

	"github.com/mayfly-dev/mayfly/local/roles"
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: generate TEMPLATE OUTPUT")
		os.Exit(2)
	}
	if err := generate(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, "generate:", err)
		os.Exit(1)
	}
}

func generate(from, to string) error {
	text, err := os.ReadFile(from)
	if err != nil {
		return fmt.Errorf("read the template: %w", err)
	}
	found, err := roles.FromTemplate(text)
	if err != nil {
		return err
	}
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", " ")
	if err := encoder.Encode(found); err != nil {
		return fmt.Errorf("write the roles: %w", err)
	}
	if err := os.WriteFile(to, out.Bytes(), 0o644); err != nil {
		return fmt.Errorf("write the roles: %w", err)
	}
	return nil
}
