package cloudwatch

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// query is AWS's query protocol: a form that asks, and XML that answers. Older
// SDKs and AWS CLIs speak it.
type query struct{}

const xmlns = "http://monitoring.amazonaws.com/doc/2010-08-01/"

func (query) read(w http.ResponseWriter, r *http.Request) (string, func(any) error, error) {
	form := r.Form // parsed already, when somebody had to look at the action
	if form == nil {
		content, err := body(w, r)
		if err != nil {
			return "", nil, unreadable(err)
		}
		if form, err = url.ParseQuery(string(content)); err != nil {
			return "", nil, unreadable(err)
		}
		maps.Copy(form, r.URL.Query())
	}
	return form.Get("Action"), func(in any) error {
		text, err := formJSON(form)
		if err != nil {
			return err
		}
		return json.Unmarshal(text, in)
	}, nil
}

// mostDepth is how deep a form's names may go, so that no form makes us build
// much.
const mostDepth = 12

// branch is a structure, or a list by the numbers of its members.
type branch map[string]any

// formJSON returns a form as the JSON document that it stands for:
// "A.member.1.B=c" is {"A":[{"B":"c"}]}.
func formJSON(form url.Values) ([]byte, error) {
	root := branch{}
	for _, name := range slices.Sorted(maps.Keys(form)) {
		steps := strings.Split(name, ".")
		if len(steps) > mostDepth {
			return nil, fmt.Errorf("parameter %q is too deep", name)
		}
		at := root
		for _, step := range steps[:len(steps)-1] {
			if at[step] == nil {
				at[step] = branch{}
			}
			next, ok := at[step].(branch)
			if !ok {
				return nil, fmt.Errorf("parameter %q is a value and a structure", name)
			}
			at = next
		}
		last := steps[len(steps)-1]
		if at[last] != nil {
			return nil, fmt.Errorf("parameter %q is a value and a structure", name)
		}
		at[last] = form.Get(name)
	}
	return json.Marshal(root)
}

// MarshalJSON writes a list for what has "member" alone.
func (b branch) MarshalJSON() ([]byte, error) {
	numbered, ok := b["member"].(branch)
	if !ok || len(b) != 1 {
		return json.Marshal(map[string]any(b))
	}
	numbers := make(map[int]any, len(numbered))
	for text, value := range numbered {
		n, err := strconv.Atoi(text)
		if err != nil {
			return nil, fmt.Errorf("member %q is no number", text)
		}
		numbers[n] = value
	}
	list := make([]any, 0, len(numbers))
	for _, n := range slices.Sorted(maps.Keys(numbers)) {
		list = append(list, numbers[n])
	}
	return json.Marshal(list)
}

func (query) answer(w http.ResponseWriter, operation string, out any) {
	var text bytes.Buffer
	e := xml.NewEncoder(&text)
	open := xml.StartElement{Name: xml.Name{Local: operation + "Response"}, Attr: []xml.Attr{{Name: xml.Name{Local: "xmlns"}, Value: xmlns}}}
	must(e.EncodeToken(open))
	if _, none := out.(nothing); !none {
		must(e.EncodeElement(out, xml.StartElement{Name: xml.Name{Local: operation + "Result"}}))
	}
	must(e.EncodeElement(struct {
		RequestID string `xml:"RequestId"`
	}{w.Header().Get("X-Amzn-Requestid")}, xml.StartElement{Name: xml.Name{Local: "ResponseMetadata"}}))
	must(e.EncodeToken(open.End()))
	must(e.Close())
	write(w, http.StatusOK, "text/xml", text.Bytes())
}

func (query) refuse(w http.ResponseWriter, why *refusal) {
	type inner struct{ Type, Code, Message string }
	text, err := xml.Marshal(struct {
		XMLName   xml.Name `xml:"ErrorResponse"`
		Namespace string   `xml:"xmlns,attr"`
		Error     inner
		RequestID string `xml:"RequestId"`
	}{Namespace: xmlns, Error: inner{why.sender(), why.code, why.message}, RequestID: w.Header().Get("X-Amzn-Requestid")})
	must(err)
	write(w, why.status, "text/xml", text)
}

// must is for XML of our own types into memory, which does not fail.
func must(err error) {
	if err != nil {
		panic(err)
	}
}
