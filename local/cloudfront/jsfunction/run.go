package jsfunction

import (
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/dop251/goja"
)

// run is one run of a function.
type run struct {
	program  *Program
	event    *Event
	kind     string
	response *Response
	text     []byte // instead of all that: an event as JSON

	vm      *goja.Runtime
	request *lazy
	world   int // how often something beyond method and URI was read
	logs    []string
}

// do runs the function's handler in a new world and returns what it returned.
func (r *run) do() (result goja.Value, err error) {
	r.vm = goja.New()
	r.vm.SetMaxCallStackSize(200)
	r.vm.SetTimeSource(func() time.Time { r.world++; return r.program.now() })
	random := goja.RandSource(nil)
	r.vm.SetRandSource(func() float64 {
		r.world++
		if random == nil {
			random = newRandom(r.program.now())
		}
		return random()
	})
	// A function that runs for too long is interrupted. The runtime is not used
	// again, so an interrupt that comes late does no harm.
	timer := time.AfterFunc(r.program.limit, func() { r.vm.Interrupt("the time limit is exceeded") })
	defer timer.Stop()
	defer func() {
		// goja panics on some misuse of host objects; that is the function's error
		if p := recover(); p != nil {
			err = fmt.Errorf("function %s: %v", r.program.name, p)
		}
	}()
	if err := r.furnish(); err != nil {
		return nil, err
	}
	if _, err := r.vm.RunProgram(r.program.program); err != nil {
		return nil, fmt.Errorf("function %s: %w", r.program.name, err)
	}
	handler, ok := goja.AssertFunction(r.vm.Get("handler"))
	if !ok {
		return nil, fmt.Errorf("function %s: %w", r.program.name, errNoHandler)
	}
	var event goja.Value
	if r.text == nil {
		event = r.makeEvent()
	} else if event, err = r.parse(r.text); err != nil {
		return nil, err
	}
	value, err := handler(goja.Undefined(), event)
	if err != nil {
		return nil, fmt.Errorf("function %s: %w", r.program.name, err)
	}
	return settled(r.program.name, value)
}

// settled unwraps the promise of an async handler.
func settled(name string, value goja.Value) (goja.Value, error) {
	promise, ok := value.Export().(*goja.Promise)
	if !ok {
		return value, nil
	}
	switch promise.State() {
	case goja.PromiseStateFulfilled:
		return promise.Result(), nil
	case goja.PromiseStateRejected:
		return nil, fmt.Errorf("function %s: %s", name, promise.Result())
	}
	return nil, fmt.Errorf("function %s: %w", name, errors.New("its promise was never settled"))
}

// furnish gives the world a console, and takes away what CloudFront's has not:
// making code from text.
func (r *run) furnish() error {
	console := r.vm.NewObject()
	log := func(call goja.FunctionCall) goja.Value {
		r.world++
		line := ""
		for i, a := range call.Arguments {
			if i > 0 {
				line += " "
			}
			line += a.String()
		}
		r.logs = append(r.logs, line)
		return goja.Undefined()
	}
	for _, name := range []string{"log", "info", "warn", "error", "debug"} {
		if err := console.Set(name, log); err != nil {
			return fmt.Errorf("furnish function %s: %w", r.program.name, err)
		}
	}
	if err := r.vm.Set("console", console); err != nil {
		return fmt.Errorf("furnish function %s: %w", r.program.name, err)
	}
	for _, name := range []string{"eval", "Function"} {
		if err := r.vm.GlobalObject().Delete(name); err != nil {
			return fmt.Errorf("furnish function %s: %w", r.program.name, err)
		}
	}
	return nil
}

// makeEvent makes the event object. Its parts are made when they are read, and
// reading any but the request's method and URI counts as reading the world.
func (r *run) makeEvent() goja.Value {
	r.request = newLazy(r.vm)
	r.request.add("method", func() goja.Value { return r.vm.ToValue(r.event.Method) })
	r.request.add("uri", func() goja.Value { return r.vm.ToValue(r.event.URI) })
	r.request.add("querystring", r.watched(func() goja.Value { return r.queryObject(r.event.Query) }))
	r.request.add("headers", r.watched(func() goja.Value { return r.headersObject(r.event.Header, r.event.Host) }))
	r.request.add("cookies", r.watched(func() goja.Value { return r.cookiesObject(r.event.Header) }))

	event := newLazy(r.vm)
	event.add("version", func() goja.Value { return r.vm.ToValue("1.0") })
	event.add("context", r.watched(func() goja.Value {
		return r.vm.ToValue(map[string]string{
			"distributionDomainName": r.event.DistributionDomain, "distributionId": r.event.DistributionID,
			"eventType": r.kind, "requestId": r.event.RequestID,
		})
	}))
	event.add("viewer", r.watched(func() goja.Value { return r.vm.ToValue(map[string]string{"ip": r.event.IP}) }))
	event.add("request", func() goja.Value { return r.request.object })
	if r.response != nil {
		event.add("response", r.watched(r.responseObject))
	}
	return event.object
}

func (r *run) watched(make func() goja.Value) func() goja.Value {
	return func() goja.Value { r.world++; return make() }
}

// result reads what a viewer-request function returned.
func (r *run) result(value goja.Value) (*Result, error) {
	object, ok := value.(*goja.Object)
	if !ok {
		return nil, fmt.Errorf("returned %v, neither a request nor a response", value)
	}
	if status := object.Get("statusCode"); status != nil {
		response, err := r.readResponse(object)
		return &Result{Response: response}, err
	}
	result := &Result{Query: r.event.Query, Header: r.event.Header}
	uri := object.Get("uri")
	if uri == nil {
		return nil, errors.New("returned an object without uri and statusCode")
	}
	result.URI = uri.String()
	if err := checkURI(result.URI); err != nil {
		return nil, err
	}
	if method := object.Get("method"); method != nil && method.String() != r.event.Method {
		return nil, errors.New("the method cannot be changed")
	}
	if r.request != nil && object == r.request.object && !r.request.readBeyondURI() {
		return result, nil // the rest was not even looked at
	}
	var err error
	if result.Query, err = r.readQuery(object.Get("querystring")); err != nil {
		return nil, err
	}
	if result.Header, err = r.readHeaders(object.Get("headers")); err != nil {
		return nil, err
	}
	keepFixed(result.Header, r.event.Header)
	result.Header.Del("Cookie")
	cookies, err := r.readCookies(object.Get("cookies"))
	if cookies != "" {
		result.Header.Set("Cookie", cookies)
	}
	return result, err
}

// fixed are request headers that functions cannot change.
var fixed = []string{"Host", "Content-Length", "Transfer-Encoding", "Via", "Connection", "Upgrade"}

func keepFixed(changed, original http.Header) {
	for _, name := range fixed {
		delete(changed, name)
		if values := original[name]; len(values) > 0 {
			changed[name] = values
		}
	}
}

func checkURI(uri string) error {
	if len(uri) == 0 || uri[0] != '/' || len(uri) > 8192 {
		return fmt.Errorf("the uri must begin with a slash and have at most 8192 characters: %.80q", uri)
	}
	for i := range len(uri) {
		if c := uri[i]; c <= ' ' || c == 0x7f || c == '?' || c == '#' {
			return fmt.Errorf("the uri has the character %q: %.80q", c, uri)
		}
	}
	return nil
}

// parse makes a value of JSON.
func (r *run) parse(text []byte) (goja.Value, error) {
	parse, ok := goja.AssertFunction(r.vm.Get("JSON").ToObject(r.vm).Get("parse"))
	if !ok {
		return nil, errors.New("there is no JSON.parse")
	}
	value, err := parse(goja.Undefined(), r.vm.ToValue(string(text)))
	if err != nil {
		return nil, fmt.Errorf("event object: %w", err)
	}
	return value, nil
}
