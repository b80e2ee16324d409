package kubernetes

import (
	"context"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eks"
	"github.com/aws/aws-sdk-go-v2/service/eks/types"
	appsv1 "k8s.io/api/apps/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/client-go/rest"

	"github.com/mayfly-dev/mayfly/awserr"
)

// EKS is what this package needs of EKS.
type EKS interface {
	DescribeCluster(context.Context, *eks.DescribeClusterInput, ...func(*eks.Options)) (*eks.DescribeClusterOutput, error)
}

// Clusters are the clusters of an account and region, as one caller sees them.
type Clusters struct {
	eks       EKS
	presigner Presigner
}

// NewClusters returns the clusters that a caller of EKS and STS can reach.
func NewClusters(eks EKS, presigner Presigner) *Clusters {
	return &Clusters{eks: eks, presigner: presigner}
}

// Cluster is a connection to the API of one cluster. It is to be closed.
type Cluster struct {
	name  string
	token string
	http  *http.Client
	apps  rest.Interface
}

// Connect asks EKS where a cluster is, and makes a token for it. Nothing is
// sent to the cluster yet. The token is good for a few minutes: each run of a
// step connects anew. It returns a *Refusal when there is no such cluster, or
// none that answers, and the errors of EKS.
func (c *Clusters) Connect(ctx context.Context, name string) (*Cluster, error) {
	out, err := c.eks.DescribeCluster(ctx, &eks.DescribeClusterInput{Name: &name})
	if awserr.Is(err, "ResourceNotFoundException") {
		return nil, &Refusal{Name: ClusterNotFound, Cluster: name, Text: "EKS has no such cluster in this account and region"}
	}
	if err != nil {
		return nil, fmt.Errorf("describe cluster %s: %w", name, err)
	}
	host, authority, err := address(out.Cluster)
	if err != nil {
		return nil, &Refusal{Name: ClusterNotActive, Cluster: name, Text: err.Error()}
	}
	secret, err := token(ctx, c.presigner, name)
	if err != nil {
		return nil, err
	}
	connected := &Cluster{name: name, token: secret, http: newClient(authority, secret)}
	connected.apps, err = appsClient(host, connected.http)
	if err != nil {
		return nil, fmt.Errorf("connect to cluster %s: %w", name, err)
	}
	return connected, nil
}

// Close closes the connections that are left.
func (c *Cluster) Close() { c.http.CloseIdleConnections() }

// address returns where a cluster is and whose certificates it has.
func address(c *types.Cluster) (string, *x509.CertPool, error) {
	if c == nil || aws.ToString(c.Endpoint) == "" || c.CertificateAuthority == nil {
		status := types.ClusterStatus("unknown")
		if c != nil {
			status = c.Status
		}
		return "", nil, fmt.Errorf("it has no endpoint; EKS says that it is %s", status)
	}
	// A plain http endpoint would get the token in the clear.
	endpoint, err := url.Parse(*c.Endpoint)
	if err != nil || endpoint.Scheme != "https" || endpoint.Host == "" {
		return "", nil, errors.New("its endpoint is no https URL")
	}
	pem, err := base64.StdEncoding.DecodeString(aws.ToString(c.CertificateAuthority.Data))
	authority := x509.NewCertPool()
	if err != nil || !authority.AppendCertsFromPEM(pem) {
		return "", nil, errors.New("its certificate authority can't be read")
	}
	return endpoint.Scheme + "://" + endpoint.Host, authority, nil
}

// appsClient returns a client of the group apps/v1 alone: the clientset of all
// groups is twice as heavy as all the rest of a step.
func appsClient(host string, client *http.Client) (rest.Interface, error) {
	scheme := runtime.NewScheme()
	if err := appsv1.AddToScheme(scheme); err != nil {
		return nil, err
	}
	metav1.AddToGroupVersion(scheme, appsv1.SchemeGroupVersion)
	return rest.RESTClientForConfigAndClient(&rest.Config{
		Host: host, APIPath: "/apis", UserAgent: "mayfly",
		ContentConfig: rest.ContentConfig{
			GroupVersion:         &appsv1.SchemeGroupVersion,
			NegotiatedSerializer: serializer.NewCodecFactory(scheme).WithoutConversion(),
			ContentType:          runtime.ContentTypeJSON,
		},
		QPS:            -1, // a step makes a handful of requests
		WarningHandler: rest.NoWarnings{},
	}, client)
}
