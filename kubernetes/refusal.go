package kubernetes

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"unicode"

	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/mayfly-dev/mayfly/awserr"
)

// The names of refusals in the state machines. Trying again may help against
// the last four alone.
const (
	ClusterNotFound     = "ClusterNotFound"
	ClusterNotActive    = "ClusterNotActive"
	ClusterNotTrusted   = "ClusterNotTrusted"
	ClusterUnauthorized = "ClusterUnauthorized"
	ClusterForbidden    = "ClusterForbidden"
	ClusterRefused      = "ClusterRefused"
	DeploymentNotFound  = "DeploymentNotFound"
	DeploymentPaused    = "DeploymentPaused"
	DeploymentChanged   = "DeploymentChanged"
	ContainerNotFound   = "ContainerNotFound"
	RolloutFailed       = "RolloutFailed"
	RolloutTimeout      = "RolloutTimeout"
	Conflict            = "Conflict"
	serviceUnavailable  = "ServiceUnavailable"
	tooManyRequests     = "TooManyRequestsException"
	networkError        = awserr.NetworkError
)

// mostText is how many characters of a cluster's own words are kept.
const mostText = 1000

// Refusal says why a cluster does not run an image: in its own words where it
// has some, and with what to do about it.
type Refusal struct {
	// Name is one of this package's names.
	Name string
	// Cluster is the cluster's name, and Of what in it this is about: a
	// Deployment as NAMESPACE/NAME, or nothing.
	Cluster string
	Of      string
	Text    string
}

func (e *Refusal) Error() string {
	if e.Of == "" {
		return fmt.Sprintf("cluster %s: %s", e.Cluster, e.Text)
	}
	return fmt.Sprintf("deployment %s in cluster %s: %s", e.Of, e.Cluster, e.Text)
}

// ErrorName is the name of the error in the state machines.
func (e *Refusal) ErrorName() string { return e.Name }

// Passing reports whether trying again may help.
func (e *Refusal) Passing() bool {
	return e.Name == Conflict || e.Name == serviceUnavailable || e.Name == tooManyRequests || e.Name == networkError
}

// refusal makes of an error of a request what a person can read.
func (c *Cluster) refusal(doing string, of Deployment, err error) error {
	refused := func(name, text string) error {
		return &Refusal{Name: name, Cluster: c.name, Of: of.String(), Text: text}
	}
	var untrusted *tls.CertificateVerificationError
	var status apierrors.APIStatus
	switch {
	case errors.As(err, &untrusted):
		return refused(ClusterNotTrusted, "its certificate is not of the authority that EKS names: "+c.clean(untrusted.Err.Error()))
	case !errors.As(err, &status):
		// Not wrapped: the error may hold what the cluster wrote.
		name, text := unanswered(err), doing+" got no answer: "+c.clean(err.Error())
		if name == networkError {
			text += "; is the cluster's endpoint a public one? (docs/deploy.md)"
		}
		return refused(name, text)
	}
	words := c.clean(status.Status().Message)
	switch code := status.Status().Code; code {
	case http.StatusUnauthorized:
		return refused(ClusterUnauthorized, "the cluster does not know who asks: give this function's role an access entry (docs/deploy.md)")
	case http.StatusForbidden:
		return refused(ClusterForbidden, "the cluster does not allow it: "+words+"; give the role of the access entry get and patch on deployments (docs/deploy.md)")
	case http.StatusNotFound:
		return refused(DeploymentNotFound, "there is none: "+words)
	case http.StatusConflict:
		return refused(Conflict, "it was changed meanwhile: "+words)
	case http.StatusTooManyRequests:
		return refused(tooManyRequests, words)
	default:
		if code >= http.StatusInternalServerError {
			return refused(serviceUnavailable, fmt.Sprintf("the cluster answers %d: %s", code, words))
		}
		return refused(ClusterRefused, fmt.Sprintf("%s was refused with %d: %s", doing, code, words))
	}
}

// unanswered names a request that no answer came to, or none that can be read:
// it tells a cluster that is slow or can't be reached, where trying again may
// help, from one that answers nonsense.
func unanswered(err error) string {
	var network net.Error
	var redirected *redirectError
	switch {
	case errors.Is(err, errTooLong), errors.As(err, &redirected):
		return ClusterRefused
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &network), errors.Is(err, io.ErrUnexpectedEOF):
		return networkError
	}
	return ClusterRefused
}

// clean returns a cluster's words as they may be kept and shown, without the
// token, should it have sent that back.
func (c *Cluster) clean(text string) string {
	return clean(strings.ReplaceAll(text, c.token, "[token]"))
}

func clean(text string) string {
	text = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, "?"))
	if runes := []rune(text); len(runes) > mostText {
		return string(runes[:mostText]) + "…"
	}
	return text
}
