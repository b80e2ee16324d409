package jsfunction

import (
	"math/rand/v2"
	"slices"
	"time"

	"github.com/dop251/goja"
)

// lazy is an object whose properties are made at their first reading.
type lazy struct {
	object *goja.Object
	names  []string
	makers map[string]func() goja.Value
	values map[string]goja.Value
	set    map[string]bool // by the function
}

func newLazy(vm *goja.Runtime) *lazy {
	l := &lazy{makers: map[string]func() goja.Value{}, values: map[string]goja.Value{}, set: map[string]bool{}}
	l.object = vm.NewDynamicObject(l)
	return l
}

func (l *lazy) add(name string, make func() goja.Value) {
	l.names = append(l.names, name)
	l.makers[name] = make
}

// Get returns a property, made now if it was not yet.
func (l *lazy) Get(name string) goja.Value {
	if v, ok := l.values[name]; ok {
		return v
	}
	make, ok := l.makers[name]
	if !ok {
		return nil
	}
	v := make()
	l.values[name] = v
	return v
}

// Set gives a property another value.
func (l *lazy) Set(name string, v goja.Value) bool {
	if !l.Has(name) {
		l.names = append(l.names, name)
	}
	l.values[name] = v
	l.set[name] = true
	return true
}

// Has says whether there is such a property.
func (l *lazy) Has(name string) bool { return slices.Contains(l.names, name) }

// Delete takes a property away.
func (l *lazy) Delete(name string) bool {
	l.names = slices.DeleteFunc(l.names, func(n string) bool { return n == name })
	delete(l.values, name)
	delete(l.makers, name)
	l.set[name] = true
	return true
}

// Keys returns the names of all properties.
func (l *lazy) Keys() []string { return slices.Clone(l.names) }

// readBeyondURI says whether anything but method and uri was read, set or
// taken away.
func (l *lazy) readBeyondURI() bool {
	for name := range l.values {
		if name != "uri" && name != "method" {
			return true
		}
	}
	for name := range l.set {
		if name != "uri" {
			return true
		}
	}
	return false
}

// onlyURI says whether the value that a function returned is this object, with
// another uri at most.
func (l *lazy) onlyURI(returned goja.Value) bool {
	return returned == goja.Value(l.object) && !l.readBeyondURI()
}

func newRandom(now time.Time) goja.RandSource {
	return rand.New(rand.NewPCG(uint64(now.UnixNano()), rand.Uint64())).Float64
}
