package e2e_test

import (
	"fmt"
	"os"
	"sync"

	"github.com/mayfly-dev/mayfly/local/iam"
)

// asked records what functions and machines asked of their roles, in the whole
// suite.
var asked = &record{}

type record struct {
	mu  sync.Mutex
	all []iam.Asked
}

func (r *record) add(a iam.Asked) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.all = append(r.all, a)
	if !a.Answer.Allowed {
		fmt.Fprintf(os.Stderr, "REFUSED %s %s %s\n", a.Caller, a.Action, a.Resource)
	}
	if debug != nil {
		fmt.Fprintf(debug, "%s %s %s %v\n", a.Caller, a.Action, a.Resource, a.Answer.Allowed)
	}
}

var debug, _ = os.Create("/tmp/iamw/asked.txt")
