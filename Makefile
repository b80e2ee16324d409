# Everything but the CDK app: its first build takes minutes, so it has targets
# of its own.
PACKAGES  = $(shell go list -find ./... | grep -v /cdk$$)
STEPS    := $(notdir $(patsubst %/lambda/main.go,%,$(wildcard functions/*/lambda/main.go)))
TOOLS    := $(CURDIR)/.tools
GOLANGCI := $(TOOLS)/golangci-lint-2.15.0
BOTOCORE := $(TOOLS)/botocore-1.44.5
BROWSER  := $(TOOLS)/browser-1.65.1
CDK      := $(TOOLS)/cdk-2.1148.1/node_modules/.bin/cdk
KUBE_APISERVER := $(TOOLS)/kube-apiserver-1.34.2
BUILD    := go build -trimpath -buildvcs=false -ldflags='-s -w'
# Settings of the stack over those in cdk.json: make synth STAGE=prod REGION=eu-west-1 SETTINGS='notify=ops@example.com trail=true'
CONTEXT  = $(addprefix -c mayfly:,$(if $(STAGE),stage=$(STAGE)) $(if $(REGION),region=$(REGION)) $(SETTINGS))
# The CDK's library says at each start that Node 20 is old; it runs on it.
export JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION = 20
# Without vet, which make lint does.
TEST     := go test -vet=off -timeout 25m
SOURCES  := $(shell git ls-files -co --exclude-standard '*.go' '*.js' '*.json' '*.yaml' '*.sql' 'console/assets/*' | grep -v -e _test.go -e ^cdk/) go.mod go.sum

.DEFAULT_GOAL := help
.PHONY: help run test race e2e e2e-process e2e-dynamodb prove stress month tools peers peers-services peers-k8s bench fuzz lint lint-cdk check-cdk golden build host
.PHONY: console screenshots synth deploy diff destroy roles check-roles generate clean

help: ## Show this help
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sort | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

run: bin/mayfly ## Start Mayfly on this machine with the sandbox "hello", until Ctrl-C
	@bin/mayfly local --data .mayfly --example examples/site

bin/mayfly: $(SOURCES)
	@echo 'Building bin/mayfly (the first build takes a few minutes)'
	@go build -ldflags='-s -w' -o $@ ./cmd/mayfly

test: ## Run all tests but the CDK app's
	$(TEST) $(PACKAGES)

e2e: ## Run the end-to-end tests alone, showing what they do
	$(TEST) -v ./e2e/...

# Tests that are the same however functions run: they run no step, or are about
# the registry's clients.
SAME := ^Test(Arrows|NoFunctionImportsAnother|NothingIsCompiledAtAFunctionsStart|EveryFunctionTellsOfItsRuns|AStartThatCannotBeSaysWhy|ADataFolderIsForOneProcess|ContainerClients|Labs|ALabIsReadAndHeld|AnEventStartsAStateMachine|APushStartsAStateMachine|QueuesAndDeadLetters|EventsSurviveARestart|ASchedule|ATaskReachesEveryServiceOfTheCloud|TheLocalCloudRefusesWhatAWSRefuses|WhatNoClientOfTheseServicesSends|TheConsoleAndTheAPIShareAnAddress)$$

e2e-process: host ## Run them with the bootstraps that go to AWS, built for this machine
	$(TEST) ./e2e -skip '$(SAME)' -functions process -functions-dir ../build/host

e2e-dynamodb: ## Run them with records in DynamoDB
	$(TEST) ./e2e -store dynamodb

# As a binary, whose counts show when it passes, too.
prove: $(BOTOCORE) ## Run them with IAM enforced; hold the roles, and AWS's published models, to what they ask for (needs Python 3)
	go test -c -o $(TOOLS)/e2e.test ./e2e
	cd e2e && $(TOOLS)/e2e.test -test.timeout 25m -test.skip '^Test(Labs|ALabIsReadAndHeld|Arrows|NoFunctionImportsAnother|NothingIsCompiledAtAFunctionsStart)$$' -store dynamodb -enforce-iam -prove -record $(TOOLS)/requests.jsonl
	cd e2e/models && $(BOTOCORE)/bin/python -B -m unittest -q && $(BOTOCORE)/bin/python -B validate.py $(TOOLS)/requests.jsonl

stress: ## Push a thousand images whose events go astray
	$(TEST) -v -run ManyPushes ./e2e -pushes 50

month: ## Live through 30 days of 1,000 sandboxes again, by a new seed
	$(TEST) -v -run Month ./statemachine -month-seed 0

peers: peers-k8s peers-services ## Run the tests that need real peers (Java, from Maven; root, to mount overlays; the OCI's suite, from the module proxy; etcd; Python)
	sandbox/dynamo/testdata/dynamodblocal.sh go test -tags peers -run DynamoDBLocal -timeout 25m ./sandbox/dynamo
	go test -tags peers -run Kernel ./release/image
	go test -tags peers -run '^TestConformance$$' -v -timeout 25m ./e2e

peers-services: ## Run the tests that need an ECS and a Lambda (moto's server, from PyPI; Python 3)
	e2e/testdata/moto.sh $(TEST) -tags peers -run OnMotos ./e2e

peers-k8s: $(KUBE_APISERVER) ## Run the tests that need a real Kubernetes API server (etcd)
	@command -v etcd >/dev/null || { echo 'etcd is not installed: on Debian, apt-get install etcd-server'; exit 1; }
	KUBE_APISERVER=$(KUBE_APISERVER) $(TEST) -tags peers -run 'RealAPIServer' ./kubernetes ./e2e

$(KUBE_APISERVER):
	@echo 'Building kube-apiserver v1.34.2 (once; a few minutes)'
	@cd kubernetes/testdata/kube-apiserver && GOFLAGS= go build -trimpath -ldflags='-s -w' -o $@ k8s.io/kubernetes/cmd/kube-apiserver

console: bin/mayfly $(BROWSER) ## Drive the console with Chromium (needs Node.js and Debian's chromium)
	@command -v $${CHROMIUM:-chromium} >/dev/null || { echo 'make console needs a Chromium: on Debian, apt-get install chromium; or name one, as CHROMIUM=/path make console'; exit 1; }
	console/vendor.sh
	BROWSER_TOOLS=$(BROWSER) MAYFLY=$(CURDIR)/bin/mayfly node --test --test-concurrency=1 console/browser/*.test.js

screenshots: $(BROWSER) ## Take the pictures of docs/console anew
	BROWSER_TOOLS=$(BROWSER) MAYFLY=$(CURDIR)/bin/mayfly node console/browser/shots.js

$(BROWSER): console/browser/package.json
	@command -v npm >/dev/null || { echo 'make console needs Node.js 20 or later, with its npm: https://nodejs.org/'; exit 1; }
	@rm -rf $@ && mkdir -p $@ && cp $< $@/ && npm install --silent --no-audit --no-fund --ignore-scripts --prefix $@ && touch $@

race: ## Run the tests under the race detector (needs a C compiler), but the end-to-end ones
	$(TEST) -race $(filter-out %/e2e,$(PACKAGES))

bench: ## Measure: Go benchmarks and end-to-end figures (PARTS="purge due" for some)
	@./bench.sh $(PARTS)

FUZZTIME ?= 30s
fuzz: ## Run each fuzz target for FUZZTIME (30s)
	@set -e; for package in $$(go list $(PACKAGES)); do \
	  for target in $$(go test -list '^Fuzz' $$package | grep '^Fuzz' || true); do \
	    echo "$$package $$target"; go test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 10x $$package; \
	  done; done

lint: $(GOLANGCI) ## Check style, errors and the arrows between packages
	$(GOLANGCI) run $(PACKAGES:github.com/mayfly-dev/mayfly/%=./%)

lint-cdk: $(GOLANGCI) ## Check the CDK app (the first time takes minutes)
	$(GOLANGCI) run ./cdk

tools: $(GOLANGCI) $(KUBE_APISERVER) # those that are built from source

$(BOTOCORE):
	@command -v python3 > /dev/null || { echo 'make prove needs Python 3, with its module venv, to read the models that AWS publishes: install python3 and python3-venv'; exit 1; }
	@echo 'Installing botocore 1.44.5 (once)'
	@mkdir -p $(TOOLS) && python3 -m venv $@.new && $@.new/bin/pip install --quiet --no-input botocore==1.44.5 && rm -rf $@ && mv $@.new $@

$(GOLANGCI):
	@echo 'Installing golangci-lint v2.15.0 (once; a few minutes)'
	@GOBIN=$(TOOLS) GOFLAGS= go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0
	@mv $(TOOLS)/golangci-lint $@

build: $(STEPS:%=build/%/bootstrap) ## Build every function for AWS (provided.al2023, arm64)

build/%/bootstrap: $(SOURCES)
	@CGO_ENABLED=0 GOOS=linux GOARCH=arm64 $(BUILD) -tags lambda.norpc -o $@ ./functions/$*/lambda

host: $(STEPS:%=build/host/%/bootstrap) ## Build every function for this machine, for --functions=process

# Without -trimpath, which would have everything compiled once more.
build/host/%/bootstrap: $(SOURCES)
	@CGO_ENABLED=0 go build -buildvcs=false -ldflags='-s -w' -tags lambda.norpc -o $@ ./functions/$*/lambda

synth: build ## Write the CloudFormation template to cdk.out (the first time takes minutes)
	@rm -rf cdk.out
	@CDK_OUTDIR=cdk.out go run ./cdk $(CONTEXT)
	@ls cdk.out/*.template.json

deploy: synth $(CDK) ## Deploy to AWS: says what that makes and costs, then asks (YES=1 does not ask)
	@go run ./cdk/plan cdk.out
	@$(CDK) deploy --app cdk.out --require-approval $(if $(YES),never,any-change)

diff: synth $(CDK) ## Show what a deploy would change on AWS
	@$(CDK) diff --app cdk.out

destroy: synth $(CDK) ## Take the stack away from AWS; refuses while there are sandboxes
	@go run ./cdk/remaining $(CONTEXT)
	@$(CDK) destroy --app cdk.out --all $(if $(YES),--force)

$(CDK):
	@command -v npm >/dev/null || { echo "The CDK's command line tool needs npm, which comes with Node.js: https://nodejs.org/" >&2; exit 1; }
	@npm install --silent --no-audit --no-fund --prefix $(TOOLS)/cdk-2.1148.1 aws-cdk@2.1148.1

check-cdk: ## Check the stack: its tests, cdk-nag, cfn-lint (needs Node.js and Python; minutes)
	@.ci/cdk

golden: ## Write the golden template again, and what flows take for estimates of cost, after a meant change of the stack or a machine
	go test ./statemachine -run TestWhatAFlowCosts -update
	go test ./cdk -run TestGolden -update

roles: ## Write what functions may do under --enforce-iam anew, from the CDK app (the first time takes minutes)
	local/roles/synthesize.sh

check-roles: ## Fail when those are not what the CDK app says
	local/roles/synthesize.sh --check

generate: ## Write the generated code again
	go generate $(PACKAGES)

clean: ## Remove what was built, but not the data in .mayfly
	rm -rf bin build cdk.out
