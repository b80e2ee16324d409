package local

import (
	"encoding/json"
	"fmt"

	"github.com/mayfly-dev/mayfly/local/asl"
	"github.com/mayfly-dev/mayfly/local/iam"
	"github.com/mayfly-dev/mayfly/local/roles"
	"github.com/mayfly-dev/mayfly/local/sts"
)

// operator is who installs: the account's root, as everybody is whose keys are
// of no role.
func operator() sts.Keys { return sts.Keys{Access: "test", Secret: "test"} }

// machineRole is the role that a state machine of Mayfly's takes on.
func machineRole(name string) string { return roleARN("mayfly-machine-" + name) }

func roleARN(name string) string { return "arn:aws:iam::" + Account + ":role/" + name }

// session is a session of one of the installation's roles, as AWS names it.
func session(role, name string) string {
	return "arn:aws:sts::" + Account + ":assumed-role/" + role + "/" + name
}

// identities are who the installation's functions and machines are, where roles
// are enforced: on one machine what they are on AWS.
type identities struct {
	functions map[string]iam.Caller // by the step's name
	machines  map[string]iam.Caller // by the role's ARN
}

// newIdentities makes the callers of all roles; observe is told of what each
// asks for, and may be nil.
func newIdentities(observe func(iam.Asked)) (identities, error) {
	all, err := roles.Load()
	if err != nil {
		return identities{}, err
	}
	names := roles.Local{Prefix: functionName(""), UploadBucket: uploadBucket, Table: table, RepositoryPrefix: repositoryPrefix}
	found := identities{functions: map[string]iam.Caller{}, machines: map[string]iam.Caller{}}
	caller := func(arn string, documents []json.RawMessage) (iam.Caller, error) {
		texts := make([]string, 0, len(documents))
		for _, document := range documents {
			texts = append(texts, string(document))
		}
		return iam.RoleCaller(arn, texts, names.Deployed, observe)
	}
	for step, documents := range all.Functions {
		if found.functions[step], err = caller(session(functionName(step), functionName(step)), documents); err != nil {
			return identities{}, fmt.Errorf("role of the function %s: %w", step, err)
		}
	}
	for machine, documents := range all.Machines {
		if found.machines[machineRole(machine)], err = caller(session("mayfly-machine-"+machine, "execution"), documents); err != nil {
			return identities{}, fmt.Errorf("role of the state machine %s: %w", machine, err)
		}
	}
	return found, nil
}

// know makes the keys of every function those of its role.
func (i identities) know(sessions *sts.Sessions, steps []string) {
	for _, step := range steps {
		sessions.Know(step, i.function(step))
	}
}

// function is who a function is; one that has no role yet may do nothing.
func (i identities) function(step string) iam.Caller {
	if who, ok := i.functions[step]; ok {
		return who
	}
	return iam.Caller{ARN: session(functionName(step), functionName(step))}
}

// authorize says why a machine's role does not allow what a task is about to
// do. Machines that are not Mayfly's may do everything.
func (i identities) authorize(t asl.Task, action, resource string) string {
	who, ours := i.machines[t.RoleARN]
	if !ours {
		return ""
	}
	context := iam.Context{}
	context.Set("aws:PrincipalArn", who.PrincipalARN())
	context.Set("aws:PrincipalAccount", Account)
	context.Set("aws:ResourceAccount", Account)
	if answer := who.May(action, resource, context, nil); !answer.Allowed {
		return fmt.Sprintf("User: %s is not authorized to perform: %s on resource: %s %s", who.ARN, action, resource, answer.Because)
	}
	return ""
}
