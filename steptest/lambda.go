package steptest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
)

// Lambda is a Lambda with the one function docs, of package type Image.
type Lambda struct {
	Faults

	// Outcome, when set, ends each update once it was looked at: how, and why.
	Outcome func(image string) (types.LastUpdateStatus, string)

	mu     sync.Mutex
	looked bool
	// Image is the URI of the code, and Config what else there is to know.
	Image  string
	Config types.FunctionConfiguration
	// Versions are the digests of the code of each published version, and
	// Pending whether a new one is not ready yet.
	Versions []string
	Pending  bool
	// Gone are versions that were deleted.
	Gone map[string]bool
	// Alias is where the alias live points, and Weights what share of calls goes
	// elsewhere; nil when there is no alias.
	Alias    *string
	Weights  map[string]float64
	revision int
}

// NewLambda returns a Lambda whose function runs an image and is ready.
func NewLambda(image string) *Lambda {
	f := &Lambda{Gone: map[string]bool{}}
	f.Config = types.FunctionConfiguration{FunctionName: aws.String("docs"), PackageType: types.PackageTypeImage, State: types.StateActive}
	f.take(image)
	f.Config.LastUpdateStatus = types.LastUpdateStatusSuccessful
	return f
}

func (f *Lambda) take(image string) {
	sum := sha256.Sum256([]byte(image))
	f.Image, f.Config.CodeSha256 = image, aws.String(hex.EncodeToString(sum[:]))
	f.Config.LastUpdateStatus, f.looked = types.LastUpdateStatusInProgress, false
}

// End lets the update that is in progress end.
func (f *Lambda) End(status types.LastUpdateStatus, reason string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.Config.LastUpdateStatus, f.Config.LastUpdateStatusReason = status, &reason
}

func (f *Lambda) missing(name *string) error {
	if aws.ToString(name) == "docs" {
		return nil
	}
	return &types.ResourceNotFoundException{Message: aws.String("Function not found: " + aws.ToString(name))}
}

func (f *Lambda) updating() error {
	if f.Config.LastUpdateStatus != types.LastUpdateStatusInProgress {
		return nil
	}
	return &types.ResourceConflictException{Message: aws.String("The operation cannot be performed at this time. An update is in progress for resource: docs")}
}

// GetFunction tells of the function and where its code is from.
func (f *Lambda) GetFunction(_ context.Context, in *lambda.GetFunctionInput, _ ...func(*lambda.Options)) (*lambda.GetFunctionOutput, error) {
	return call(&f.Faults, "GetFunction", func() (*lambda.GetFunctionOutput, error) {
		f.mu.Lock()
		defer f.mu.Unlock()
		if err := f.missing(in.FunctionName); err != nil {
			return nil, err
		}
		config := f.Config
		return &lambda.GetFunctionOutput{Configuration: &config, Code: &types.FunctionCodeLocation{ImageUri: aws.String(f.Image)}}, nil
	})
}

// UpdateFunctionCode takes another image, unless an update is in progress.
func (f *Lambda) UpdateFunctionCode(_ context.Context, in *lambda.UpdateFunctionCodeInput, _ ...func(*lambda.Options)) (*lambda.UpdateFunctionCodeOutput, error) {
	return call(&f.Faults, "UpdateFunctionCode", func() (*lambda.UpdateFunctionCodeOutput, error) {
		f.mu.Lock()
		defer f.mu.Unlock()
		if err := f.missing(in.FunctionName); err != nil {
			return nil, err
		}
		if err := f.updating(); err != nil {
			return nil, err
		}
		f.take(*in.ImageUri)
		return &lambda.UpdateFunctionCodeOutput{CodeSha256: f.Config.CodeSha256, LastUpdateStatus: f.Config.LastUpdateStatus}, nil
	})
}

// GetFunctionConfiguration tells how the function is, or one of its versions.
func (f *Lambda) GetFunctionConfiguration(_ context.Context, in *lambda.GetFunctionConfigurationInput, _ ...func(*lambda.Options)) (*lambda.GetFunctionConfigurationOutput, error) {
	return call(&f.Faults, "GetFunctionConfiguration", func() (*lambda.GetFunctionConfigurationOutput, error) {
		f.mu.Lock()
		defer f.mu.Unlock()
		if f.Outcome != nil && f.looked && f.Config.LastUpdateStatus == types.LastUpdateStatusInProgress {
			status, reason := f.Outcome(f.Image)
			f.Config.LastUpdateStatus, f.Config.LastUpdateStatusReason = status, &reason
		}
		f.looked = true
		out := &lambda.GetFunctionConfigurationOutput{
			CodeSha256: f.Config.CodeSha256, State: f.Config.State, StateReason: f.Config.StateReason, StateReasonCode: f.Config.StateReasonCode,
			LastUpdateStatus: f.Config.LastUpdateStatus, LastUpdateStatusReason: f.Config.LastUpdateStatusReason, LastUpdateStatusReasonCode: f.Config.LastUpdateStatusReasonCode,
		}
		if version := aws.ToString(in.Qualifier); version != "" {
			var n int
			if _, err := fmt.Sscan(version, &n); err != nil || n > len(f.Versions) || f.Gone[version] {
				return nil, &types.ResourceNotFoundException{Message: aws.String("Function not found: docs:" + version)}
			}
			out.CodeSha256, out.LastUpdateStatus = &f.Versions[n-1], types.LastUpdateStatusSuccessful
			if f.Pending {
				out.State = types.StatePending
			}
		}
		return out, f.missing(in.FunctionName)
	})
}

// PublishVersion publishes the code, unless it is another than is asked for or
// nothing has changed since the last version.
func (f *Lambda) PublishVersion(_ context.Context, in *lambda.PublishVersionInput, _ ...func(*lambda.Options)) (*lambda.PublishVersionOutput, error) {
	return call(&f.Faults, "PublishVersion", func() (*lambda.PublishVersionOutput, error) {
		f.mu.Lock()
		defer f.mu.Unlock()
		if err := f.updating(); err != nil {
			return nil, err
		}
		code := aws.ToString(f.Config.CodeSha256)
		if asked := aws.ToString(in.CodeSha256); asked != "" && asked != code {
			return nil, &types.InvalidParameterValueException{Message: aws.String("CodeSHA256 (" + asked + ") is different from current CodeSHA256 in $LATEST (" + code + ")")}
		}
		if n := len(f.Versions); n == 0 || f.Versions[n-1] != code {
			f.Versions = append(f.Versions, code)
		}
		return &lambda.PublishVersionOutput{Version: aws.String(fmt.Sprint(len(f.Versions))), CodeSha256: &code}, nil
	})
}

// GetAlias tells where the alias points.
func (f *Lambda) GetAlias(_ context.Context, in *lambda.GetAliasInput, _ ...func(*lambda.Options)) (*lambda.GetAliasOutput, error) {
	return call(&f.Faults, "GetAlias", func() (*lambda.GetAliasOutput, error) {
		f.mu.Lock()
		defer f.mu.Unlock()
		if f.Alias == nil {
			return nil, &types.ResourceNotFoundException{Message: aws.String("Cannot find alias arn: docs:" + *in.Name)}
		}
		return &lambda.GetAliasOutput{
			FunctionVersion: aws.String(*f.Alias), RevisionId: aws.String(fmt.Sprint(f.revision)), RoutingConfig: &types.AliasRoutingConfiguration{AdditionalVersionWeights: f.Weights},
		}, nil
	})
}

// CreateAlias makes the alias, unless it is there.
func (f *Lambda) CreateAlias(_ context.Context, in *lambda.CreateAliasInput, _ ...func(*lambda.Options)) (*lambda.CreateAliasOutput, error) {
	return call(&f.Faults, "CreateAlias", func() (*lambda.CreateAliasOutput, error) {
		f.mu.Lock()
		defer f.mu.Unlock()
		if f.Alias != nil {
			return nil, &types.ResourceConflictException{Message: aws.String("Alias already exists: docs:" + *in.Name)}
		}
		f.Alias = aws.String(*in.FunctionVersion)
		f.revision++
		return &lambda.CreateAliasOutput{FunctionVersion: in.FunctionVersion}, nil
	})
}

// UpdateAlias moves the alias, unless it was changed since it was looked at.
func (f *Lambda) UpdateAlias(_ context.Context, in *lambda.UpdateAliasInput, _ ...func(*lambda.Options)) (*lambda.UpdateAliasOutput, error) {
	return call(&f.Faults, "UpdateAlias", func() (*lambda.UpdateAliasOutput, error) {
		f.mu.Lock()
		defer f.mu.Unlock()
		if revision := aws.ToString(in.RevisionId); revision != fmt.Sprint(f.revision) {
			return nil, &types.PreconditionFailedException{Message: aws.String("The Revision Id provided does not match the latest Revision Id. Call the GetFunction/GetAlias API to retrieve the latest Revision Id")}
		}
		f.Alias, f.Weights = aws.String(*in.FunctionVersion), in.RoutingConfig.AdditionalVersionWeights
		f.revision++
		return &lambda.UpdateAliasOutput{FunctionVersion: in.FunctionVersion}, nil
	})
}
