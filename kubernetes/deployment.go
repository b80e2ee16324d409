package kubernetes

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	"k8s.io/apimachinery/pkg/types"
)

// Deployment names a Deployment of a cluster, and the container in it that
// images are for.
type Deployment struct {
	Namespace string
	Name      string
	// Container may be empty when there is no other.
	Container string
}

func (d Deployment) String() string { return d.Namespace + "/" + d.Name }

// State is a Deployment as it was read: what runs, and how far it is.
type State struct {
	of      Deployment
	cluster string
	read    *appsv1.Deployment
	// container is the index of the container that images are for.
	container int
}

// Get reads a Deployment. It returns a *Refusal when there is no such
// Deployment, or not the container in it, or when the cluster does not let
// itself be asked.
func (c *Cluster) Get(ctx context.Context, of Deployment) (*State, error) {
	var read appsv1.Deployment
	err := c.apps.Get().MaxRetries(0).Namespace(of.Namespace).Resource("deployments").Name(of.Name).Do(ctx).Into(&read)
	if err != nil {
		return nil, c.refusal("reading", of, err)
	}
	return c.state(of, &read)
}

// patch changes a Deployment unless it was changed since it was read; then it
// returns a *Refusal named Conflict.
func (c *Cluster) patch(ctx context.Context, s *State, p patch) (*State, error) {
	p.Metadata.ResourceVersion = s.read.ResourceVersion
	body, err := json.Marshal(p)
	if err != nil {
		return nil, fmt.Errorf("write a patch of deployment %s: %w", s.of, err)
	}
	var changed appsv1.Deployment
	err = c.apps.Patch(types.StrategicMergePatchType).MaxRetries(0).Namespace(s.of.Namespace).Resource("deployments").Name(s.of.Name).
		Param("fieldManager", "mayfly").Body(body).Do(ctx).Into(&changed)
	if err != nil {
		return nil, c.refusal("changing", s.of, err)
	}
	return c.state(s.of, &changed)
}

// state finds the container, and refuses an answer that names things as they
// can't be named: what is read here goes into records.
func (c *Cluster) state(of Deployment, read *appsv1.Deployment) (*State, error) {
	s := &State{of: of, cluster: c.name, read: read, container: -1}
	containers := read.Spec.Template.Spec.Containers
	names := make([]string, len(containers))
	for i, one := range containers {
		names[i] = one.Name
		if one.Name == of.Container || of.Container == "" && len(containers) == 1 {
			s.container = i
		}
	}
	known := clean(strings.Join(names, ", "))
	switch {
	case s.container < 0 && of.Container == "":
		return nil, s.refuse(ContainerNotFound, "it has the containers "+known+"; say which one the images are for")
	case s.container < 0:
		return nil, s.refuse(ContainerNotFound, "it has the containers "+known+", and none named "+of.Container)
	}
	for _, name := range []string{s.Container(), s.Image(), s.Before(), s.Release(), s.Revision()} {
		if clean(name) != name {
			return nil, s.refuse(ClusterRefused, "it has a name or an annotation that is too long, or no text")
		}
	}
	return s, nil
}

func (s *State) refuse(name, text string) error {
	return &Refusal{Name: name, Cluster: s.cluster, Of: s.of.String(), Text: text}
}

// Container returns the name of the container that images are for.
func (s *State) Container() string { return s.read.Spec.Template.Spec.Containers[s.container].Name }

// Image returns what the container is to run.
func (s *State) Image() string { return s.read.Spec.Template.Spec.Containers[s.container].Image }

// Release returns the release that the Deployment is at by its annotation; ""
// for none of Mayfly's.
func (s *State) Release() string { return s.read.Annotations[annotationRelease] }

// Before returns the image that ran before the release that the Deployment is
// at.
func (s *State) Before() string { return s.read.Annotations[annotationBefore] }

// Generation returns which change of its spec this is.
func (s *State) Generation() int64 { return s.read.Generation }

// Revision returns the revision that `kubectl rollout history` shows, which the
// cluster counts after a change; "" as long as it has not.
func (s *State) Revision() string { return s.read.Annotations[annotationRevision] }

// patch is a strategic merge patch of a Deployment: containers are merged by
// their names, and an annotation that is null goes.
type patch struct {
	Metadata struct {
		ResourceVersion string             `json:"resourceVersion"`
		Annotations     map[string]*string `json:"annotations"`
	} `json:"metadata"`
	Spec struct {
		Template struct {
			Spec struct {
				Containers []containerPatch `json:"containers"`
			} `json:"spec"`
		} `json:"template"`
	} `json:"spec"`
}

type containerPatch struct {
	Name  string `json:"name"`
	Image string `json:"image"`
}

func newPatch(container, image string, annotations map[string]*string) patch {
	var p patch
	p.Metadata.Annotations = annotations
	p.Spec.Template.Spec.Containers = []containerPatch{{container, image}}
	return p
}
