package beginteardown_test

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"

	"github.com/mayfly-dev/mayfly/awserr"
	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/functions/beginteardown"
	"github.com/mayfly-dev/mayfly/sandbox"
	"github.com/mayfly-dev/mayfly/steptest"
)

type world struct {
	clock  *steptest.Clock
	store  *steptest.Store
	s3     *steptest.S3
	cloud  *steptest.CloudFront
	ecr    *steptest.ECR
	public *steptest.ECRPublic
	flow   events.Flow
	step   *beginteardown.Step
}

func newWorld(alter func(*sandbox.Sandbox)) *world {
	clock := &steptest.Clock{}
	of := steptest.New(clock.Now())
	of.Step, of.Resources = "createdistribution", map[sandbox.Kind]sandbox.Resource{}
	alter(&of)
	w := &world{clock: clock, store: steptest.NewStore(clock.Now, of), s3: steptest.NewS3("us-east-1"), cloud: steptest.NewCloudFront(clock.Now, 0)}
	w.cloud.PageSize = 1
	w.ecr, w.public = steptest.NewECR(clock.Now), steptest.NewECRPublic()
	w.flow = events.Flow{Sandbox: of.Event()}
	services := beginteardown.Services{Buckets: w.s3, Distributions: w.cloud, Repositories: w.ecr, PublicRepositories: w.public}
	w.step = beginteardown.New(services, w.store.Ledger(), w.store, beginteardown.Options{Region: "us-east-1", Settle: 90 * time.Second, Now: clock.Now})
	return w
}

func intended(s *sandbox.Sandbox, kinds ...sandbox.Kind) {
	for _, kind := range kinds {
		line := sandbox.Resource{Kind: kind, Status: sandbox.StatusIntended, At: steptest.Start.Add(-24 * time.Hour)}
		if kind == sandbox.KindBucket {
			line.ID = "mayfly-docs-abcdefgh23"
		}
		if kind == sandbox.KindRepository || kind == sandbox.KindPublicRepository {
			line.ID = "docs"
		}
		s.Resources[kind] = line
	}
}

func TestWhatWasMadeIsReturned(t *testing.T) {
	w := newWorld(func(s *sandbox.Sandbox) {
		for kind, id := range map[sandbox.Kind]string{sandbox.KindBucket: "b", sandbox.KindOAC: "C1", sandbox.KindDistribution: "E1", sandbox.KindRepository: "docs"} {
			s.Resources[kind] = sandbox.Resource{Kind: kind, ID: id, Status: sandbox.StatusMade, At: steptest.Start}
		}
	})
	w.flow.Error = &events.Failure{Error: "TooManyDistributions", Cause: "quota"}
	for range 2 {
		made, err := w.step.Handle(t.Context(), w.flow)
		steptest.WantError(t, err, "")
		if made.Bucket.Name != "b" || made.OriginAccess.ID != "C1" || made.Distribution.ID != "E1" || !made.Distribution.ChangedAt.IsZero() || made.Repository.Name != "docs" {
			t.Fatalf("made %+v", made)
		}
	}
	record, err := w.store.Get(t.Context(), "docs")
	steptest.WantError(t, err, "")
	if record.Phase != sandbox.PhaseDeleting || record.Failure == nil || record.FailedStep != "createdistribution" || record.Step != "beginteardown" {
		t.Errorf("record %+v", record)
	}
	if len(w.s3.Calls())+len(w.cloud.Calls())+len(w.ecr.Calls()) != 0 {
		t.Errorf("looked at AWS for what the ledger knows: %v, %v, %v", w.s3.Calls(), w.cloud.Calls(), w.ecr.Calls())
	}
	if log := w.store.Log(); len(log) != 2 {
		t.Errorf("events %+v", log)
	}
}

func TestWhatWasMadeWithoutTheLedgersKnowledgeIsFound(t *testing.T) {
	w := newWorld(func(s *sandbox.Sandbox) {
		intended(s, sandbox.KindBucket, sandbox.KindOAI, sandbox.KindOAC, sandbox.KindDistribution)
	})
	// The first name is somebody else's, the second another sandbox's.
	w.s3.Buckets["mayfly-docs-abcdefgh23"] = &steptest.Bucket{Foreign: true}
	w.s3.Buckets["mayfly-docs-abcdefgh23-2"] = &steptest.Bucket{}
	for _, id := range []string{"A", "M", "Z"} { // ours is in the middle of the pages
		comment, reference, name := "mayfly docs abcdefgh23", "mayfly-abcdefgh23-distribution", "mayfly-abcdefgh23-originAccessControl"
		if id != "M" {
			comment, reference, name = comment+id, reference+id, name+id
		}
		w.cloud.Identities["I"+id] = &steptest.Identity{ID: "I" + id, Comment: comment}
		w.cloud.Controls["C"+id] = &steptest.Control{ID: "C" + id, Config: types.OriginAccessControlConfig{Name: &name}}
		w.cloud.Distributions["E"+id] = &steptest.Distribution{ID: "E" + id, Config: &types.DistributionConfig{
			Comment: aws.String("mayfly docs abcdefgh23"), CallerReference: &reference, // a comment is anyone's to write
		}}
	}
	made, err := w.step.Handle(t.Context(), w.flow)
	steptest.WantError(t, err, "")
	if made.Bucket.Name != "mayfly-docs-abcdefgh23-2" || made.Bucket.Region != "us-east-1" || made.Distribution.ID != "EM" || made.OriginAccess == nil {
		t.Fatalf("made %+v", made)
	}
	for kind, id := range map[sandbox.Kind]string{sandbox.KindOAI: "IM", sandbox.KindOAC: "CM", sandbox.KindDistribution: "EM", sandbox.KindBucket: "mayfly-docs-abcdefgh23-2"} {
		w.store.WantLine(t, "docs", kind, sandbox.StatusMade, id)
	}
}

func TestARepositoryWithoutTheLedgersKnowledgeIsFound(t *testing.T) {
	for _, kind := range []sandbox.Kind{sandbox.KindRepository, sandbox.KindPublicRepository} {
		w := newWorld(func(s *sandbox.Sandbox) { intended(s, kind) })
		there := &steptest.Repository{Tags: map[string]string{sandbox.TagSandboxID: "abcdefgh23"}}
		w.ecr.Repositories["docs"], w.public.Repositories["docs"] = there, there
		made, err := w.step.Handle(t.Context(), w.flow)
		steptest.WantError(t, err, "")
		if r := made.Repository; r == nil || r.Name != "docs" || r.Public != (kind == sandbox.KindPublicRepository) || r.ARN == "" || r.URI == "" {
			t.Errorf("%s: made %+v", kind, r)
		}
		// The name is another's: nothing of ours came to be.
		there.Tags[sandbox.TagSandboxID] = "zzzzzzzzzz"
		w = newWorld(func(s *sandbox.Sandbox) { intended(s, kind) })
		w.ecr.Repositories["docs"], w.public.Repositories["docs"] = there, there
		_, err = w.step.Handle(t.Context(), w.flow)
		steptest.WantError(t, err, "NotSettled")
	}
}

func TestAnIntentThatCameToNothingIsStruckOutOnceNoneCanComeAnyMore(t *testing.T) {
	for _, kind := range []sandbox.Kind{
		sandbox.KindBucket, sandbox.KindOAI, sandbox.KindOAC, sandbox.KindDistribution, sandbox.KindRepository, sandbox.KindPublicRepository,
	} {
		t.Run(string(kind), func(t *testing.T) {
			// A day old: a step that is tried again does not renew its intent.
			w := newWorld(func(s *sandbox.Sandbox) { intended(s, kind) })
			for _, passed := range []time.Duration{0, 30 * time.Second, 89 * time.Second} {
				w.clock.Passed = passed
				_, err := w.step.Handle(t.Context(), w.flow)
				steptest.WantError(t, err, "NotSettled")
			}
			w.clock.Passed = 90 * time.Second
			made, err := w.step.Handle(t.Context(), w.flow)
			steptest.WantError(t, err, "")
			if made != (events.Made{}) {
				t.Errorf("made %+v", made)
			}
			w.store.WantLine(t, "docs", kind, "", "")
		})
	}
}

func TestALateResultIsFoundDuringTheWait(t *testing.T) {
	w := newWorld(func(s *sandbox.Sandbox) { intended(s, sandbox.KindBucket) })
	_, err := w.step.Handle(t.Context(), w.flow)
	steptest.WantError(t, err, "NotSettled")
	w.clock.Passed = 60 * time.Second
	w.s3.Buckets["mayfly-docs-abcdefgh23"] = &steptest.Bucket{}
	made, err := w.step.Handle(t.Context(), w.flow)
	steptest.WantError(t, err, "")
	if made.Bucket == nil || made.Bucket.Name != "mayfly-docs-abcdefgh23" {
		t.Fatalf("made %+v", made)
	}
}

func TestTheMachinesRetriesOutlastTheWait(t *testing.T) {
	// NotSettled is retried 40 times, after 5 s growing by 1.2 to 15 s.
	w := newWorld(func(s *sandbox.Sandbox) { intended(s, sandbox.KindDistribution) })
	delay := 5 * time.Second
	for range 40 {
		_, err := w.step.Handle(t.Context(), w.flow)
		if err == nil {
			return
		}
		if awserr.Name(err) != "NotSettled" {
			t.Fatal(err)
		}
		w.clock.Passed += delay
		delay = min(delay*12/10, 15*time.Second)
	}
	t.Fatal("not settled after all retries")
}

func TestIntendedVersioningNeedsNoWait(t *testing.T) {
	w := newWorld(func(s *sandbox.Sandbox) { intended(s, sandbox.KindVersioning) })
	_, err := w.step.Handle(t.Context(), w.flow)
	steptest.WantError(t, err, "")
}

func TestASandboxThatIsGoneHasNothingMade(t *testing.T) {
	for name, alter := range map[string]func(*world) error{
		"removed": func(w *world) error {
			return w.store.Remove(t.Context(), sandbox.RefOf(w.flow.Sandbox))
		},
		"with a successor": func(w *world) error { w.flow.Sandbox.ID = "gone2gone2"; return nil },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(func(s *sandbox.Sandbox) { intended(s, sandbox.KindBucket) })
			steptest.WantError(t, alter(w), "")
			made, err := w.step.Handle(t.Context(), w.flow)
			steptest.WantError(t, err, "")
			if made != (events.Made{}) || len(w.store.Log()) != 0 {
				t.Fatalf("made %+v with events %v", made, w.store.Log())
			}
		})
	}
}

func TestRefusalsKeepTheirNames(t *testing.T) {
	for operation, kind := range map[string]sandbox.Kind{
		"HeadBucket": sandbox.KindBucket, "ListDistributions": sandbox.KindDistribution,
		"ListCloudFrontOriginAccessIdentities": sandbox.KindOAI, "ListOriginAccessControls": sandbox.KindOAC,
		"DescribeRepositories": sandbox.KindRepository,
	} {
		w := newWorld(func(s *sandbox.Sandbox) { intended(s, kind) })
		w.s3.Fail(operation, steptest.Refusal("SlowDown"))
		w.cloud.Fail(operation, steptest.Refusal("SlowDown"))
		w.ecr.Fail(operation, steptest.Refusal("SlowDown"))
		_, err := w.step.Handle(t.Context(), w.flow)
		steptest.WantError(t, err, "SlowDown")
	}
}
