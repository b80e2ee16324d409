package lambda

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os/exec"
	"slices"
	"sync"
	"time"
)

// ProcessOptions are what a Pool of function processes needs.
type ProcessOptions struct {
	// Env is the environment of every process, as NAME=value, beside what the
	// Runtime API itself sets.
	Env []string
	// MaxInstances is how many processes one function may have at once; an
	// invocation over that waits. Zero means 8.
	MaxInstances int
	// Stderr takes what the processes write, whole lines at a time.
	Stderr io.Writer
}

// Pool runs bootstrap binaries as Lambda does: each process serves one
// invocation at a time and is kept for the next one.
type Pool struct {
	options  ProcessOptions
	listener net.Listener
	server   *http.Server
	served   chan struct{}

	saying sync.Mutex // held while a line of a process is handed on

	mu        sync.Mutex
	instances map[string]*instance
	next      int
	closed    bool
}

// NewPool starts a Lambda Runtime API server on a loopback port. Close stops
// it and every process.
func NewPool(options ProcessOptions) (*Pool, error) {
	if options.MaxInstances == 0 {
		options.MaxInstances = 8
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("lambda runtime API: %w", err)
	}
	p := &Pool{options: options, listener: listener, served: make(chan struct{}), instances: make(map[string]*instance)}
	p.server = &http.Server{Handler: p.routes(), ReadHeaderTimeout: 10 * time.Second}
	go func() {
		defer close(p.served)
		if err := p.server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			_, _ = fmt.Fprintln(options.Stderr, "lambda runtime API:", err)
		}
	}()
	return p, nil
}

// Close ends every process and the Runtime API. Invocations under way fail.
func (p *Pool) Close() error {
	p.mu.Lock()
	p.closed = true
	running := make([]*instance, 0, len(p.instances))
	for _, i := range p.instances {
		running = append(running, i)
	}
	p.mu.Unlock()
	for _, i := range running {
		i.kill()
		<-i.exited
	}
	err := p.server.Close()
	<-p.served
	return err
}

// Function returns the function whose bootstrap binary is at path. Its processes
// have env, as NAME=value, on top of the pool's.
func (p *Pool) Function(name, path string, env ...string) Function {
	return &processFunction{
		pool: p, name: name, path: path, env: env,
		idle:  make(chan *instance, p.options.MaxInstances),
		slots: make(chan struct{}, p.options.MaxInstances),
	}
}

type processFunction struct {
	pool  *Pool
	name  string
	path  string
	env   []string
	idle  chan *instance
	slots chan struct{}
}

// Invoke hands payload to an idle process, or to a new one.
func (f *processFunction) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	select {
	case f.slots <- struct{}{}:
		defer func() { <-f.slots }()
	case <-ctx.Done():
		return nil, fmt.Errorf("wait for an instance of %s: %w", f.name, ctx.Err())
	}
	for {
		i, reused, err := f.instance()
		if err != nil {
			return nil, err
		}
		result, taken, err := i.invoke(ctx, payload)
		if reused && !taken && ctx.Err() == nil {
			continue // it was ending when it was picked; nothing has run yet
		}
		if i.alive() {
			f.idle <- i // never blocks: no more instances than slots
		}
		return result, err
	}
}

// instance returns an idle process, or a new one, and which of them it is.
func (f *processFunction) instance() (i *instance, reused bool, err error) {
	for {
		select {
		case i := <-f.idle:
			if i.alive() {
				return i, true, nil
			}
		default:
			i, err := f.pool.start(f.name, f.path, f.env)
			return i, false, err
		}
	}
}

// start runs a new process and waits for nothing: the first invocation does.
func (p *Pool) start(name, path string, env []string) (*instance, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return nil, &FunctionError{Type: "Runtime.Closed", Message: "this Lambda is stopping"}
	}
	p.next++
	id := fmt.Sprintf("%s-%d", name, p.next)
	i := &instance{id: id, work: make(chan *invocation), exited: make(chan struct{})}
	i.cmd = exec.Command(path)
	// The Runtime API's address may have a path: it tells the processes apart.
	i.cmd.Env = slices.Concat([]string{
		"AWS_LAMBDA_RUNTIME_API=" + p.listener.Addr().String() + "/" + id,
		"AWS_LAMBDA_FUNCTION_NAME=" + name,
		"AWS_LAMBDA_FUNCTION_VERSION=$LATEST",
		"_HANDLER=bootstrap",
	}, p.options.Env, env)
	said := &lines{to: p.options.Stderr, turn: &p.saying}
	i.cmd.Stderr, i.cmd.Stdout = said, said
	dieWithParent(i.cmd)
	if err := i.cmd.Start(); err != nil {
		return nil, &FunctionError{Type: "Runtime.InvalidEntrypoint", Message: err.Error()}
	}
	p.instances[id] = i
	go func() {
		i.exit = i.cmd.Wait()
		said.end()
		p.mu.Lock()
		delete(p.instances, id)
		p.mu.Unlock()
		close(i.exited)
	}()
	return i, nil
}

func (p *Pool) find(id string) *instance {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.instances[id]
}
