package createrepository_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecr/types"

	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/functions/createrepository"
	"github.com/mayfly-dev/mayfly/sandbox"
	"github.com/mayfly-dev/mayfly/steptest"
)

type world struct {
	of     sandbox.Sandbox
	store  *steptest.Store
	ecr    *steptest.ECR
	public *steptest.ECRPublic
	step   *createrepository.Step
}

func newWorld(spec events.RepositorySpec, prefix string) *world {
	clock := &steptest.Clock{}
	w := &world{of: steptest.New(clock.Now()), ecr: steptest.NewECR(clock.Now), public: steptest.NewECRPublic()}
	w.of.Spec.Repository = spec
	w.of.Spec = sandbox.Defaults(w.of.Spec)
	w.store = steptest.NewStore(clock.Now, w.of)
	w.step = createrepository.New(w.ecr, w.public, w.store.Ledger(), createrepository.Options{Prefix: prefix, Own: []string{"arn:aws:iam::000000000000:root"}})
	return w
}

func (w *world) run(t *testing.T, want string) *events.Repository {
	t.Helper()
	made, err := w.step.Handle(t.Context(), events.Flow{Sandbox: w.of.Event()})
	steptest.WantError(t, err, want)
	return made
}

// ours is a repository as an earlier try made it.
func ours(id string) *steptest.Repository {
	return &steptest.Repository{Tags: map[string]string{sandbox.TagSandboxID: id}}
}

func TestAPrivateRepositoryIsMade(t *testing.T) {
	for _, prefix := range []string{"", "mayfly-dev/"} {
		w := newWorld(events.RepositorySpec{}, prefix)
		var made *events.Repository
		for range 2 { // a second run finds the first one's work
			made = w.run(t, "")
		}
		if want := (events.Repository{Name: prefix + "docs", ARN: "arn:aws:ecr:us-east-1:000000000000:repository/" + prefix + "docs", URI: "localhost:4566/" + prefix + "docs"}); *made != want {
			t.Fatalf("made %+v, want %+v", *made, want)
		}
		w.store.WantLine(t, "docs", sandbox.KindRepository, sandbox.StatusMade, prefix+"docs")
		there := w.ecr.Repositories[prefix+"docs"]
		for key, value := range map[string]string{sandbox.TagSandbox: "docs", sandbox.TagSandboxID: "abcdefgh23", sandbox.TagOwner: "ada"} {
			if there.Tags[key] != value {
				t.Errorf("tag %s is %q, want %q", key, there.Tags[key], value)
			}
		}
		c := there.Created
		if c.EncryptionConfiguration.EncryptionType != types.EncryptionTypeAes256 || !c.ImageScanningConfiguration.ScanOnPush || c.ImageTagMutability != types.ImageTagMutabilityMutable || there.Policy != "" {
			t.Errorf("made as %+v with the policy %q", c, there.Policy)
		}
		if !strings.Contains(there.Lifecycle, sandbox.LiveTag) {
			t.Errorf("lifecycle policy %s", there.Lifecycle)
		}
	}
}

func TestARepositoryIsMadeAsAskedFor(t *testing.T) {
	no := false
	w := newWorld(events.RepositorySpec{
		ImmutableTags: true, MutableTags: []string{"latest", "dev-*"}, KMSKey: "alias/images", ScanOnPush: &no,
		Pushers: []string{"arn:aws:iam::111122223333:role/ci"},
	}, "")
	w.run(t, "")
	there := w.ecr.Repositories["docs"]
	c := there.Created
	var movable []string
	for _, filter := range c.ImageTagMutabilityExclusionFilters {
		movable = append(movable, *filter.Filter)
	}
	if c.ImageTagMutability != types.ImageTagMutabilityImmutableWithExclusion || !slices.Equal(movable, []string{"mayfly-live", "latest", "dev-*"}) {
		t.Errorf("mutability %s but %v", c.ImageTagMutability, movable)
	}
	if e := c.EncryptionConfiguration; e.EncryptionType != types.EncryptionTypeKms || aws.ToString(e.KmsKey) != "alias/images" || c.ImageScanningConfiguration.ScanOnPush {
		t.Errorf("made as %+v", c)
	}
	if !strings.Contains(there.Policy, "role/ci") || !strings.Contains(there.Policy, "000000000000:root") {
		t.Errorf("policy %s", there.Policy)
	}
}

func TestAPublicRepositoryIsMadeOnRequestAlone(t *testing.T) {
	w := newWorld(events.RepositorySpec{Visibility: events.VisibilityPublic, Pushers: []string{"111122223333"}}, "")
	w.public.LoseReply("CreateRepository")
	w.run(t, "NetworkError")
	for range 2 {
		if made := w.run(t, ""); !made.Public || made.URI != "public.ecr.aws/a1b2c3d4/docs" {
			t.Fatalf("made %+v", made)
		}
	}
	w.store.WantLine(t, "docs", sandbox.KindPublicRepository, sandbox.StatusMade, "docs")
	there := w.public.Repositories["docs"]
	if there.Tags[sandbox.TagSandboxID] != "abcdefgh23" || !strings.Contains(there.Policy, "ecr-public:PutImage") || len(w.ecr.Calls()) != 0 {
		t.Errorf("made %+v, and called ECR for %v", there, w.ecr.Calls())
	}

	w = newWorld(events.RepositorySpec{Visibility: events.VisibilityNone}, "")
	if made := w.run(t, ""); made != nil || len(w.public.Calls())+len(w.ecr.Calls())+len(w.store.Log()) != 0 {
		t.Errorf("none was asked for: %+v", made)
	}
}

func TestTagsDecideWhoseARepositoryIs(t *testing.T) {
	for name, test := range map[string]struct {
		there *steptest.Repository
		want  string
	}{
		"an earlier try's": {ours("abcdefgh23"), ""},
		"another's":        {ours("zzzzzzzzzz"), "NotOurs"},
		"without tags":     {&steptest.Repository{}, "NotOurs"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(events.RepositorySpec{}, "")
			w.ecr.Repositories["docs"] = test.there
			w.run(t, test.want)
			if untouched := test.there.Lifecycle == ""; untouched != (test.want != "") {
				t.Errorf("untouched: %v", untouched)
			}
			w = newWorld(events.RepositorySpec{Visibility: events.VisibilityPublic}, "")
			w.public.Repositories["docs"] = test.there
			w.run(t, test.want)
		})
	}
}

func TestALostReplyOfAnyCallIsMadeUpForByTheNextRun(t *testing.T) {
	for _, operation := range []string{"CreateRepository", "PutLifecyclePolicy", "SetRepositoryPolicy", "Update"} {
		w := newWorld(events.RepositorySpec{Pullers: []string{"111122223333"}}, "")
		if operation == "Update" {
			w.store.LoseReply(operation)
		} else {
			w.ecr.LoseReply(operation)
		}
		w.run(t, "NetworkError")
		w.run(t, "")
		if there := w.ecr.Repositories["docs"]; len(w.ecr.Repositories) != 1 || there.Policy == "" || there.Lifecycle == "" {
			t.Errorf("%s: %d repositories, %+v", operation, len(w.ecr.Repositories), there)
		}
	}
}

func TestRefusalsKeepTheirNames(t *testing.T) {
	for code, says := range map[string]string{
		"LimitExceededException": "quota of repositories", "KmsException": "alias/k can't be used", "ThrottlingException": "repository docs",
		"InvalidParameterException": "repository docs", "RepositoryAlreadyExistsException": "repository docs", // and not to be found
	} {
		w := newWorld(events.RepositorySpec{KMSKey: "alias/k"}, "")
		w.ecr.Fail("CreateRepository", steptest.Refusal(code))
		_, err := w.step.Handle(t.Context(), events.Flow{Sandbox: w.of.Event()})
		steptest.WantError(t, err, code)
		if !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v does not say %q", code, err, says)
		}
		w.store.WantLine(t, "docs", sandbox.KindRepository, sandbox.StatusIntended, "docs")
	}
	w := newWorld(events.RepositorySpec{Visibility: events.VisibilityPublic}, "")
	w.public.Fail("CreateRepository", steptest.Refusal("LimitExceededException"))
	w.run(t, "LimitExceededException")
}

func TestNothingIsMadeBehindATeardownsBack(t *testing.T) {
	w := newWorld(events.RepositorySpec{}, "")
	steptest.WantError(t, w.store.Ledger().Enter(t.Context(), w.of.Ref(), sandbox.PhaseDeleting, "", nil), "")
	w.run(t, "SandboxDeleting")
	if len(w.ecr.Calls()) != 0 {
		t.Fatalf("called %v", w.ecr.Calls())
	}
}
