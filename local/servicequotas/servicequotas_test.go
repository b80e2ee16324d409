package servicequotas_test

import (
	"errors"
	"net/http/httptest"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	sdk "github.com/aws/aws-sdk-go-v2/service/servicequotas"
	"github.com/aws/aws-sdk-go-v2/service/servicequotas/types"
	"go.uber.org/goleak"

	"github.com/mayfly-dev/mayfly/awserr"
	"github.com/mayfly-dev/mayfly/local/servicequotas"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestARealClientReadsQuotas(t *testing.T) {
	server := httptest.NewServer(servicequotas.New(servicequotas.Options{
		Region: "us-east-1", Account: "000000000000", NewID: func() string { return "id" },
		Quotas: []servicequotas.Quota{
			{Service: "cloudfront", Code: "L-24B04930", Name: "Web distributions per AWS account", Value: 500, Global: true},
			{Service: "ecr", Code: "L-CFEB8E8D", Name: "Registered repositories", Value: 100000},
		},
	}))
	defer server.Close()
	client := sdk.New(sdk.Options{
		Region: "us-east-1", BaseEndpoint: &server.URL, HTTPClient: server.Client(), Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""), RetryMaxAttempts: 1,
	})
	defer server.Client().CloseIdleConnections()
	got, err := client.GetServiceQuota(t.Context(), &sdk.GetServiceQuotaInput{ServiceCode: aws.String("cloudfront"), QuotaCode: aws.String("L-24B04930")})
	if err != nil || *got.Quota.Value != 500 || !got.Quota.GlobalQuota || *got.Quota.QuotaArn != "arn:aws:servicequotas::000000000000:cloudfront/L-24B04930" {
		t.Fatalf("%+v, %v", got, err)
	}
	usual, err := client.GetAWSDefaultServiceQuota(t.Context(), &sdk.GetAWSDefaultServiceQuotaInput{ServiceCode: aws.String("ecr"), QuotaCode: aws.String("L-CFEB8E8D")})
	if err != nil || *usual.Quota.Value != 100000 {
		t.Fatalf("%+v, %v", usual, err)
	}
	all, err := client.ListServiceQuotas(t.Context(), &sdk.ListServiceQuotasInput{ServiceCode: aws.String("ecr")})
	if err != nil || len(all.Quotas) != 1 {
		t.Fatalf("%+v, %v", all, err)
	}
	_, err = client.GetServiceQuota(t.Context(), &sdk.GetServiceQuotaInput{ServiceCode: aws.String("ecr"), QuotaCode: aws.String("L-0")})
	var missing *types.NoSuchResourceException
	if !errors.As(err, &missing) {
		t.Errorf("an unknown quota: %v", err)
	}
	if _, err = client.ListServiceQuotas(t.Context(), &sdk.ListServiceQuotasInput{ServiceCode: aws.String("moon")}); !errors.As(err, &missing) {
		t.Errorf("an unknown service: %v", err)
	}
	_, err = client.RequestServiceQuotaIncrease(t.Context(), &sdk.RequestServiceQuotaIncreaseInput{ServiceCode: aws.String("ecr"), QuotaCode: aws.String("L-CFEB8E8D"), DesiredValue: aws.Float64(1)})
	if awserr.Name(err) != "UnknownOperationException" {
		t.Errorf("asking for more: %v", err)
	}
}
