package local

import (
	"fmt"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/mayfly-dev/mayfly/activity/metered"
	"github.com/mayfly-dev/mayfly/cost"
	"github.com/mayfly-dev/mayfly/functions/applypolicy"
	"github.com/mayfly-dev/mayfly/functions/awaitdistribution"
	"github.com/mayfly-dev/mayfly/functions/awaitfunction"
	"github.com/mayfly-dev/mayfly/functions/awaitinvalidation"
	"github.com/mayfly-dev/mayfly/functions/awaitrollout"
	"github.com/mayfly-dev/mayfly/functions/awaitservice"
	"github.com/mayfly-dev/mayfly/functions/begindeploy"
	"github.com/mayfly-dev/mayfly/functions/beginnight"
	"github.com/mayfly-dev/mayfly/functions/beginteardown"
	"github.com/mayfly-dev/mayfly/functions/closewebsite"
	"github.com/mayfly-dev/mayfly/functions/createbucket"
	"github.com/mayfly-dev/mayfly/functions/createdistribution"
	"github.com/mayfly-dev/mayfly/functions/createoai"
	"github.com/mayfly-dev/mayfly/functions/createrepository"
	"github.com/mayfly-dev/mayfly/functions/decidenight"
	"github.com/mayfly-dev/mayfly/functions/deletebucket"
	"github.com/mayfly-dev/mayfly/functions/deletedistribution"
	"github.com/mayfly-dev/mayfly/functions/deleteoai"
	"github.com/mayfly-dev/mayfly/functions/deleterepository"
	"github.com/mayfly-dev/mayfly/functions/deletewebacl"
	"github.com/mayfly-dev/mayfly/functions/disabledistribution"
	"github.com/mayfly-dev/mayfly/functions/emptybucket"
	"github.com/mayfly-dev/mayfly/functions/enabledistribution"
	"github.com/mayfly-dev/mayfly/functions/enableversioning"
	"github.com/mayfly-dev/mayfly/functions/endnight"
	"github.com/mayfly-dev/mayfly/functions/ensurewebacl"
	"github.com/mayfly-dev/mayfly/functions/estimatecosts"
	"github.com/mayfly-dev/mayfly/functions/faildeploy"
	"github.com/mayfly-dev/mayfly/functions/findorphans"
	"github.com/mayfly-dev/mayfly/functions/finishrelease"
	"github.com/mayfly-dev/mayfly/functions/finishrollout"
	"github.com/mayfly-dev/mayfly/functions/forget"
	"github.com/mayfly-dev/mayfly/functions/hostwebsite"
	"github.com/mayfly-dev/mayfly/functions/inspectcontent"
	"github.com/mayfly-dev/mayfly/functions/invalidate"
	"github.com/mayfly-dev/mayfly/functions/movealias"
	"github.com/mayfly-dev/mayfly/functions/patchdeployment"
	"github.com/mayfly-dev/mayfly/functions/protectimage"
	"github.com/mayfly-dev/mayfly/functions/publishversion"
	"github.com/mayfly-dev/mayfly/functions/reconciledeploys"
	"github.com/mayfly-dev/mayfly/functions/record"
	"github.com/mayfly-dev/mayfly/functions/registertaskdefinition"
	"github.com/mayfly-dev/mayfly/functions/removeobjects"
	"github.com/mayfly-dev/mayfly/functions/resolvedeploy"
	"github.com/mayfly-dev/mayfly/functions/settlenight"
	"github.com/mayfly-dev/mayfly/functions/undorollout"
	"github.com/mayfly-dev/mayfly/functions/updatedistribution"
	"github.com/mayfly-dev/mayfly/functions/updatefunctioncode"
	"github.com/mayfly-dev/mayfly/functions/updaterepository"
	"github.com/mayfly-dev/mayfly/functions/updateservice"
	"github.com/mayfly-dev/mayfly/functions/verifyimage"
	"github.com/mayfly-dev/mayfly/functions/writeobjects"
	"github.com/mayfly-dev/mayfly/inventory/account"
	"github.com/mayfly-dev/mayfly/invocation"
	"github.com/mayfly-dev/mayfly/local/lambda"
	"github.com/mayfly-dev/mayfly/local/sts"
	"github.com/mayfly-dev/mayfly/night"
	"github.com/mayfly-dev/mayfly/release"
	"github.com/mayfly-dev/mayfly/release/ecrrepo"
	"github.com/mayfly-dev/mayfly/sandbox"
)

// What the installation's functions are told, as CDK tells them on AWS.
const (
	uploadBucket   = "mayfly-uploads-" + Account
	table          = "mayfly"
	noncurrentDays = 30
	giveUp         = time.Hour
	emptyMargin    = 20 * time.Second
	emptyParallel  = 4
	// settle is how long a step that was killed may still be at work. Here a
	// step ends with the process that runs it, so only a request that it has
	// sent already can still come to something.
	settle = 2 * time.Second
	// repositoryPrefix is nothing here, so that a sandbox's repository is
	// localhost:4566/NAME. On AWS the rights of the functions go by a prefix.
	repositoryPrefix = ""
	// ownPrincipals are whom no repository policy keeps out: whoever signs is the
	// account's root, or one of the functions where roles are enforced.
	ownPrincipals = "arn:aws:iam::" + Account + ":root,arn:aws:iam::" + Account + ":role/mayfly-*"
	// sweepRate is how many sandboxes with a distribution a night begins in a
	// second, and nightGiveUp how long it waits for them. CloudFront on this machine
	// refuses nobody.
	sweepRate   = 50
	nightGiveUp = time.Hour
	// reconcilePage is how many repositories are looked at in one run.
	reconcilePage = 25
	// orphanBatch is of how many sandboxes orphans are torn down at once, and
	// orphanMost of how many in one run.
	orphanBatch = 25
	orphanMost  = 1000
)

// steps are the functions of this installation by the names of their folders.
// This is the only place that knows every one of them.
type steps struct {
	clients
	images ecrrepo.Images
	store  records
	now    func() time.Time
	// storeOf returns the records as somebody's clients reach them, and activityOf
	// how sandboxes are used.
	storeOf    func(clients) records
	activityOf func(clients) *metered.Reader
	activity   *metered.Reader

	propagation time.Duration
	folderURLs  string
	websiteURL  string

	// prices are what costs are estimated by.
	prices cost.Prices

	// around is where runs are told of.
	around invocation.Options
}

// as returns the steps with the clients of one of them, who has keys of its own.
func (s steps) as(keys sts.Keys) steps {
	s.clients = s.clients.as(keys)
	s.images = ecrrepo.Images{ECR: s.ecr, HTTP: s.http}
	s.store, s.activity = s.storeOf(s.clients), s.activityOf(s.clients)
	return s
}

// handlers returns each step's handler, as its main function hands it to the
// Lambda runtime.
func (s steps) handlers() map[string]any {
	ledger := sandbox.Ledger{Store: s.store, Now: s.now}
	limits := release.DefaultLimits()
	return map[string]any{
		"createbucket":           invocation.Handler(s.around, createbucket.New(s.s3, ledger, Region).Handle),
		"enableversioning":       invocation.Handler(s.around, enableversioning.New(s.s3, ledger, noncurrentDays).Handle),
		"createoai":              invocation.Handler(s.around, createoai.New(s.cloudfront, ledger).Handle),
		"createdistribution":     invocation.Handler(s.around, createdistribution.New(s.cloudfront, ledger, s.store, createdistribution.Options{FolderURLs: s.folderURLs, Propagation: s.propagation, Now: s.now}).Handle),
		"applypolicy":            invocation.Handler(s.around, applypolicy.New(s.s3, ledger).Handle),
		"hostwebsite":            invocation.Handler(s.around, hostwebsite.New(s.s3, ledger, s.websiteURL).Handle),
		"awaitdistribution":      invocation.Handler(s.around, awaitdistribution.New(s.cloudfront, ledger, s.store, awaitdistribution.Options{Propagation: s.propagation, GiveUp: giveUp, Now: s.now}).Handle),
		"record":                 invocation.Handler(s.around, record.New(s.store, s.now).Handle),
		"updatedistribution":     invocation.Handler(s.around, updatedistribution.New(s.cloudfront, ledger, s.store, updatedistribution.Options{FolderURLs: s.folderURLs, Propagation: s.propagation, Now: s.now}).Handle),
		"beginteardown":          invocation.Handler(s.around, beginteardown.New(beginteardown.Services{Buckets: s.s3, Distributions: s.cloudfront, Repositories: s.ecr, PublicRepositories: s.ecrPublic}, ledger, s.store, beginteardown.Options{Region: Region, Settle: settle, Now: s.now}).Handle),
		"disabledistribution":    invocation.Handler(s.around, disabledistribution.New(s.cloudfront, ledger, s.store, disabledistribution.Options{Propagation: s.propagation, GiveUp: giveUp, Now: s.now}).Handle),
		"enabledistribution":     invocation.Handler(s.around, enabledistribution.New(s.cloudfront, ledger, s.store, enabledistribution.Options{Propagation: s.propagation, Now: s.now}).Handle),
		"closewebsite":           invocation.Handler(s.around, closewebsite.New(s.s3, ledger).Handle),
		"deletedistribution":     invocation.Handler(s.around, deletedistribution.New(s.cloudfront, ledger).Handle),
		"emptybucket":            invocation.Handler(s.around, emptybucket.New(s.s3, ledger, emptybucket.Options{UploadBucket: uploadBucket, Margin: emptyMargin, Parallel: emptyParallel, Now: time.Now}).Handle),
		"deletebucket":           invocation.Handler(s.around, deletebucket.New(s.s3, ledger, s.store).Handle),
		"deleteoai":              invocation.Handler(s.around, deleteoai.New(s.cloudfront, ledger).Handle),
		"ensurewebacl":           invocation.Handler(s.around, ensurewebacl.New(s.waf, ledger, stage).Handle),
		"deletewebacl":           invocation.Handler(s.around, deletewebacl.New(s.waf, s.cloudfront, ledger, stage).Handle),
		"forget":                 invocation.Handler(s.around, forget.New(s.store, s.now).Handle),
		"inspectcontent":         invocation.Handler(s.around, inspectcontent.New(s.s3, s.images, s.store, uploadBucket, limits, s.now).Handle),
		"writeobjects":           invocation.Handler(s.around, writeobjects.New(s.s3, s.images, s.store, limits, s.now).Handle),
		"removeobjects":          invocation.Handler(s.around, removeobjects.New(s.s3, s.store, s.now).Handle),
		"invalidate":             invocation.Handler(s.around, invalidate.New(s.s3, s.cloudfront, s.store, s.propagation, s.now).Handle),
		"awaitinvalidation":      invocation.Handler(s.around, awaitinvalidation.New(s.cloudfront, s.store, s.propagation, s.now).Handle),
		"createrepository":       invocation.Handler(s.around, createrepository.New(s.ecr, s.ecrPublic, ledger, createrepository.Options{Prefix: repositoryPrefix, Own: strings.Split(ownPrincipals, ",")}).Handle),
		"updaterepository":       invocation.Handler(s.around, updaterepository.New(s.ecr, s.ecrPublic, ledger, strings.Split(ownPrincipals, ",")).Handle),
		"deleterepository":       invocation.Handler(s.around, deleterepository.New(s.ecr, s.ecrPublic, ledger).Handle),
		"resolvedeploy":          invocation.Handler(s.around, resolvedeploy.New(s.store, repositoryPrefix, s.now).Handle),
		"verifyimage":            invocation.Handler(s.around, verifyimage.New(s.ecr, s.store, s.now).Handle),
		"begindeploy":            invocation.Handler(s.around, begindeploy.New(s.store, begindeploy.Machines{Release: machineARN("release"), Rollout: machineARN("rollout"), Wake: machineARN("wake")}, s.now).Handle),
		"faildeploy":             invocation.Handler(s.around, faildeploy.New(s.store, repositoryPrefix, s.now).Handle),
		"protectimage":           invocation.Handler(s.around, protectimage.New(s.ecr, s.store, s.now).Handle),
		"reconciledeploys":       invocation.Handler(s.around, reconciledeploys.New(s.ecr, s.states, s.store, reconcilePage, s.now).Handle),
		"findorphans":            invocation.Handler(s.around, findorphans.New(account.New(s.s3, s.cloudfront, s.ecr, s.ecrPublic, account.Options{Region: Region, UploadBucket: uploadBucket, RepositoryPrefix: repositoryPrefix}), s.s3, s.store, findorphans.Options{UploadBucket: uploadBucket, Batch: orphanBatch, Most: orphanMost, Now: s.now}).Handle),
		"patchdeployment":        invocation.Handler(s.around, patchdeployment.New(s.clusters, ledger, s.store).Handle),
		"awaitrollout":           invocation.Handler(s.around, awaitrollout.New(s.clusters, ledger, s.store, awaitrollout.Options{GiveUp: giveUp, Now: s.now}).Handle),
		"undorollout":            invocation.Handler(s.around, undorollout.New(s.clusters, s.ecs, ledger, s.store).Handle),
		"registertaskdefinition": invocation.Handler(s.around, registertaskdefinition.New(s.ecs, s.store, ledger).Handle),
		"updateservice":          invocation.Handler(s.around, updateservice.New(s.ecs, s.store, ledger).Handle),
		"awaitservice":           invocation.Handler(s.around, awaitservice.New(s.ecs, s.store, ledger, awaitservice.Options{GiveUp: giveUp, Now: s.now}).Handle),
		"updatefunctioncode":     invocation.Handler(s.around, updatefunctioncode.New(s.functions, s.ecr, s.store, ledger).Handle),
		"awaitfunction":          invocation.Handler(s.around, awaitfunction.New(s.functions, s.store, ledger, awaitfunction.Options{GiveUp: giveUp, Now: s.now}).Handle),
		"publishversion":         invocation.Handler(s.around, publishversion.New(s.functions, s.store, ledger).Handle),
		"movealias":              invocation.Handler(s.around, movealias.New(s.functions, s.store, ledger).Handle),
		"estimatecosts":          invocation.Handler(s.around, estimatecosts.New(s.costs()).Handle),
		"finishrollout":          invocation.Handler(s.around, finishrollout.New(s.store, s.now).Handle),
		"beginnight":             invocation.Handler(s.around, beginnight.New(s.states, s.store, s.now).Handle),
		"decidenight":            invocation.Handler(s.around, decidenight.New(night.Planner{Sandboxes: s.store, Uses: s.activity, Budgets: cost.Budgets{Store: s.store, Now: s.now}, Savings: cost.Savings{Store: s.store, Prices: s.prices, Region: Region, Now: s.now}, Now: s.now}, s.store, s.store, s.night()).Handle),
		"settlenight":            invocation.Handler(s.around, settlenight.New(s.store, s.store, settlenight.Options{Every: s.settleEvery(), GiveUp: nightGiveUp, Margin: emptyMargin, Now: s.now}).Handle),
		"endnight":               invocation.Handler(s.around, endnight.New(s.store, s.notices(), s.now).Handle),
		"finishrelease":          invocation.Handler(s.around, finishrelease.New(s.s3, s.store, uploadBucket, s.now).Handle),
	}
}

// Steps returns the names of the functions that the state machines call
// here. Each is a folder of functions/.
func Steps() []string { return slices.Sorted(maps.Keys(steps{}.handlers())) }

// register makes every step a function of the local Lambda: its handler in
// this process, or its bootstrap in the pool when there is one.
func (s steps) register(to *lambda.Service, keysOf func(step string) sts.Keys, pool *lambda.Pool, bootstraps string) error {
	for name := range s.handlers() {
		keys := keysOf(name)
		function := lambda.InProcess(s.as(keys).handlers()[name])
		if pool != nil {
			path, err := filepath.Abs(filepath.Join(bootstraps, name, "bootstrap"))
			if err != nil {
				return fmt.Errorf("bootstrap of %s: %w", name, err)
			}
			if _, err := os.Stat(path); err != nil {
				return fmt.Errorf("the functions are not built for this machine (%w): run make host", err)
			}
			function = pool.Function(functionName(name), path, "AWS_ACCESS_KEY_ID="+keys.Access, "AWS_SECRET_ACCESS_KEY="+keys.Secret)
		}
		to.Register(functionName(name), function)
	}
	return nil
}

// environment is what function processes are told; the names are those that
// their main functions read.
func (s steps) environment(endpoint string) []string {
	return []string{
		"AWS_ENDPOINT_URL=" + endpoint,
		"AWS_REGION=" + Region,
		"MAYFLY_STAGE=" + stage,
		"MAYFLY_TABLE=" + table,
		"MAYFLY_UPLOAD_BUCKET=" + uploadBucket,
		"MAYFLY_REPOSITORY_PREFIX=" + repositoryPrefix,
		"MAYFLY_OWN_PRINCIPALS=" + ownPrincipals,
		"MAYFLY_RELEASE_ARN=" + machineARN("release"),
		"MAYFLY_ROLLOUT_ARN=" + machineARN("rollout"),
		"MAYFLY_SLEEP_ARN=" + machineARN("sleep"),
		"MAYFLY_TEARDOWN_ARN=" + machineARN("teardown"),
		"MAYFLY_SWEEPS_PER_MINUTE=" + strconv.Itoa(60*sweepRate),
		"MAYFLY_SETTLE_NIGHT_SECONDS=" + strconv.Itoa(int(math.Ceil(s.settleEvery().Seconds()))),
		"MAYFLY_WAKE_ARN=" + machineARN("wake"),
		"MAYFLY_FOLDER_URLS_ARN=" + s.folderURLs,
		"MAYFLY_WEBSITE_URL=" + s.websiteURL,
		"MAYFLY_PROPAGATION_SECONDS=" + strconv.Itoa(int(math.Ceil(s.propagation.Seconds()))),
		"MAYFLY_INVALIDATION_SECONDS=" + strconv.Itoa(int(math.Ceil(s.propagation.Seconds()))),
		"MAYFLY_NONCURRENT_DAYS=" + strconv.Itoa(noncurrentDays),
		"MAYFLY_GIVE_UP_SECONDS=" + strconv.Itoa(int(giveUp.Seconds())),
		"MAYFLY_SETTLE_SECONDS=" + strconv.Itoa(int(settle.Seconds())),
	}
}

func functionName(step string) string { return "mayfly-" + step }

func functionARN(step string) string { return lambda.ARN(Region, Account, functionName(step)) }

func machineARN(name string) string {
	return "arn:aws:states:" + Region + ":" + Account + ":stateMachine:mayfly-" + name
}
