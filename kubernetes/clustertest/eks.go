package clustertest

import (
	"context"
	"net/http"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/eks"
	"github.com/aws/aws-sdk-go-v2/service/eks/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// EKS tells of one cluster. Its zero value knows none.
type EKS struct {
	// Clusters are what is told, by name.
	Clusters map[string]*types.Cluster
	// Err, when there is one, is the answer to everything.
	Err error
}

// EKS returns an EKS that tells of c under its name.
func (c *Cluster) EKS() *EKS {
	return &EKS{Clusters: map[string]*types.Cluster{Name: {
		Name: aws.String(Name), Status: types.ClusterStatusActive, Endpoint: aws.String(c.Endpoint()),
		CertificateAuthority: &types.Certificate{Data: aws.String(c.Authority())},
	}}}
}

// DescribeCluster answers as EKS does.
func (e *EKS) DescribeCluster(_ context.Context, in *eks.DescribeClusterInput, _ ...func(*eks.Options)) (*eks.DescribeClusterOutput, error) {
	if e.Err != nil {
		return nil, e.Err
	}
	found, ok := e.Clusters[aws.ToString(in.Name)]
	if !ok {
		return nil, &types.ResourceNotFoundException{Message: aws.String("No cluster found for name: " + aws.ToString(in.Name) + ".")}
	}
	return &eks.DescribeClusterOutput{Cluster: found}, nil
}

// Presigner signs tokens with keys of a test's own.
func Presigner() *sts.PresignClient {
	return sts.NewPresignClient(sts.New(sts.Options{
		Region: "eu-west-1", Credentials: credentials.NewStaticCredentialsProvider("AKIDTEST", "secret", "session"),
	}))
}

// ServeHTTP answers real clients of EKS.
func (e *EKS) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	name, ok := strings.CutPrefix(r.URL.Path, "/clusters/")
	found := e.Clusters[name]
	if r.Method != http.MethodGet || !ok || found == nil {
		w.Header().Set("X-Amzn-Errortype", "ResourceNotFoundException")
		write(w, http.StatusNotFound, map[string]any{"message": "No cluster found for name: " + name + "."})
		return
	}
	write(w, http.StatusOK, map[string]any{"cluster": map[string]any{
		"name": found.Name, "status": found.Status, "endpoint": found.Endpoint, "certificateAuthority": map[string]any{"data": found.CertificateAuthority.Data},
	}})
}
