package e2e_test

import (
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
}
