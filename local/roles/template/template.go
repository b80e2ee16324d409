// Package template reads the roles out of a CloudFormation template: what each
// role that the template makes may do, as policy documents without any
// reference left in them, and what takes that role on.
package template

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// Deployment says where a template is deployed, as its pseudo parameters do.
type Deployment struct {
	// Stack is the stack's name, with which the names begin that CloudFormation
	// chooses.
	Stack string
	// Account has 12 digits; Region is like us-east-1.
	Account, Region string
}

// A Role is one AWS::IAM::Role.
type Role struct {
	// LogicalID is its name in the template.
	LogicalID string
	// For is the Lambda function or the state machine that takes the role on, by
	// its name; it is empty for the roles of AWS's own services, such as a rule's.
	For string
	// Kind is the CloudFormation type of what takes it on.
	Kind string
	// Documents are its policies: inline, attached and managed by AWS.
	Documents []json.RawMessage
}

// resource is one entry of a template's Resources.
type resource struct {
	Type       string
	Properties map[string]any
}

// template is as much of a template as is needed.
type template struct {
	Parameters map[string]struct{ Default any }
	Conditions map[string]any
	Resources  map[string]resource

	deployment Deployment
}

// The types of resources that the roles of a template hang on.
const (
	typeRole     = "AWS::IAM::Role"
	typePolicy   = "AWS::IAM::Policy"
	typeFunction = "AWS::Lambda::Function"
	typeMachine  = "AWS::StepFunctions::StateMachine"
)

// Roles returns the roles of a template, sorted by LogicalID. It fails for a
// reference that it does not know to resolve, and for a policy that it has not
// got: a role that is only partly read would prove nothing.
func Roles(text []byte, deployment Deployment) ([]Role, error) {
	t := template{deployment: deployment}
	if err := json.Unmarshal(text, &t); err != nil {
		return nil, fmt.Errorf("read the template: %w", err)
	}
	roles := make(map[string]*Role)
	for id, r := range t.Resources {
		if r.Type != typeRole {
			continue
		}
		role := &Role{LogicalID: id}
		documents, err := t.own(r)
		if err != nil {
			return nil, fmt.Errorf("role %s: %w", id, err)
		}
		role.Documents = documents
		roles[id] = role
	}
	if err := t.attach(roles); err != nil {
		return nil, err
	}
	if err := t.assign(roles); err != nil {
		return nil, err
	}
	all := make([]Role, 0, len(roles))
	for _, role := range roles {
		all = append(all, *role)
	}
	slices.SortFunc(all, func(a, b Role) int { return strings.Compare(a.LogicalID, b.LogicalID) })
	return all, nil
}

// own are the policies that stand at the role itself.
func (t *template) own(r resource) ([]json.RawMessage, error) {
	var documents []json.RawMessage
	managed, err := t.list(r.Properties["ManagedPolicyArns"])
	if err != nil {
		return nil, err
	}
	for _, arn := range managed {
		document, ok := managedPolicies[arn]
		if !ok {
			return nil, fmt.Errorf("%s is a policy that is not known here", arn)
		}
		documents = append(documents, json.RawMessage(document))
	}
	inline, _ := r.Properties["Policies"].([]any)
	for _, policy := range inline {
		members, _ := policy.(map[string]any)
		document, err := t.document(members["PolicyDocument"])
		if err != nil {
			return nil, err
		}
		documents = append(documents, document)
	}
	return documents, nil
}

// attach gives the roles the policies that are resources by themselves.
func (t *template) attach(roles map[string]*Role) error {
	ids := make([]string, 0, len(t.Resources))
	for id, r := range t.Resources {
		if r.Type == typePolicy {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	for _, id := range ids {
		properties := t.Resources[id].Properties
		document, err := t.document(properties["PolicyDocument"])
		if err != nil {
			return fmt.Errorf("policy %s: %w", id, err)
		}
		attached, _ := properties["Roles"].([]any)
		for _, to := range attached {
			role, ok := roles[referred(to)]
			if !ok {
				return fmt.Errorf("policy %s is attached to a role that is not in the template", id)
			}
			role.Documents = append(role.Documents, document)
		}
	}
	return nil
}

// assign tells the roles who takes them on.
func (t *template) assign(roles map[string]*Role) error {
	for id, r := range t.Resources {
		property := map[string]string{typeFunction: "Role", typeMachine: "RoleArn"}[r.Type]
		if property == "" {
			continue
		}
		role, ok := roles[referred(r.Properties[property])]
		if !ok {
			return fmt.Errorf("%s takes on a role that is not in the template", id)
		}
		name, err := t.name(id)
		if err != nil {
			return err
		}
		if role.For != "" {
			return fmt.Errorf("%s and %s share a role: each must have its own", role.For, name)
		}
		role.For, role.Kind = name, r.Type
	}
	return nil
}

// document resolves a policy document.
func (t *template) document(value any) (json.RawMessage, error) {
	resolved, err := t.resolve(value)
	if err != nil {
		return nil, err
	}
	text, err := json.Marshal(resolved)
	if err != nil {
		return nil, fmt.Errorf("write a policy document: %w", err)
	}
	return text, nil
}

// list resolves a list of texts.
func (t *template) list(value any) ([]string, error) {
	items, _ := value.([]any)
	texts := make([]string, 0, len(items))
	for _, item := range items {
		text, err := t.text(item)
		if err != nil {
			return nil, err
		}
		texts = append(texts, text)
	}
	return texts, nil
}

// referred is the logical id of what {"Ref": ID} or {"Fn::GetAtt": [ID, …]}
// names; "" for anything else.
func referred(value any) string {
	members, _ := value.(map[string]any)
	if id, ok := members["Ref"].(string); ok {
		return id
	}
	if att, ok := members["Fn::GetAtt"].([]any); ok && len(att) > 0 {
		id, _ := att[0].(string)
		return id
	}
	return ""
}

// managedPolicies are the policies of AWS's own that the roles have, by ARN.
// AWSLambdaBasicExecutionRole is what the Lambda service writes logs with.
var managedPolicies = map[string]string{
	"arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole": `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["logs:CreateLogGroup","logs:CreateLogStream","logs:PutLogEvents"],"Resource":"*"}]}`,
}
