package clustertest

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"regexp"

	appsv1 "k8s.io/api/apps/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/strategicpatch"
)

var path = regexp.MustCompile(`^/apis/apps/v1/namespaces/([a-z0-9.-]+)/deployments/([a-z0-9.-]+)$`)

// watched tells whether a handler wrote an answer.
type watched struct {
	http.ResponseWriter
	answered bool
}

func (w *watched) WriteHeader(code int) { w.answered = true; w.ResponseWriter.WriteHeader(code) }
func (w *watched) Write(b []byte) (int, error) {
	w.answered = true
	return w.ResponseWriter.Write(b)
}

// ServeHTTP answers GET and strategic merge PATCH of a Deployment.
func (c *Cluster) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // the client left
	}
	c.mu.Lock()
	c.requests = append(c.requests, r)
	if len(body) > 0 {
		c.bodies = append(c.bodies, string(body))
	}
	var first http.HandlerFunc
	if queue := c.before[r.Method]; len(queue) > 0 {
		first, c.before[r.Method] = queue[0], queue[1:]
	}
	c.mu.Unlock()
	if first != nil {
		tell := &watched{ResponseWriter: w}
		if first(tell, r); tell.answered {
			return
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	name := path.FindStringSubmatch(r.URL.Path)
	if name == nil {
		Status(w, http.StatusNotFound, metav1.StatusReasonNotFound, "the server could not find the requested resource")
		return
	}
	d := c.deployments[name[1]+"/"+name[2]]
	switch {
	case d == nil:
		Status(w, http.StatusNotFound, metav1.StatusReasonNotFound, fmt.Sprintf("deployments.apps %q not found", name[2]))
	case r.Method == http.MethodGet:
		write(w, http.StatusOK, d)
	case r.Method == http.MethodPatch && r.Header.Get("Content-Type") == "application/strategic-merge-patch+json":
		c.patch(w, d, body)
	default:
		Status(w, http.StatusMethodNotAllowed, metav1.StatusReasonMethodNotAllowed, r.Method+" of "+r.Header.Get("Content-Type"))
	}
}

// patch merges as the API server does.
func (c *Cluster) patch(w http.ResponseWriter, d *appsv1.Deployment, body []byte) {
	var changed appsv1.Deployment
	original, err := json.Marshal(d)
	if err == nil {
		original, err = strategicpatch.StrategicMergePatch(original, body, appsv1.Deployment{})
	}
	if err == nil {
		err = json.Unmarshal(original, &changed)
	}
	switch {
	case err != nil:
		Status(w, http.StatusBadRequest, metav1.StatusReasonBadRequest, err.Error())
		return
	case changed.ResourceVersion != d.ResourceVersion:
		Status(w, http.StatusConflict, metav1.StatusReasonConflict, fmt.Sprintf("Operation cannot be fulfilled on deployments.apps %q: the object has been modified; please apply your changes to the latest version and try again", d.Name))
		return
	}
	c.keep(&changed)
	write(w, http.StatusOK, changed)
}
