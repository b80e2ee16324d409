package jsfunction

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/dop251/goja"
)

// The event's querystring, headers and cookies have one shape: names to
// objects with value and, where there are several, multiValue.

type pair struct{ name, value string }

func (r *run) valuesObject(pairs []pair) goja.Value {
	out := r.vm.NewObject()
	var order []string
	grouped := map[string][]string{}
	for _, p := range pairs {
		if _, seen := grouped[p.name]; !seen {
			order = append(order, p.name)
		}
		grouped[p.name] = append(grouped[p.name], p.value)
	}
	for _, name := range order {
		values := grouped[name]
		one := r.vm.NewObject()
		r.put(one, "value", values[0])
		if len(values) > 1 {
			multi := make([]any, 0, len(values))
			for _, v := range values {
				each := r.vm.NewObject()
				r.put(each, "value", v)
				multi = append(multi, each)
			}
			r.put(one, "multiValue", r.vm.NewArray(multi...))
		}
		r.put(out, name, one)
	}
	return out
}

// put sets a property of an object of ours; that cannot fail but by a bug,
// which run.do turns into an error.
func (r *run) put(o *goja.Object, name string, value any) {
	if err := o.Set(name, value); err != nil {
		panic(err)
	}
}

func (r *run) queryObject(query string) goja.Value {
	var pairs []pair
	for part := range strings.SplitSeq(query, "&") {
		if name, value, _ := strings.Cut(part, "="); part != "" {
			pairs = append(pairs, pair{name, value})
		}
	}
	return r.valuesObject(pairs)
}

func (r *run) headersObject(h http.Header, host string) goja.Value {
	var pairs []pair
	if host != "" {
		pairs = append(pairs, pair{"host", host})
	}
	names := make([]string, 0, len(h))
	for name := range h {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		if name == "Cookie" || name == "Set-Cookie" {
			continue
		}
		for _, value := range h[name] {
			pairs = append(pairs, pair{strings.ToLower(name), value})
		}
	}
	return r.valuesObject(pairs)
}

func (r *run) cookiesObject(h http.Header) goja.Value {
	var pairs []pair
	for _, line := range h["Cookie"] {
		for part := range strings.SplitSeq(line, ";") {
			if name, value, _ := strings.Cut(strings.TrimSpace(part), "="); name != "" {
				pairs = append(pairs, pair{name, value})
			}
		}
	}
	return r.valuesObject(pairs)
}

func (r *run) responseObject() goja.Value {
	out := r.vm.NewObject()
	r.put(out, "statusCode", r.response.Status)
	r.put(out, "statusDescription", http.StatusText(r.response.Status))
	r.put(out, "headers", r.headersObject(r.response.Header, ""))
	cookies := r.vm.NewObject()
	for _, line := range r.response.Header["Set-Cookie"] {
		content, attributes, _ := strings.Cut(line, ";")
		name, value, _ := strings.Cut(content, "=")
		one := r.vm.NewObject()
		r.put(one, "value", value)
		r.put(one, "attributes", strings.TrimSpace(attributes))
		r.put(cookies, name, one)
	}
	r.put(out, "cookies", cookies)
	return out
}

// each calls do for every value under each name of an object in that shape.
func (r *run) each(what string, v goja.Value, do func(name, value string, one *goja.Object) error) error {
	if v == nil || goja.IsUndefined(v) || goja.IsNull(v) {
		return nil
	}
	object, ok := v.(*goja.Object)
	if !ok {
		return fmt.Errorf("%s is %s, not an object", what, v)
	}
	for _, name := range object.Keys() {
		one, ok := object.Get(name).(*goja.Object)
		if !ok {
			return fmt.Errorf("%s %q is not an object with a value", what, name)
		}
		parts := []*goja.Object{one}
		if multi, ok := one.Get("multiValue").(*goja.Object); ok {
			parts = parts[:0]
			for _, i := range multi.Keys() {
				part, ok := multi.Get(i).(*goja.Object)
				if !ok {
					return fmt.Errorf("%s %q has a multiValue without value", what, name)
				}
				parts = append(parts, part)
			}
		}
		for _, part := range parts {
			value := part.Get("value")
			if value == nil {
				return fmt.Errorf("%s %q has no value", what, name)
			}
			if strings.ContainsAny(name+value.String(), "\r\n\x00") {
				return fmt.Errorf("%s %q has a control character", what, name)
			}
			if err := do(name, value.String(), part); err != nil {
				return err
			}
		}
	}
	return nil
}

func (r *run) readQuery(v goja.Value) (string, error) {
	var parts []string
	err := r.each("querystring", v, func(name, value string, _ *goja.Object) error {
		if strings.ContainsAny(name+value, "& #") {
			return fmt.Errorf("querystring %q is not encoded", name)
		}
		if value != "" || strings.Contains(r.event.Query, name+"=") {
			name += "=" + value
		}
		parts = append(parts, name)
		return nil
	})
	return strings.Join(parts, "&"), err
}

func (r *run) readHeaders(v goja.Value) (http.Header, error) {
	h := http.Header{}
	return h, r.each("header", v, func(name, value string, _ *goja.Object) error {
		if name == "" || strings.ContainsAny(name, " :\t") || name != strings.ToLower(name) {
			return fmt.Errorf("header %q: names are lower-case tokens", name)
		}
		h.Add(name, value)
		return nil
	})
}

func (r *run) readCookies(v goja.Value) (string, error) {
	var parts []string
	err := r.each("cookie", v, func(name, value string, _ *goja.Object) error {
		parts = append(parts, name+"="+value)
		return nil
	})
	return strings.Join(parts, "; "), err
}

// readResponse reads an object with statusCode, headers, cookies and body.
func (r *run) readResponse(o *goja.Object) (*Response, error) {
	out := &Response{}
	status := o.Get("statusCode")
	if status == nil {
		return nil, fmt.Errorf("returned an object without statusCode")
	}
	code, err := strconv.Atoi(status.String())
	if err != nil || code < 200 || code > 599 {
		return nil, fmt.Errorf("the statusCode is %s, not 200 to 599", status)
	}
	out.Status = code
	if d := o.Get("statusDescription"); d != nil {
		out.Description = d.String()
	}
	if out.Header, err = r.readHeaders(o.Get("headers")); err != nil {
		return nil, err
	}
	for _, name := range []string{"Content-Length", "Connection", "Transfer-Encoding", "Via"} {
		out.Header.Del(name)
	}
	if err := r.each("cookie", o.Get("cookies"), func(name, value string, one *goja.Object) error {
		line := name + "=" + value
		if a := one.Get("attributes"); a != nil && a.String() != "" {
			line += "; " + a.String()
		}
		out.Header.Add("Set-Cookie", line)
		return nil
	}); err != nil {
		return nil, err
	}
	return out, readBody(o.Get("body"), out)
}

// readBody reads a text, or an object with encoding (text or base64) and data.
func readBody(v goja.Value, out *Response) error {
	if v == nil || goja.IsUndefined(v) || goja.IsNull(v) {
		return nil
	}
	out.HasBody = true
	object, ok := v.(*goja.Object)
	if !ok {
		out.Body = []byte(v.String())
		return nil
	}
	data := ""
	if d := object.Get("data"); d != nil {
		data = d.String()
	}
	switch encoding := object.Get("encoding"); {
	case encoding == nil || encoding.String() == "text":
		out.Body = []byte(data)
	case encoding.String() == "base64":
		raw, err := base64.StdEncoding.DecodeString(data)
		if err != nil {
			return fmt.Errorf("the body is not base64: %w", err)
		}
		out.Body = raw
	default:
		return fmt.Errorf("the body's encoding is %s, neither text nor base64", encoding)
	}
	return nil
}
