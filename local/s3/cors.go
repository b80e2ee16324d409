package s3

import (
	"encoding/xml"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

type cors struct {
	XMLName xml.Name   `xml:"CORSConfiguration" json:"-"`
	Rules   []corsRule `xml:"CORSRule"`
}

type corsRule struct {
	ID            string   `xml:",omitempty"`
	Origins       []string `xml:"AllowedOrigin"`
	Methods       []string `xml:"AllowedMethod"`
	Headers       []string `xml:"AllowedHeader"`
	Expose        []string `xml:"ExposeHeader"`
	MaxAgeSeconds *int     `xml:",omitempty"`
}

func (s *Service) getCORS(q *request) error {
	if q.record.CORS == nil {
		return known("NoSuchCORSConfiguration").with("BucketName", q.bucket)
	}
	return q.answer(http.StatusOK, struct {
		XMLName xml.Name   `xml:"http://s3.amazonaws.com/doc/2006-03-01/ CORSConfiguration"`
		Rules   []corsRule `xml:"CORSRule"`
	}{Rules: q.record.CORS.Rules})
}

func (s *Service) putCORS(q *request) error {
	var input cors
	if err := q.decode(&input); err != nil {
		return err
	}
	if len(input.Rules) == 0 || len(input.Rules) > 100 {
		return known("MalformedXML")
	}
	for _, rule := range input.Rules {
		if len(rule.Origins) == 0 || len(rule.Methods) == 0 {
			return known("MalformedXML")
		}
		for _, method := range rule.Methods {
			if !slices.Contains([]string{"GET", "PUT", "POST", "DELETE", "HEAD"}, method) {
				return fail("InvalidRequest", "Found unsupported HTTP method in CORS config. Unsupported method is "+method)
			}
		}
		for _, value := range slices.Concat(rule.Origins, rule.Headers) {
			if strings.Count(value, "*") > 1 {
				return fail("InvalidRequest", "AllowedOrigin \""+value+"\" can not have more than one wildcard.")
			}
		}
	}
	return s.change(q, http.StatusOK, func(b *bucket) error { b.CORS = &input; return nil })
}

func (s *Service) deleteCORS(q *request) error {
	return s.change(q, http.StatusNoContent, func(b *bucket) error { b.CORS = nil; return nil })
}

// answer adds the headers of the first rule that lets the origin do the
// method, and reports whether there is one.
func (c *cors) answer(header http.Header, origin, method string, asked []string) bool {
	if c == nil {
		return false
	}
	for _, rule := range c.Rules {
		if !slices.ContainsFunc(rule.Origins, func(o string) bool { return matchesStar(o, origin) }) || !slices.Contains(rule.Methods, method) {
			continue
		}
		if slices.ContainsFunc(asked, func(name string) bool {
			return !slices.ContainsFunc(rule.Headers, func(h string) bool { return matchesStar(strings.ToLower(h), strings.ToLower(name)) })
		}) {
			continue
		}
		if slices.Contains(rule.Origins, "*") {
			header.Set("Access-Control-Allow-Origin", "*")
		} else {
			header.Set("Access-Control-Allow-Origin", origin)
			header.Set("Access-Control-Allow-Credentials", "true")
		}
		header.Set("Access-Control-Allow-Methods", strings.Join(rule.Methods, ", "))
		if len(asked) > 0 {
			header.Set("Access-Control-Allow-Headers", strings.Join(asked, ", "))
		}
		if len(rule.Expose) > 0 {
			header.Set("Access-Control-Expose-Headers", strings.Join(rule.Expose, ", "))
		}
		if rule.MaxAgeSeconds != nil {
			header.Set("Access-Control-Max-Age", strconv.Itoa(*rule.MaxAgeSeconds))
		}
		header.Add("Vary", "Origin, Access-Control-Request-Headers, Access-Control-Request-Method")
		return true
	}
	return false
}

func matchesStar(pattern, value string) bool {
	before, after, star := strings.Cut(pattern, "*")
	if !star {
		return pattern == value
	}
	return len(value) >= len(before)+len(after) && strings.HasPrefix(value, before) && strings.HasSuffix(value, after)
}

// preflight answers a browser that asks whether it may send a request.
func (s *Service) preflight(q *request) error {
	origin, method := q.Header.Get("Origin"), q.Header.Get("Access-Control-Request-Method")
	if origin == "" {
		return fail("BadRequest", "Insufficient information. Origin request header needed.")
	}
	if method == "" {
		return fail("BadRequest", "Invalid Access-Control-Request-Method: null")
	}
	var asked []string
	for name := range strings.SplitSeq(q.Header.Get("Access-Control-Request-Headers"), ",") {
		if name = strings.TrimSpace(name); name != "" {
			asked = append(asked, name)
		}
	}
	record, ok := s.registry.get(q.bucket)
	if !ok || record.CORS == nil {
		return fail("AccessForbidden", "CORSResponse: CORS is not enabled for this bucket.").as(http.StatusForbidden)
	}
	if !record.CORS.answer(q.w.Header(), origin, method, asked) {
		return fail("AccessForbidden", "CORSResponse: This CORS request is not allowed. This is usually because the evalution of Origin, request method / Access-Control-Request-Method or Access-Control-Request-Headers are not whitelisted by the resource's CORS spec.").as(http.StatusForbidden)
	}
	return q.done(http.StatusOK)
}

func (f *failure) as(status int) *failure {
	f.status = status
	return f
}
