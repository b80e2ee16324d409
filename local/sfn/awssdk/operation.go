package awssdk

import (
	"context"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// Operation is an action of a linked service.
type Operation struct {
	service string
	name    string       // as the client's method: "GetObject"
	input   reflect.Type // the struct
	output  reflect.Type // the struct
	names   naming
}

// Find returns the operation of an action, such as "getObject" of "s3". There
// is none for an action that the service does not have, that Step Functions
// does not offer, or that does not begin in lower case.
func Find(serviceName, action string) (*Operation, bool) {
	s, ok := services[serviceName]
	first, size := utf8.DecodeRuneInString(action)
	if !ok || !unicode.IsLower(first) {
		return nil, false
	}
	name := string(unicode.ToUpper(first)) + action[size:]
	method, ok := s.client.MethodByName(name)
	if !ok || slices.Contains(s.without, name) || !isOperation(method) {
		return nil, false
	}
	return &Operation{service: serviceName, name: name, input: method.Type.In(2).Elem(), output: method.Type.Out(0).Elem(), names: asJava}, true
}

// isOperation tells GetObject(ctx, *GetObjectInput, ...func(*Options)) from
// what else a client can do.
func isOperation(m reflect.Method) bool {
	t := m.Type
	return t.IsVariadic() && t.NumIn() == 4 && t.NumOut() == 2 && t.In(2).Kind() == reflect.Pointer && t.In(2).Elem().Name() == m.Name+"Input"
}

// AsAPI returns the operation with its members called as the service's API
// reference does, which is what the optimized integrations want.
func (o *Operation) AsAPI() *Operation {
	other := *o
	other.names = asAPI
	return &other
}

// Answer is a result, and the response that brought it.
type Answer struct {
	JSON []byte
	HTTP *http.Response
}

// Call does an operation. Its errors are [Faults], when the parameters do not
// fit, and *[Failure] for what the service or the way to it answered.
func (c *Clients) Call(ctx context.Context, o *Operation, parameters []byte) (Answer, error) {
	input := reflect.New(o.input)
	r := reader{names: o.names}
	r.into(input.Elem(), parameters, "")
	if r.faults != nil {
		return Answer{}, r.faults
	}
	out := reflect.ValueOf(c.client(o.service)).MethodByName(o.name).Call([]reflect.Value{reflect.ValueOf(ctx), input})
	if err, _ := out[1].Interface().(error); err != nil {
		if missing := missing(err, o.names, nil); missing != nil {
			return Answer{}, missing
		}
		return Answer{}, o.failure(err)
	}
	return o.answer(out[0].Elem())
}

func (o *Operation) answer(out reflect.Value) (Answer, error) {
	w := writer{names: o.names}
	w.value(out)
	if w.err != nil {
		return Answer{}, fmt.Errorf("result of %s: %w", o.name, w.err)
	}
	answer := Answer{JSON: w.out}
	if metadata, ok := out.FieldByName("ResultMetadata").Interface().(middleware.Metadata); ok {
		if raw, ok := awsmiddleware.GetRawResponse(metadata).(*smithyhttp.Response); ok {
			answer.HTTP = raw.Response
		}
	}
	return answer, nil
}

// Faults are what keeps parameters from starting an operation, in AWS's words.
type Faults []string

// Error lists them as AWS does.
func (f Faults) Error() string { return "[" + strings.Join(f, ", ") + "]" }
