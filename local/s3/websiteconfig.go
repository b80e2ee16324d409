package s3

import (
	"encoding/xml"
	"net/http"
	"strconv"
	"strings"
)

// website is a bucket's website configuration.
type website struct {
	XMLName     xml.Name      `xml:"WebsiteConfiguration" json:"-"`
	RedirectAll *redirectAll  `xml:"RedirectAllRequestsTo"`
	Index       *indexPage    `xml:"IndexDocument"`
	Error       *errorPage    `xml:"ErrorDocument"`
	Rules       []routingRule `xml:"RoutingRules>RoutingRule"`
}

type redirectAll struct {
	HostName string
	Protocol string `xml:",omitempty"`
}

type indexPage struct{ Suffix string }

type errorPage struct{ Key string }

type routingRule struct {
	Condition *routingCondition `xml:",omitempty"`
	Redirect  routingRedirect
}

type routingCondition struct {
	KeyPrefixEquals             string `xml:",omitempty"`
	HTTPErrorCodeReturnedEquals string `xml:"HttpErrorCodeReturnedEquals,omitempty"`
}

type routingRedirect struct {
	HostName             string  `xml:",omitempty"`
	HTTPRedirectCode     string  `xml:"HttpRedirectCode,omitempty"`
	Protocol             string  `xml:",omitempty"`
	ReplaceKeyPrefixWith *string `xml:",omitempty"`
	ReplaceKeyWith       *string `xml:",omitempty"`
}

func (s *Service) getWebsite(q *request) error {
	if q.record.Website == nil {
		return known("NoSuchWebsiteConfiguration").with("BucketName", q.bucket)
	}
	shown := *q.record.Website
	return q.answer(http.StatusOK, struct {
		XMLName     xml.Name      `xml:"http://s3.amazonaws.com/doc/2006-03-01/ WebsiteConfiguration"`
		RedirectAll *redirectAll  `xml:"RedirectAllRequestsTo,omitempty"`
		Index       *indexPage    `xml:"IndexDocument,omitempty"`
		Error       *errorPage    `xml:"ErrorDocument,omitempty"`
		Rules       []routingRule `xml:"RoutingRules>RoutingRule,omitempty"`
	}{RedirectAll: shown.RedirectAll, Index: shown.Index, Error: shown.Error, Rules: shown.Rules})
}

func (s *Service) putWebsite(q *request) error {
	var input website
	if err := q.decode(&input); err != nil {
		return err
	}
	if err := input.check(); err != nil {
		return err
	}
	return s.change(q, http.StatusOK, func(b *bucket) error { b.Website = &input; return nil })
}

func (s *Service) deleteWebsite(q *request) error {
	return s.change(q, http.StatusNoContent, func(b *bucket) error { b.Website = nil; return nil })
}

func (w *website) check() error {
	protocol := func(value string) bool { return value == "" || value == "http" || value == "https" }
	if w.RedirectAll != nil {
		if w.Index != nil || w.Error != nil || len(w.Rules) > 0 {
			return fail("InvalidRequest", "RedirectAllRequestsTo cannot be provided in conjunction with other Routing Rules.")
		}
		if w.RedirectAll.HostName == "" || !protocol(w.RedirectAll.Protocol) {
			return known("MalformedXML")
		}
		return nil
	}
	if w.Index == nil {
		return invalidArgument("A value for IndexDocument Suffix must be provided if RedirectAllRequestsTo is empty", "IndexDocument", "null")
	}
	if w.Index.Suffix == "" || strings.Contains(w.Index.Suffix, "/") {
		return invalidArgument("The IndexDocument Suffix is not well formed", "IndexDocument", w.Index.Suffix)
	}
	if w.Error != nil && w.Error.Key == "" {
		return invalidArgument("The ErrorDocument Key is not well formed", "ErrorDocument", "")
	}
	for _, rule := range w.Rules {
		r := rule.Redirect
		if r.ReplaceKeyWith != nil && r.ReplaceKeyPrefixWith != nil {
			return fail("InvalidRequest", "You can only define ReplaceKeyPrefix or ReplaceKey but not both.")
		}
		if code, err := strconv.Atoi(r.HTTPRedirectCode); r.HTTPRedirectCode != "" && (err != nil || code < 301 || code > 308) {
			return fail("InvalidRequest", "The provided HTTP redirect code ("+r.HTTPRedirectCode+") is not valid. Valid codes are 3XX except 300.")
		}
		if !protocol(r.Protocol) {
			return fail("InvalidRequest", "Invalid protocol, protocol can be http or https. If not defined the protocol will be selected automatically.")
		}
		if c := rule.Condition; c != nil && c.HTTPErrorCodeReturnedEquals != "" {
			if code, err := strconv.Atoi(c.HTTPErrorCodeReturnedEquals); err != nil || code < 400 || code > 599 {
				return fail("InvalidRequest", "The provided HTTP error code ("+c.HTTPErrorCodeReturnedEquals+") is not valid. Valid codes are 4XX or 5XX.")
			}
		}
	}
	return nil
}
