package e2e_test

import (
	"fmt"
	"os"
	"strings"
	"sync"

	"github.com/mayfly-dev/mayfly/local/iam"
	"github.com/mayfly-dev/mayfly/local/roles"
)

// asked records what functions and machines asked of their roles, in the whole
// suite.
var asked = &record{uses: map[use]*roles.Use{}}

type record struct {
	mu   sync.Mutex
	uses map[use]*roles.Use
}

// use is what tells two requests apart; when they came and from where does not.
type use struct {
	caller, action, resource string
	allowed                  bool
}

func (r *record) add(a iam.Asked) {
	key := use{a.Caller, a.Action, a.Resource, a.Answer.Allowed}
	r.mu.Lock()
	defer r.mu.Unlock()
	if known, ok := r.uses[key]; ok {
		known.Times++
		return
	}
	r.uses[key] = &roles.Use{Role: roleOf(a.Caller), Action: a.Action, Resource: a.Resource, Context: a.Context, Allowed: a.Answer.Allowed, Times: 1}
}

// roleOf names a caller as the roles do:
// arn:aws:sts::ACCOUNT:assumed-role/mayfly-NAME/SESSION is a function's, and
// one of mayfly-machine-NAME a machine's.
func roleOf(caller string) string {
	_, rest, _ := strings.Cut(caller, ":assumed-role/mayfly-")
	name, _, _ := strings.Cut(rest, "/")
	if machine, ok := strings.CutPrefix(name, "machine-"); ok {
		return "machine " + machine
	}
	return "function " + name
}

// prove holds the roles to what the suite asked of them, and prints the counts.
// It is for a run of all tests: a part of them does not ask for everything.
func (r *record) prove() error {
	granted, err := roles.Load()
	if err != nil {
		return err
	}
	grants, err := granted.Grants()
	if err != nil {
		return err
	}
	text, err := os.ReadFile("testdata/unused.txt")
	if err != nil {
		return err
	}
	reasons, err := roles.ReadReasons(string(text))
	if err != nil {
		return fmt.Errorf("testdata/unused.txt: %w", err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	uses := make([]roles.Use, 0, len(r.uses))
	for _, one := range r.uses {
		uses = append(uses, *one)
	}
	proof := roles.Prove(grants, uses, reasons)
	fmt.Println("least privilege:", proof)
	if faults := proof.Faults(); len(faults) > 0 {
		return fmt.Errorf("the roles are not what the suite asks of them:\n  %s", strings.Join(faults, "\n  "))
	}
	return nil
}
