package main

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/spf13/cobra"

	"github.com/mayfly-dev/mayfly/cmd/mayfly/internal/dockerauth"
)

// defaultAWS is where `mayfly local` has the AWS services.
const defaultAWS = "http://127.0.0.1:4566"

// onAWS is --aws-url for AWS itself.
const onAWS = "aws"

func (a *app) loginCommand() *cobra.Command {
	var awsURL string
	var show bool
	cmd := &cobra.Command{
		Use:   "login",
		Short: "Log in container clients to the registry",
		Long: `Log in docker, podman, buildah and skopeo to the registry for 12 hours, in one step. It does what these do, and tells podman,
buildah and skopeo that the registry on this machine needs no TLS:

  aws ecr get-login-password | docker login --username AWS --password-stdin localhost:4566

Whose login it is, is up to the AWS credentials in the environment; on one machine, none are needed.`,
		Args: exactArgs(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			token, err := a.authorization(cmd.Context(), awsURL)
			if err != nil {
				return fmt.Errorf("login: %w", err)
			}
			if show {
				a.printf("%s\n", token.Password)
				return nil
			}
			return a.keepLogin(token)
		},
	}
	cmd.Flags().StringVar(&awsURL, "aws-url", "", "address of the AWS services (default $AWS_ENDPOINT_URL, else "+defaultAWS+"), or \"aws\"")
	cmd.Flags().BoolVar(&show, "print", false, "print the password and keep nothing, to pipe it into: docker login --username AWS --password-stdin REGISTRY")
	return cmd
}

// authorized is a login, until when it is good, and whether its registry speaks
// plain HTTP.
type authorized struct {
	dockerauth.Login
	expires time.Time
	plain   bool
}

// authorization asks ECR for a login.
func (a *app) authorization(ctx context.Context, endpoint string) (authorized, error) {
	cfg, endpoint, err := a.awsConfig(ctx, endpoint)
	if err != nil {
		return authorized{}, err
	}
	out, err := ecr.NewFromConfig(cfg).GetAuthorizationToken(ctx, &ecr.GetAuthorizationTokenInput{})
	var unreachable *net.OpError
	if errors.As(err, &unreachable) && endpoint != onAWS {
		return authorized{}, advise(fmt.Errorf("the AWS services at %s can't be reached: %w", endpoint, unreachable), "Start them with: mayfly local   (or say where they are: --aws-url, AWS_ENDPOINT_URL)")
	}
	if err != nil {
		return authorized{}, err
	}
	if len(out.AuthorizationData) == 0 {
		return authorized{}, errors.New("ECR answered without a login")
	}
	data := out.AuthorizationData[0]
	decoded, err := base64.StdEncoding.DecodeString(aws.ToString(data.AuthorizationToken))
	user, password, ok := strings.Cut(string(decoded), ":")
	at, malformed := url.Parse(aws.ToString(data.ProxyEndpoint))
	if err != nil || !ok || malformed != nil || at.Host == "" {
		return authorized{}, errors.New("ECR's answer can't be read")
	}
	return authorized{dockerauth.Login{Registry: at.Host, User: user, Password: password}, aws.ToTime(data.ExpiresAt), at.Scheme == "http"}, nil
}

// awsConfig is how to talk to the AWS services, and where they are.
func (a *app) awsConfig(ctx context.Context, endpoint string) (aws.Config, string, error) {
	for _, from := range []string{"AWS_ENDPOINT_URL_ECR", "AWS_ENDPOINT_URL"} {
		if endpoint == "" {
			endpoint = a.getenv(from)
		}
	}
	if endpoint == onAWS {
		cfg, err := config.LoadDefaultConfig(ctx)
		return cfg, endpoint, err
	}
	if endpoint == "" {
		endpoint = defaultAWS
	}
	if parsed, err := url.Parse(endpoint); err != nil || parsed.Scheme != "http" && parsed.Scheme != "https" || parsed.Host == "" {
		return aws.Config{}, "", &usageError{message: fmt.Sprintf("the AWS services' address %q must be like %s, or %q (AWS_ENDPOINT_URL, --aws-url)", endpoint, defaultAWS, onAWS)}
	}
	region := a.getenv("AWS_REGION")
	if region == "" {
		region = "us-east-1"
	}
	key, secret := a.getenv("AWS_ACCESS_KEY_ID"), a.getenv("AWS_SECRET_ACCESS_KEY")
	if key == "" || secret == "" {
		key, secret = "test", "test" // any will do on one machine
	}
	return aws.Config{
		Region: region, BaseEndpoint: &endpoint, RetryMaxAttempts: 1,
		Credentials: credentials.NewStaticCredentialsProvider(key, secret, a.getenv("AWS_SESSION_TOKEN")),
	}, endpoint, nil
}

// keepLogin keeps a login for the person's clients, and says where.
func (a *app) keepLogin(token authorized) error {
	home := a.getenv("HOME")
	if home == "" {
		var err error
		if home, err = os.UserHomeDir(); err != nil {
			return fmt.Errorf("login: %w", err)
		}
	}
	places := dockerauth.Find(a.getenv, home)
	kept, err := places.Keep(token.Login)
	if err != nil {
		return fmt.Errorf("login: %w", err)
	}
	if token.plain {
		file, err := places.SpeakHTTP(token.Registry)
		if err != nil {
			return fmt.Errorf("login: tell podman, buildah and skopeo of the registry: %w", err)
		}
		kept = append(kept, file)
	}
	if a.json() {
		return a.printValue(struct {
			Registry  string    `json:"registry"`
			ExpiresAt time.Time `json:"expiresAt"`
			Files     []string  `json:"files"`
		}{token.Registry, token.expires.UTC(), kept})
	}
	a.printf("Logged in to %s for %.0f hours\n", token.Registry, token.expires.Sub(a.now()).Hours())
	for _, file := range kept {
		a.printf("  %s\n", file)
	}
	return nil
}
