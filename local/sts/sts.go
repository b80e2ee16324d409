// Package sts answers GetCallerIdentity, the first thing that people ask a
// cloud. Every signed caller is the account's root.
package sts

import (
	"encoding/xml"
	"log/slog"
	"net/http"
)

// Handler answers for one account.
type Handler struct {
	Account string
	// RequestID returns an id for each answer.
	RequestID func() string
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
}

// ServeHTTP speaks the query protocol.
func (h Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	id := h.RequestID()
	if action := Operation(r); action != "GetCallerIdentity" {
		write(w, http.StatusBadRequest, refusal{Namespace: namespace, Type: "Sender", Code: "InvalidAction", RequestID: id,
			Message: "STS on one machine answers GetCallerIdentity alone; it has no " + action})
		return
	}
	write(w, http.StatusOK, identity{Namespace: namespace, RequestID: id, Account: h.Account, UserID: h.Account, Arn: "arn:aws:iam::" + h.Account + ":root"})
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
