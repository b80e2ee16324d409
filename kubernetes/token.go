package kubernetes

import (
	"context"
	"encoding/base64"
	"fmt"

	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

const (
	// tokenPrefix is how EKS knows its tokens.
	tokenPrefix = "k8s-aws-v1."
	// clusterHeader is signed, so that a token is good for one cluster alone.
	clusterHeader = "x-k8s-aws-id"
	// tokenSeconds is how long the signed question is said to be good for. EKS
	// demands at most 60; STS answers it for 15 minutes whatever it says.
	tokenSeconds = "60"
)

// Presigner signs the question who its caller is.
type Presigner interface {
	PresignGetCallerIdentity(context.Context, *sts.GetCallerIdentityInput, ...func(*sts.PresignOptions)) (*v4.PresignedHTTPRequest, error)
}

// token returns what a cluster knows its caller by: a GetCallerIdentity that
// the caller signed and the cluster sends. It is a secret: who has it is the
// caller, to this cluster.
func token(ctx context.Context, presigner Presigner, cluster string) (string, error) {
	signed, err := presigner.PresignGetCallerIdentity(ctx, &sts.GetCallerIdentityInput{}, func(o *sts.PresignOptions) {
		o.ClientOptions = append(o.ClientOptions, func(o *sts.Options) {
			o.APIOptions = append(o.APIOptions, smithyhttp.SetHeaderValue(clusterHeader, cluster), smithyhttp.SetHeaderValue("X-Amz-Expires", tokenSeconds))
		})
	})
	if err != nil {
		return "", fmt.Errorf("sign a token for cluster %s: %w", cluster, err)
	}
	return tokenPrefix + base64.RawURLEncoding.EncodeToString([]byte(signed.URL)), nil
}
