package e2e_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strings"
	"testing"
)

// TestNothingIsCompiledAtAFunctionsStart: every function waits for what the
// packages in it do at their initialization, whether it uses them or not. A
// regular expression is compiled when it is first used.
func TestNothingIsCompiledAtAFunctionsStart(t *testing.T) {
	in := map[string]bool{}
	for _, p := range listed(t) {
		if path := strings.TrimPrefix(p.ImportPath, module); strings.HasPrefix(path, "functions/") && strings.HasSuffix(path, "/lambda") {
			for _, dep := range p.Deps {
				if own, ok := strings.CutPrefix(dep, module); ok {
					in[own] = true
				}
			}
		}
	}
	if len(in) == 0 {
		t.Fatal("no function was found")
	}
	for path := range in {
		files, err := filepath.Glob(filepath.Join("..", path, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			if !strings.HasSuffix(file, "_test.go") {
				atInitialization(t, file)
			}
		}
	}
}

// atInitialization finds what a file compiles outside of any function.
func atInitialization(t *testing.T, file string) {
	t.Helper()
	positions := token.NewFileSet()
	parsed, err := parser.ParseFile(positions, file, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	for _, declaration := range parsed.Decls {
		variables, ok := declaration.(*ast.GenDecl)
		if !ok || variables.Tok != token.VAR {
			continue
		}
		ast.Inspect(variables, func(node ast.Node) bool {
			if _, ok := node.(*ast.FuncLit); ok {
				return false
			}
			if call, ok := node.(*ast.SelectorExpr); ok && strings.HasPrefix(call.Sel.Name, "MustCompile") {
				t.Errorf("%s: compiled at the start of every function that has it", positions.Position(call.Pos()))
			}
			return true
		})
	}
}
