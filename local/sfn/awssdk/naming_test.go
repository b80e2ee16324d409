package awssdk

import (
	"reflect"
	"testing"
)

func TestMembersAreCalledAsTheSDKForJavaCallsThem(t *testing.T) {
	for field, want := range map[string]string{
		"Bucket": "Bucket", "ETag": "ETag", "Id": "Id", "SSEKMSKeyId": "SsekmsKeyId", "SSECustomerKeyMD5": "SseCustomerKeyMD5",
		"ContentMD5": "ContentMD5", "ACL": "Acl", "CORSRules": "CorsRules", "MFADelete": "MfaDelete", "ARN": "Arn",
		"MinTTL": "MinTTL", "WebACLId": "WebACLId", "IsIPV6Enabled": "IsIPV6Enabled", "SSLSupportMethod": "SslSupportMethod",
		"ACMCertificateArn": "AcmCertificateArn", "HTTPPort": "HttpPort", "HTTPSPort": "HttpsPort", "DNSName": "DnsName",
		"BOOL": "Bool", "NULL": "Nul", "SS": "Ss", "S": "S", "StateMachineArn": "StateMachineArn", "S3OriginConfig": "S3OriginConfig",
	} {
		if got := asJava.member(field); got != want {
			t.Errorf("%s is called %s, want %s", field, got, want)
		}
		if got := asAPI.member(field); got != field {
			t.Errorf("%s of the API is called %s", field, got)
		}
	}
}

// Every member of every operation of every linked service must be told from its
// neighbours by what it is called.
func TestNoTwoMembersAreCalledTheSame(t *testing.T) {
	seen := map[reflect.Type]bool{}
	var visit func(reflect.Type)
	visit = func(of reflect.Type) {
		switch of.Kind() {
		case reflect.Pointer, reflect.Slice, reflect.Map:
			visit(of.Elem())
			return
		case reflect.Interface:
			for _, variant := range unions[of] {
				visit(variant)
			}
			return
		case reflect.Struct:
		default:
			return
		}
		if seen[of] || of == timeType {
			return
		}
		seen[of] = true
		names := map[string]string{}
		for i := range of.NumField() {
			field := of.Field(i)
			if !isMember(field) {
				continue
			}
			name := asJava.member(field.Name)
			if other, taken := names[name]; taken {
				t.Errorf("%s: %s and %s are both called %s", of, other, field.Name, name)
			}
			names[name] = field.Name
			visit(field.Type)
		}
	}
	operations := map[string]int{}
	for name, s := range services {
		for i := range s.client.NumMethod() {
			method := s.client.Method(i)
			if !isOperation(method) {
				continue
			}
			operations[name]++
			visit(method.Type.In(2))
			visit(method.Type.Out(0))
		}
	}
	for name, least := range map[string]int{"s3": 100, "cloudfront": 160, "cloudwatch": 45, "dynamodb": 50, "lambda": 60, "sfn": 37, "sts": 8, "ecr": 40, "ecrpublic": 20, "eventbridge": 50, "sqs": 20} {
		if operations[name] < least {
			t.Errorf("%s has %d operations", name, operations[name])
		}
	}
	t.Logf("%d types, operations %v", len(seen), operations)
}

func TestExceptionsAreCalledAsTheSDKForJavaCallsThem(t *testing.T) {
	for _, c := range []struct{ service, code, want string }{
		{"s3", "NoSuchKey", "NoSuchKeyException"},
		{"s3", "BucketAlreadyExists", "BucketAlreadyExistsException"},
		{"s3", "ObjectNotInActiveTierError", "ObjectNotInActiveTierErrorException"},
		{"s3", "MalformedXML", "S3Exception"},
		{"cloudfront", "NoSuchDistribution", "NoSuchDistributionException"},
		{"cloudfront", "CNAMEAlreadyExists", "CnameAlreadyExistsException"},
		{"cloudfront", "InvalidTTLOrder", "InvalidTtlOrderException"},
		{"cloudfront", "InvalidWebACLId", "InvalidWebAclIdException"},
		{"cloudfront", "InvalidHeadersForS3Origin", "InvalidHeadersForS3OriginException"},
		{"cloudfront", "TooManyDistributionCNAMEs", "TooManyDistributionCnamEsException"},
		{"cloudfront", "Throttling", "CloudFrontException"},
		{"dynamodb", "ConditionalCheckFailedException", "ConditionalCheckFailedException"},
		{"dynamodb", "ValidationException", "DynamoDbException"},
		{"lambda", "EC2AccessDeniedException", "Ec2AccessDeniedException"},
		{"lambda", "ENILimitReachedException", "EniLimitReachedException"},
		{"lambda", "ServiceException", "ServiceException"},
		{"sfn", "StateMachineDoesNotExist", "StateMachineDoesNotExistException"},
		{"sts", "IDPRejectedClaim", "IdpRejectedClaimException"},
		{"sts", "InvalidClientTokenId", "StsException"},
	} {
		if got := exception(c.service, c.code); got != c.want {
			t.Errorf("%s %s is %s, want %s", c.service, c.code, got, c.want)
		}
	}
}
