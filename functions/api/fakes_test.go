package api_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	sfntypes "github.com/aws/aws-sdk-go-v2/service/sfn/types"
	"github.com/aws/smithy-go"

	"github.com/mayfly-dev/mayfly/activity"
)

// machines is a Step Functions that starts nothing and remembers all.
type machines struct {
	mu     sync.Mutex
	status map[string]sfntypes.ExecutionStatus
	inputs map[string]string
	// order is the ARNs in the order of their start.
	order []string
	// trace is the trace header of the last start.
	trace *string
	// alias, when set, is the only one that machines are started by.
	alias string
	// fail, when set, is what the next StartExecution answers.
	fail error
}

func newMachines() *machines {
	return &machines{status: map[string]sfntypes.ExecutionStatus{}, inputs: map[string]string{}}
}

func (m *machines) StartExecution(_ context.Context, in *sfn.StartExecutionInput, _ ...func(*sfn.Options)) (*sfn.StartExecutionOutput, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.fail; err != nil {
		m.fail = nil
		return nil, err
	}
	m.trace = in.TraceHeader
	if !json.Valid([]byte(*in.Input)) {
		return nil, &sfntypes.InvalidExecutionInput{}
	}
	machine, qualified := strings.CutSuffix(*in.StateMachineArn, ":"+m.alias)
	if m.alias != "" && !qualified {
		return nil, &sfntypes.StateMachineDoesNotExist{Message: aws.String("not by the alias: " + *in.StateMachineArn)}
	}
	arn := strings.Replace(machine, ":stateMachine:", ":execution:", 1) + ":" + *in.Name
	if status, ok := m.status[arn]; ok && (status != sfntypes.ExecutionStatusRunning || m.inputs[arn] != *in.Input) {
		return nil, &sfntypes.ExecutionAlreadyExists{Message: aws.String("Execution Already Exists: '" + arn + "'")}
	} else if !ok {
		m.status[arn], m.inputs[arn] = sfntypes.ExecutionStatusRunning, *in.Input
		m.order = append(m.order, arn)
	}
	return &sfn.StartExecutionOutput{ExecutionArn: &arn}, nil
}

func (m *machines) DescribeExecution(_ context.Context, in *sfn.DescribeExecutionInput, _ ...func(*sfn.Options)) (*sfn.DescribeExecutionOutput, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	status, ok := m.status[*in.ExecutionArn]
	if !ok {
		return nil, &sfntypes.ExecutionDoesNotExist{Message: aws.String("Execution Does Not Exist: '" + *in.ExecutionArn + "'")}
	}
	return &sfn.DescribeExecutionOutput{
		ExecutionArn: in.ExecutionArn, Status: status, Input: aws.String(m.inputs[*in.ExecutionArn]), StartDate: aws.Time(time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)),
	}, nil
}

// end ends the last execution that was started.
func (m *machines) end(status sfntypes.ExecutionStatus) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.status[m.order[len(m.order)-1]] = status
}

// forget makes as if the last start had never been: the process died before.
func (m *machines) forget() {
	m.mu.Lock()
	defer m.mu.Unlock()
	last := m.order[len(m.order)-1]
	delete(m.status, last)
	m.order = m.order[:len(m.order)-1]
}

// started returns the names of all executions, in their order.
func (m *machines) started() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	names := make([]string, len(m.order))
	for i, arn := range m.order {
		names[i] = arn[strings.LastIndex(arn, ":")+1:]
	}
	return names
}

// lastInput returns what the last execution was started with.
func (m *machines) lastInput() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.inputs[m.order[len(m.order)-1]]
}

// objects is an S3 with uploads and, for one bucket, versions in pages of two.
type objects struct {
	uploads  map[string]bool
	contents map[string]string
	versions []s3types.ObjectVersion
	markers  []s3types.DeleteMarkerEntry
	pages    int
}

func (o *objects) GetObject(_ context.Context, in *s3.GetObjectInput, _ ...func(*s3.Options)) (*s3.GetObjectOutput, error) {
	content, ok := o.contents[*in.Key]
	if !ok {
		return nil, &s3types.NoSuchKey{}
	}
	return &s3.GetObjectOutput{Body: io.NopCloser(strings.NewReader(content))}, nil
}

func (o *objects) HeadObject(_ context.Context, in *s3.HeadObjectInput, _ ...func(*s3.Options)) (*s3.HeadObjectOutput, error) {
	if !o.uploads[*in.Key] {
		return nil, &smithy.GenericAPIError{Code: "NotFound", Message: "Not Found"}
	}
	return &s3.HeadObjectOutput{}, nil
}

func (o *objects) ListObjectVersions(_ context.Context, in *s3.ListObjectVersionsInput, _ ...func(*s3.Options)) (*s3.ListObjectVersionsOutput, error) {
	o.pages++
	at := 0
	switch {
	case in.KeyMarker != nil && in.VersionIdMarker == nil:
		for at < len(o.versions) && *o.versions[at].Key <= *in.KeyMarker {
			at++
		}
	case in.KeyMarker != nil:
		for at < len(o.versions) && (*o.versions[at].Key != *in.KeyMarker || *o.versions[at].VersionId != *in.VersionIdMarker) {
			at++
		}
		at++
	}
	out := &s3.ListObjectVersionsOutput{IsTruncated: aws.Bool(false)}
	if in.KeyMarker == nil {
		out.DeleteMarkers = o.markers
	}
	for ; at < len(o.versions); at++ {
		if v := o.versions[at]; strings.HasPrefix(*v.Key, aws.ToString(in.Prefix)) {
			out.Versions = append(out.Versions, v)
			if len(out.Versions) == 2 && at+1 < len(o.versions) {
				out.IsTruncated, out.NextKeyMarker, out.NextVersionIdMarker = aws.Bool(true), v.Key, v.VersionId
				break
			}
		}
	}
	return out, nil
}

// clock is a time that stands still until it is moved.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) move(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

type brokenPresigner struct{}

func (brokenPresigner) PresignPutObject(context.Context, *s3.PutObjectInput, ...func(*s3.PresignOptions)) (*v4.PresignedHTTPRequest, error) {
	return nil, errors.New("no credentials")
}

// used is what is known of the use of whatever is asked about.
type used struct {
	usage activity.Usage
	last  activity.Activity
	asked []activity.Subject
	// metered is what is counted of each sandbox by its name, and meteredOf how
	// many were asked about.
	metered   map[string]activity.Metered
	meteredOf int
}

func (u *used) Meter(_ context.Context, subjects []activity.Subject, start, end time.Time) []activity.Metered {
	all := make([]activity.Metered, len(subjects))
	for i, s := range subjects {
		all[i] = u.metered[s.Ref.Name]
		all[i].Stored = make([]*uint64, int(end.Sub(start)/(24*time.Hour))+1)
	}
	u.meteredOf += len(subjects)
	return all
}

func (u *used) Read(_ context.Context, subjects []activity.Subject, since time.Time) []activity.Activity {
	u.asked = append(u.asked, subjects...)
	all := make([]activity.Activity, len(subjects))
	for i, subject := range subjects {
		all[i] = u.last
		if all[i].Since = since; u.last.Last.Kind == "" {
			all[i].Last = subject.Known
		}
	}
	return all
}

func (u *used) Usage(_ context.Context, _ activity.Subject, days int) activity.Usage {
	usage := u.usage
	if usage.Days == nil {
		usage.Days = make([]activity.Day, days)
	}
	return usage
}
