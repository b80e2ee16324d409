package steptest

import (
	"errors"
	"net"
	"slices"
	"sync"

	"github.com/aws/smithy-go"
)

// Faults makes operations fail on order, and keeps the list of calls. Its zero
// value lets everything pass.
type Faults struct {
	// Chance, when it is not nil, is asked about each call that nothing was ordered
	// for: the error that it fails with, and late when it happens all the same and
	// its reply alone is lost. Set it before the first call.
	Chance func(operation string) (late bool, err error)

	mu      sync.Mutex
	pending map[string][]fault
	calls   []string
}

type fault struct {
	err error
	// late faults let the operation happen and lose its reply.
	late bool
}

// Fail makes the next call of operation fail with err; nothing happens.
// Ordered twice, it fails twice.
func (f *Faults) Fail(operation string, err error) { f.order(operation, fault{err: err}) }

// LoseReply lets the next call of operation happen and loses its reply.
func (f *Faults) LoseReply(operation string) {
	f.order(operation, fault{err: Reset(), late: true})
}

// Pass lets the next n calls of operation through before what is ordered next.
func (f *Faults) Pass(operation string, n int) {
	for range n {
		f.order(operation, fault{})
	}
}

// Calls returns the operations called so far, in their order.
func (f *Faults) Calls() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.calls)
}

// Count returns how often operation was called.
func (f *Faults) Count(operation string) int {
	n := 0
	for _, call := range f.Calls() {
		if call == operation {
			n++
		}
	}
	return n
}

func (f *Faults) order(operation string, what fault) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.pending == nil {
		f.pending = map[string][]fault{}
	}
	f.pending[operation] = append(f.pending[operation], what)
}

func (f *Faults) next(operation string) fault {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls = append(f.calls, operation)
	queue := f.pending[operation]
	if len(queue) == 0 && f.Chance != nil {
		late, err := f.Chance(operation)
		return fault{err, late}
	}
	if len(queue) == 0 {
		return fault{}
	}
	f.pending[operation] = queue[1:]
	return queue[0]
}

// call runs act as operation, unless a fault was ordered for it.
func call[Out any](f *Faults, operation string, act func() (*Out, error)) (*Out, error) {
	ordered := f.next(operation)
	if ordered.err != nil && !ordered.late {
		return nil, wrap(operation, ordered.err)
	}
	out, err := act()
	if err == nil {
		err = ordered.err
	}
	if err != nil {
		return nil, wrap(operation, err)
	}
	return out, nil
}

func wrap(operation string, err error) error {
	return &smithy.OperationError{ServiceID: "AWS", OperationName: operation, Err: err}
}

// Refusal is AWS's answer with an error code.
func Refusal(code string) error {
	return &smithy.GenericAPIError{Code: code, Message: "said the test", Fault: smithy.FaultClient}
}

// Reset is what a client sees when the connection breaks before the reply.
func Reset() error {
	return &net.OpError{Op: "read", Net: "tcp", Err: errors.New("connection reset by peer")}
}
