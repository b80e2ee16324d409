package statemachine_test

import (
	"encoding/json"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
	lambdatypes "github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/local/asl"
	"github.com/mayfly-dev/mayfly/sandbox"
)

// service is what pushes are deployed to: how a sandbox names it, and the
// number of the image that it runs.
type service struct {
	deploy events.DeploySpec
	runs   func(*pushes) string
	// changes counts what was changed in it.
	changes func(*pushes) int
}

var services = map[string]service{
	"ecs": {
		events.DeploySpec{Target: events.TargetECS, ECS: &events.ECSTarget{Cluster: "staging", Service: "docs"}},
		func(p *pushes) string {
			for _, d := range p.containers.Definitions {
				if *d.TaskDefinitionArn == *p.containers.Services["docs"].TaskDefinition {
					return aws.ToString(d.ContainerDefinitions[0].Image)
				}
			}
			return ""
		},
		func(p *pushes) int { return p.containers.Count("UpdateService") },
	},
	"lambda": {
		events.DeploySpec{Target: events.TargetLambda, Lambda: &events.LambdaTarget{Function: "docs"}},
		func(p *pushes) string {
			record, _ := p.record()
			r, err := p.store.GetRelease(p.t.Context(), record.Ref(), record.LiveRelease)
			if err != nil || p.lambda.Alias == nil || r.Rollout.Lambda.Version != *p.lambda.Alias {
				return "another version than the live release's"
			}
			return "localhost:4566/docs@" + r.Image.Digest
		},
		func(p *pushes) int { return p.lambda.Count("CreateAlias") + p.lambda.Count("UpdateAlias") },
	},
}

// eachService runs a test with a sandbox of each kind of service. Images whose
// digest ends with 66 do not come to run.
func eachService(t *testing.T, test func(*pushes, service)) {
	bad := func(image string) bool { return strings.HasSuffix(image, "66") }
	for name, s := range services {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := newPushes(t, func(spec *events.Spec) { *spec = events.Spec{Deploy: s.deploy} })
				defer p.close()
				p.containers.Outcome = func(image string) (ecstypes.DeploymentRolloutState, string) {
					if bad(image) {
						return ecstypes.DeploymentRolloutStateFailed, "tasks failed to start"
					}
					return ecstypes.DeploymentRolloutStateCompleted, ""
				}
				p.lambda.Outcome = func(image string) (lambdatypes.LastUpdateStatus, string) {
					if bad(image) {
						return lambdatypes.LastUpdateStatusFailed, "tasks failed to start"
					}
					return lambdatypes.LastUpdateStatusSuccessful, ""
				}
				// The repository is localhost:4566/docs on one machine.
				if _, err := p.store.Update(t.Context(), p.of.Ref(), func(box *sandbox.Sandbox) ([]sandbox.Event, error) {
					line := box.Resources[sandbox.KindRepository]
					line.URI = "localhost:4566/docs"
					box.Resources[sandbox.KindRepository] = line
					return nil, nil
				}); err != nil {
					t.Fatal(err)
				}
				test(p, s)
			})
		})
	}
}

func (p *pushes) wantRuns(s service, n int) {
	p.t.Helper()
	p.wantLive(n)
	if got, want := s.runs(p), "localhost:4566/docs@"+digestOf(n); got != want {
		p.t.Errorf("the service runs %s, want %s", got, want)
	}
}

func TestAPushGoesToItsService(t *testing.T) {
	eachService(t, func(p *pushes, s service) {
		for n, tag := range []string{"v0", "v1", "v2"} {
			if end := p.ends(p.push(n, tag)); end != "Released" {
				p.t.Fatalf("the push ended in %s", end)
			}
			p.wantRuns(s, n)
			time.Sleep(2 * time.Second)
		}
	})
}

// A push may be told of twice, at once or late: it is deployed once.
func TestAPushToAServiceIsDeployedOnce(t *testing.T) {
	eachService(t, func(p *pushes, s service) {
		event := p.push(1, "v1")
		first, second := p.tell(event), p.tell(event)
		for _, arn := range []string{first, second} {
			if result, err := p.engine.Wait(p.t.Context(), arn); err != nil || result.Status != asl.StatusSucceeded {
				p.t.Errorf("%s, %v: %s, %s", result.Status, err, result.Error, result.Cause)
			}
		}
		if end := p.ends(event); end != "DeployedAlready" && end != "LiveAlready" {
			p.t.Errorf("the late event ended in %s", end)
		}
		p.wantRuns(s, 1)
		if n := s.changes(p); n != 1 {
			p.t.Errorf("the service was changed %d times", n)
		}
	})
}

// Two pushes in a second end with the later one live, whichever is told of
// first.
func TestTheLaterOfTwoPushesToAServiceWins(t *testing.T) {
	for _, swapped := range []bool{false, true} {
		eachService(t, func(p *pushes, s service) {
			time.Sleep(100 * time.Millisecond) // off the whole second, within which no order is told
			one := p.push(1, "v1")
			time.Sleep(300 * time.Millisecond)
			two := p.push(2, "v2")
			told := []events.ECRImageEvent{one, two}
			if swapped {
				told = []events.ECRImageEvent{two, one}
			}
			first := p.tell(told[0])
			time.Sleep(100 * time.Millisecond)
			for _, arn := range []string{first, p.tell(told[1])} {
				if _, err := p.engine.Wait(p.t.Context(), arn); err != nil {
					p.t.Fatal(err)
				}
			}
			p.wantRuns(s, 2)
		})
	}
}

// rollBack brings back what a push has made, as the API does.
func (p *pushes) rollBack(n int) string {
	p.t.Helper()
	record, _ := p.record()
	releases, _, err := p.store.ListReleases(p.t.Context(), record.Ref(), sandbox.Page{})
	if err != nil {
		p.t.Fatal(err)
	}
	for _, earlier := range releases {
		if earlier.Image.Digest != digestOf(n) || earlier.Status != sandbox.ReleaseLive {
			continue
		}
		r := sandbox.Release{
			ID: "r-zback", CreatedAt: time.Now().UTC(), Source: events.ReleaseSource{Kind: events.SourceRollback, ReleaseID: earlier.ID},
			Image: earlier.Image, Rollout: sandbox.RollBackTo(earlier.Rollout),
		}
		if err := sandbox.BeginRelease(p.t.Context(), p.store, record.Ref(), r); err != nil {
			p.t.Fatal(err)
		}
		input, err := json.Marshal(events.ReleaseFlow{Sandbox: record.Event(), Release: r.Event()})
		if err != nil {
			p.t.Fatal(err)
		}
		if result, err := p.start(p.t.Context(), "rollout", "rollout-"+r.ID, input); err != nil || result.Status != asl.StatusSucceeded {
			p.t.Fatalf("%s, %v: %s, %s", result.Status, err, result.Error, result.Cause)
		}
		return earlier.ID
	}
	p.t.Fatalf("no live release of image %d", n)
	return ""
}

func TestARollbackOfAServiceHolds(t *testing.T) {
	eachService(t, func(p *pushes, s service) {
		one := p.push(1, "v1")
		if end := p.ends(one); end != "Released" {
			p.t.Fatalf("the first push ended in %s", end)
		}
		time.Sleep(2 * time.Second)
		late := p.push(2, "v2")
		if end := p.ends(late); end != "Released" {
			p.t.Fatalf("the second push ended in %s", end)
		}
		time.Sleep(2 * time.Second)
		revisions, codes := p.containers.Count("RegisterTaskDefinition"), p.lambda.Count("UpdateFunctionCode")
		p.rollBack(1)
		p.wantRuns(s, 1)
		if p.containers.Count("RegisterTaskDefinition") != revisions || p.lambda.Count("UpdateFunctionCode") != codes {
			p.t.Error("the rollback made anew what was there")
		}
		for _, event := range []events.ECRImageEvent{late, one} {
			if end := p.ends(event); end == "Released" {
				p.t.Errorf("a late event has undone the rollback")
			}
		}
		p.wantRuns(s, 1)
		time.Sleep(2 * time.Second)
		if end := p.ends(p.push(3, "v3")); end != "Released" {
			p.t.Errorf("a new push ended in %s", end)
		}
		p.wantRuns(s, 3)
	})
}

func TestWhatDoesNotComeToRunLeavesWhatRan(t *testing.T) {
	eachService(t, func(p *pushes, s service) {
		p.ends(p.push(1, "v1"))
		time.Sleep(2 * time.Second)
		result, err := p.engine.Wait(p.t.Context(), p.tell(p.push(0x66, "v2")))
		if err != nil || result.Status != asl.StatusFailed {
			p.t.Fatalf("%s, %v", result.Status, err)
		}
		p.wantRuns(s, 1)
		record, _ := p.record()
		releases, _, err := p.store.ListReleases(p.t.Context(), record.Ref(), sandbox.Page{})
		if err != nil {
			p.t.Fatal(err)
		}
		failed := releases[0]
		if failed.Status != sandbox.ReleaseFailed || failed.Failure.Error != "RolloutFailed" || !strings.Contains(failed.Failure.Cause, "tasks failed to start") {
			p.t.Errorf("the release is %s: %+v", failed.Status, failed.Failure)
		}
		time.Sleep(2 * time.Second)
		if end := p.ends(p.push(3, "v3")); end != "Released" {
			p.t.Errorf("the next push ended in %s", end)
		}
		p.wantRuns(s, 3)
	})
}

// TestAfterAnySinglePassingFailureAServiceRunsThePush makes every call of a
// rollout fail once, before it happened and after.
func TestAfterAnySinglePassingFailureAServiceRunsThePush(t *testing.T) {
	calls := map[string][]string{
		"ecs":    {"DescribeServices", "ListTaskDefinitions", "DescribeTaskDefinition", "RegisterTaskDefinition", "UpdateService"},
		"lambda": {"GetFunction", "UpdateFunctionCode", "GetFunctionConfiguration", "PublishVersion", "GetAlias", "CreateAlias"},
	}
	for _, kind := range []string{"ecs", "lambda"} {
		for _, operation := range append(calls[kind], "PutRelease", "Update", "GetRelease") {
			for _, lost := range []bool{false, true} {
				for nth := range 3 {
					eachService(t, func(p *pushes, s service) {
						if string(s.deploy.Target) != kind {
							return
						}
						order := func(f interface {
							Pass(string, int)
							Fail(string, error)
							LoseReply(string)
						}) {
							f.Pass(operation, nth)
							if lost {
								f.LoseReply(operation)
							} else {
								f.Fail(operation, &ecstypes.ServerException{})
							}
						}
						switch {
						case operation == "PutRelease", operation == "Update", operation == "GetRelease":
							if !lost {
								return // the store has errors of its own
							}
							order(p.store)
						case kind == "ecs":
							order(p.containers)
						default:
							if lost {
								order(p.lambda)
							} else {
								p.lambda.Pass(operation, nth)
								p.lambda.Fail(operation, &lambdatypes.ServiceException{})
							}
						}
						if end := p.ends(p.push(1, "v1")); end != "Released" && end != "ReleasedElsewhere" {
							p.t.Errorf("%s %s %d (lost: %v): the push ended in %s", kind, operation, nth, lost, end)
						}
						p.wantRuns(s, 1)
						if n := len(p.containers.Definitions); n > 2 {
							p.t.Errorf("%s %d (lost: %v): %d revisions of one push", operation, nth, lost, n)
						}
					})
				}
			}
		}
	}
}
