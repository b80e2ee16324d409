package statemachine_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"github.com/mayfly-dev/mayfly/awserr"
	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/functions/applypolicy"
	"github.com/mayfly-dev/mayfly/functions/awaitdistribution"
	"github.com/mayfly-dev/mayfly/functions/awaitfunction"
	"github.com/mayfly-dev/mayfly/functions/awaitservice"
	"github.com/mayfly-dev/mayfly/functions/begindeploy"
	"github.com/mayfly-dev/mayfly/functions/beginteardown"
	"github.com/mayfly-dev/mayfly/functions/closewebsite"
	"github.com/mayfly-dev/mayfly/functions/createbucket"
	"github.com/mayfly-dev/mayfly/functions/createdistribution"
	"github.com/mayfly-dev/mayfly/functions/createoai"
	"github.com/mayfly-dev/mayfly/functions/createrepository"
	"github.com/mayfly-dev/mayfly/functions/deletebucket"
	"github.com/mayfly-dev/mayfly/functions/deletedistribution"
	"github.com/mayfly-dev/mayfly/functions/deleteoai"
	"github.com/mayfly-dev/mayfly/functions/deleterepository"
	"github.com/mayfly-dev/mayfly/functions/deletewebacl"
	"github.com/mayfly-dev/mayfly/functions/disabledistribution"
	"github.com/mayfly-dev/mayfly/functions/emptybucket"
	"github.com/mayfly-dev/mayfly/functions/enabledistribution"
	"github.com/mayfly-dev/mayfly/functions/enableversioning"
	"github.com/mayfly-dev/mayfly/functions/ensurewebacl"
	"github.com/mayfly-dev/mayfly/functions/faildeploy"
	"github.com/mayfly-dev/mayfly/functions/finishrollout"
	"github.com/mayfly-dev/mayfly/functions/forget"
	"github.com/mayfly-dev/mayfly/functions/hostwebsite"
	"github.com/mayfly-dev/mayfly/functions/movealias"
	"github.com/mayfly-dev/mayfly/functions/protectimage"
	"github.com/mayfly-dev/mayfly/functions/publishversion"
	"github.com/mayfly-dev/mayfly/functions/reconciledeploys"
	"github.com/mayfly-dev/mayfly/functions/record"
	"github.com/mayfly-dev/mayfly/functions/registertaskdefinition"
	"github.com/mayfly-dev/mayfly/functions/resolvedeploy"
	"github.com/mayfly-dev/mayfly/functions/undorollout"
	"github.com/mayfly-dev/mayfly/functions/updatedistribution"
	"github.com/mayfly-dev/mayfly/functions/updatefunctioncode"
	"github.com/mayfly-dev/mayfly/functions/updaterepository"
	"github.com/mayfly-dev/mayfly/functions/updateservice"
	"github.com/mayfly-dev/mayfly/functions/verifyimage"
	"github.com/mayfly-dev/mayfly/local/asl"
	"github.com/mayfly-dev/mayfly/sandbox"
	"github.com/mayfly-dev/mayfly/steptest"
)

const (
	uploads    = "mayfly-uploads"
	folderURLs = "arn:aws:cloudfront::000000000000:function/mayfly-folder-urls"
)

// cloud runs the real steps over stand-ins for S3, CloudFront, ECR and the
// store, in virtual time. Every task takes a second.
type cloud struct {
	t      *testing.T
	engine *asl.Engine
	store  *steptest.Store
	s3     *steptest.S3
	cdn    *steptest.CloudFront
	ecr    *steptest.ECR
	public *steptest.ECRPublic
	waf    *steptest.WAF
	// containers and lambda are what images are deployed to.
	containers *steptest.ECS
	lambda     *steptest.Lambda
	steps      map[string]func(context.Context, []byte) ([]byte, error)
	of         sandbox.Sandbox
	n          int

	parsing  sync.Mutex
	machines map[string]*asl.Machine
}

// machine returns a machine by its name, which is parsed once.
func (c *cloud) machine(name string) *asl.Machine {
	c.parsing.Lock()
	defer c.parsing.Unlock()
	if c.machines[name] == nil {
		if c.machines == nil {
			c.machines = map[string]*asl.Machine{}
		}
		c.machines[name] = bind(c.t, name)
	}
	return c.machines[name]
}

// newCloud is to be called in a bubble of synctest.
func newCloud(t *testing.T, spec func(*events.Spec)) *cloud {
	t.Helper()
	of := steptest.New(time.Now())
	spec(&of.Spec)
	of.Spec = sandbox.Defaults(of.Spec)
	c := &cloud{t: t, of: of, store: steptest.NewStore(time.Now, of), s3: steptest.NewS3("us-east-1"), cdn: steptest.NewCloudFront(time.Now, 170*time.Second)}
	c.waf = steptest.NewWAF()
	c.waf.Used, c.cdn.WAF = c.cdn.NamesWebACL, c.waf
	c.ecr, c.public = steptest.NewECR(time.Now), steptest.NewECRPublic()
	c.containers, c.lambda = steptest.NewECS("web"), steptest.NewLambda("old")
	c.s3.Buckets[uploads] = &steptest.Bucket{}
	const propagation, giveUp = 170 * time.Second, time.Hour
	ledger := c.store.Ledger()
	c.steps = map[string]func(context.Context, []byte) ([]byte, error){
		"createbucket":           step(createbucket.New(c.s3, ledger, "us-east-1").Handle),
		"enableversioning":       step(enableversioning.New(c.s3, ledger, 30).Handle),
		"createoai":              step(createoai.New(c.cdn, ledger).Handle),
		"createdistribution":     step(createdistribution.New(c.cdn, ledger, c.store, createdistribution.Options{FolderURLs: folderURLs, Propagation: propagation, Now: time.Now}).Handle),
		"createrepository":       step(createrepository.New(c.ecr, c.public, ledger, createrepository.Options{}).Handle),
		"deleterepository":       step(deleterepository.New(c.ecr, c.public, ledger).Handle),
		"applypolicy":            step(applypolicy.New(c.s3, ledger).Handle),
		"hostwebsite":            step(hostwebsite.New(c.s3, ledger, "").Handle),
		"awaitdistribution":      step(awaitdistribution.New(c.cdn, ledger, c.store, awaitdistribution.Options{Propagation: propagation, GiveUp: giveUp, Now: time.Now}).Handle),
		"record":                 step(record.New(c.store, time.Now).Handle),
		"updaterepository":       step(updaterepository.New(c.ecr, c.public, ledger, nil).Handle),
		"updatedistribution":     step(updatedistribution.New(c.cdn, ledger, c.store, updatedistribution.Options{FolderURLs: folderURLs, Propagation: propagation, Now: time.Now}).Handle),
		"beginteardown":          step(beginteardown.New(beginteardown.Services{Buckets: c.s3, Distributions: c.cdn, Repositories: c.ecr, PublicRepositories: c.public}, ledger, c.store, beginteardown.Options{Region: "us-east-1", Settle: 90 * time.Second, Now: time.Now}).Handle),
		"disabledistribution":    step(disabledistribution.New(c.cdn, ledger, c.store, disabledistribution.Options{Propagation: propagation, GiveUp: giveUp, Now: time.Now}).Handle),
		"enabledistribution":     step(enabledistribution.New(c.cdn, ledger, c.store, enabledistribution.Options{Propagation: propagation, Now: time.Now}).Handle),
		"closewebsite":           step(closewebsite.New(c.s3, ledger).Handle),
		"emptybucket":            step(emptybucket.New(c.s3, ledger, emptybucket.Options{UploadBucket: uploads, Parallel: 2, Now: time.Now}).Handle),
		"deletedistribution":     step(deletedistribution.New(c.cdn, ledger).Handle),
		"deletebucket":           step(deletebucket.New(c.s3, ledger, c.store).Handle),
		"deleteoai":              step(deleteoai.New(c.cdn, ledger).Handle),
		"ensurewebacl":           step(ensurewebacl.New(c.waf, ledger, "dev").Handle),
		"deletewebacl":           step(deletewebacl.New(c.waf, c.cdn, ledger, "dev").Handle),
		"forget":                 step(forget.New(c.store, time.Now).Handle),
		"resolvedeploy":          step(resolvedeploy.New(c.store, "", time.Now).Handle),
		"verifyimage":            step(verifyimage.New(c.ecr, c.store, time.Now).Handle),
		"begindeploy":            step(begindeploy.New(c.store, begindeploy.Machines{Release: arnOf("release"), Rollout: arnOf("rollout"), Wake: arnOf("wake")}, time.Now).Handle),
		"registertaskdefinition": step(registertaskdefinition.New(c.containers, c.store, ledger).Handle),
		"updateservice":          step(updateservice.New(c.containers, c.store, ledger).Handle),
		"awaitservice":           step(awaitservice.New(c.containers, c.store, ledger, awaitservice.Options{GiveUp: giveUp, Now: time.Now}).Handle),
		"updatefunctioncode":     step(updatefunctioncode.New(c.lambda, c.ecr, c.store, ledger).Handle),
		"awaitfunction":          step(awaitfunction.New(c.lambda, c.store, ledger, awaitfunction.Options{GiveUp: giveUp, Now: time.Now}).Handle),
		"publishversion":         step(publishversion.New(c.lambda, c.store, ledger).Handle),
		"movealias":              step(movealias.New(c.lambda, c.store, ledger).Handle),
		"finishrollout":          step(finishrollout.New(c.store, time.Now).Handle),
		"undorollout":            step(undorollout.New(nil, c.containers, ledger, c.store).Handle), // no cluster here
		"faildeploy":             step(faildeploy.New(c.store, "", time.Now).Handle),
		"protectimage":           step(protectimage.New(c.ecr, c.store, time.Now).Handle),
		"reconciledeploys":       step(reconciledeploys.New(c.ecr, described{c}, c.store, 25, time.Now).Handle),
	}
	engine, err := asl.New(asl.Options{Tasks: c, Jitter: func() float64 { return 0.5 }})
	if err != nil {
		t.Fatal(err)
	}
	c.engine = engine
	return c
}

// described shows the engine's executions as Step Functions does.
type described struct{ *cloud }

func (d described) DescribeExecution(_ context.Context, in *sfn.DescribeExecutionInput, _ ...func(*sfn.Options)) (*sfn.DescribeExecutionOutput, error) {
	there, err := d.engine.Describe(*in.ExecutionArn)
	if errors.Is(err, asl.ErrExecutionDoesNotExist) {
		return nil, steptest.Refusal("ExecutionDoesNotExist")
	}
	return &sfn.DescribeExecutionOutput{Status: types.ExecutionStatus(there.Status)}, err
}

// step makes a handler what Lambda makes of it: JSON in, JSON or a named error
// out.
func step[In, Out any](handle func(context.Context, In) (Out, error)) func(context.Context, []byte) ([]byte, error) {
	return func(ctx context.Context, payload []byte) ([]byte, error) {
		var in In
		if err := json.Unmarshal(payload, &in); err != nil {
			return nil, err
		}
		out, err := handle(ctx, in)
		if err != nil {
			return nil, &asl.TaskError{Name: awserr.Name(err), Cause: err.Error()}
		}
		return json.Marshal(out)
	}
}

func (c *cloud) RunTask(ctx context.Context, task asl.Task) ([]byte, error) {
	timer := time.NewTimer(time.Second)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	function := functionOf(task.Resource)
	if function != machine {
		step, ok := c.steps[function]
		if !ok {
			return nil, fmt.Errorf("there is no step %s here", function)
		}
		return step(ctx, task.Input)
	}
	var in struct {
		StateMachineArn, Name string
		Input                 json.RawMessage
	}
	if err := json.Unmarshal(task.Input, &in); err != nil {
		return nil, err
	}
	_, name, _ := strings.Cut(in.StateMachineArn, ":stateMachine:mayfly-")
	switch {
	case name == "release":
		return []byte(`{"Status":"SUCCEEDED"}`), c.release(ctx, in.Input)
	case task.Resource == "arn:aws:states:::states:startExecution":
		_, err := c.engine.Start(ctx, asl.StartInput{Machine: c.machine(name), MachineARN: arnOf(name), Name: in.Name, Input: in.Input})
		return []byte(`{}`), err
	}
	o, err := c.start(ctx, name, in.Name, in.Input)
	if err == nil && o.Status != asl.StatusSucceeded {
		err = &asl.TaskError{Name: "States.TaskFailed", Cause: o.Error + ": " + o.Cause}
	}
	return []byte(fmt.Sprintf(`{"Status":%q}`, o.Status)), err
}

func (c *cloud) start(ctx context.Context, machine, name string, input []byte) (asl.Result, error) {
	started, err := c.engine.Start(ctx, asl.StartInput{Machine: c.machine(machine), MachineARN: arnOf(machine), Name: name, Input: input})
	if err != nil {
		return asl.Result{}, err
	}
	return c.engine.Wait(ctx, started.ExecutionARN)
}

// run runs a machine with a flow, and returns how it ended and what that cost.
func (c *cloud) run(machine string, flow events.Flow) (asl.Result, int) {
	c.t.Helper()
	input, err := json.Marshal(flow)
	if err != nil {
		c.t.Fatal(err)
	}
	c.n++
	name := fmt.Sprintf("%s-%d", machine, c.n)
	result, err := c.start(c.t.Context(), machine, name, input)
	if err != nil {
		c.t.Fatal(err)
	}
	transitions, err := c.engine.Transitions("arn:aws:states:us-east-1:000000000000:execution:mayfly-" + machine + ":" + name)
	if err != nil {
		c.t.Fatal(err)
	}
	return result, transitions
}

func (c *cloud) flow() events.Flow { return events.Flow{Sandbox: c.of.Event()} }

func (c *cloud) close() {
	c.t.Helper()
	if err := c.engine.Close(); err != nil {
		c.t.Error(err)
	}
}

// record returns the sandbox's record, and whether there is one.
func (c *cloud) record() (sandbox.Sandbox, bool) {
	c.t.Helper()
	s, err := c.store.Get(c.t.Context(), c.of.Name)
	if err != nil && !errors.Is(err, sandbox.ErrNotFound) {
		c.t.Fatal(err)
	}
	return s, err == nil
}

// wantNothing fails the test if AWS holds anything of a sandbox.
func (c *cloud) wantNothing() {
	c.t.Helper()
	if len(c.s3.Buckets) != 1 || len(c.s3.Buckets[uploads].Versions) != 0 {
		c.t.Errorf("left on S3: %d buckets, %d uploads", len(c.s3.Buckets)-1, len(c.s3.Buckets[uploads].Versions))
	}
	if n := len(c.cdn.Distributions) + len(c.cdn.Identities) + len(c.cdn.Controls); n != 0 {
		c.t.Errorf("left on CloudFront: %d", n)
	}
	if n := len(c.ecr.Repositories) + len(c.public.Repositories); n != 0 {
		c.t.Errorf("left on ECR: %d", n)
	}
	if n := len(c.waf.ACLs); n != 0 {
		c.t.Errorf("left on WAF: %d", n)
	}
}
