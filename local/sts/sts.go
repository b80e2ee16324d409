// Package sts answers GetCallerIdentity, the first thing that people ask a
// cloud, and AssumeRole. A signed caller is the account's root whatever its
// keys, unless its keys are those of a role's session, which AssumeRole hands
// out: that is who policies are evaluated for, where a service evaluates some.
package sts

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/xml"
	"errors"
	"log/slog"
	"net/http"
	"strings"

	"github.com/mayfly-dev/mayfly/local/iam"
)

// Handler answers for one account.
type Handler struct {
	Account string
	// RequestID returns an id for each answer.
	RequestID func() string
	// Sessions makes the sessions of roles; nil makes none, and takes every
	// caller for the account's root.
	Sessions *Sessions
}

// Operation names the operation that a request asks for.
func Operation(r *http.Request) string { return r.FormValue("Action") }

const namespace = "https://sts.amazonaws.com/doc/2011-06-15/"

type identity struct {
	XMLName   xml.Name `xml:"GetCallerIdentityResponse"`
	Namespace string   `xml:"xmlns,attr"`
	Arn       string   `xml:"GetCallerIdentityResult>Arn"`
	UserID    string   `xml:"GetCallerIdentityResult>UserId"`
	Account   string   `xml:"GetCallerIdentityResult>Account"`
	RequestID string   `xml:"ResponseMetadata>RequestId"`
}

type refusal struct {
	XMLName   xml.Name `xml:"ErrorResponse"`
	Namespace string   `xml:"xmlns,attr"`
	Type      string   `xml:"Error>Type"`
	Code      string   `xml:"Error>Code"`
	Message   string   `xml:"Error>Message"`
	RequestID string   `xml:"RequestId"`

	status int
}

// ServeHTTP speaks the query protocol.
func (h Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	id := h.RequestID()
	answer, refused := h.answer(r, id)
	if refused != nil {
		refused.Namespace, refused.Type = namespace, "Sender"
		write(w, refused.status, refused)
		return
	}
	write(w, http.StatusOK, answer)
}

func (h Handler) answer(r *http.Request, id string) (any, *refusal) {
	action := Operation(r)
	switch {
	case action == "GetCallerIdentity":
		return h.identity(r, id)
	case action == "AssumeRole" && h.Sessions != nil:
		return h.assumeRole(r, id)
	}
	return nil, invalid(id, "InvalidAction", "STS on one machine answers GetCallerIdentity and AssumeRole; it has no %s", action)
}

func (h Handler) identity(r *http.Request, id string) (any, *refusal) {
	who, refused := h.caller(r, id)
	if refused != nil {
		return nil, refused
	}
	user := h.Account
	if !who.Root {
		user = roleID(who.ARN)
	}
	return identity{Namespace: namespace, RequestID: id, Account: h.Account, UserID: user, Arn: who.ARN}, nil
}

func (h Handler) caller(r *http.Request, id string) (iam.Caller, *refusal) {
	if h.Sessions == nil {
		return iam.RootCaller(h.Account), nil
	}
	who, err := h.Sessions.Caller(r)
	switch {
	case errors.Is(err, ErrExpired):
		return who, &refusal{Code: "ExpiredToken", status: http.StatusForbidden, RequestID: id, Message: err.Error()}
	case err != nil:
		return who, &refusal{Code: "InvalidClientTokenId", status: http.StatusForbidden, RequestID: id, Message: err.Error()}
	}
	return who, nil
}

// roleID is the id of a session: that of its role, which is made from the
// role's name, and the session's name.
func roleID(arn string) string {
	before, name, _ := strings.Cut(strings.TrimPrefix(arn[strings.Index(arn, "assumed-role/"):], "assumed-role/"), "/")
	sum := sha256.Sum256([]byte(before))
	return "AROA" + base32.StdEncoding.EncodeToString(sum[:10]) + ":" + name
}

func write(w http.ResponseWriter, status int, answer any) {
	body, err := xml.Marshal(answer)
	if err != nil { // these two structs always marshal
		panic(err)
	}
	w.Header().Set("Content-Type", "text/xml")
	w.WriteHeader(status)
	if _, err := w.Write(body); err != nil {
		slog.Debug("sts: the client left before its answer", "error", err)
	}
}
