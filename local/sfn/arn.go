package sfn

import "strings"

// machineRef is a state machine's ARN taken apart.
type machineRef struct {
	name      string // with a map's label: "name/label"
	qualifier string // a version's number, or an alias; "" for neither
	base      string // the ARN without the qualifier
}

// parseMachineARN reads "arn:aws:states:REGION:ACCOUNT:stateMachine:NAME", with
// ":QUALIFIER" or without.
func parseMachineARN(arn string) (machineRef, error) {
	parts, err := resource(arn, "stateMachine", 7, 8)
	if err != nil {
		return machineRef{}, err
	}
	ref := machineRef{name: parts[6], base: strings.Join(parts[:7], ":")}
	if len(parts) == 8 {
		ref.qualifier = parts[7]
	}
	return ref, nil
}

// resource splits an ARN of this service and checks its kind and its number of
// parts.
func resource(arn, kind string, atLeast, atMost int) ([]string, error) {
	parts := strings.Split(arn, ":")
	if len(arn) > 2000 || len(parts) < 7 || parts[0] != "arn" || parts[2] != "states" {
		return nil, failf("InvalidArn", "Invalid Arn: 'Invalid ARN prefix: %s'", arn)
	}
	if parts[5] != kind {
		return nil, failf("InvalidArn", "Invalid Arn: 'Resource type not valid in this context: %s'", parts[5])
	}
	if len(parts) < atLeast || len(parts) > atMost || parts[6] == "" || parts[len(parts)-1] == "" {
		return nil, invalidARN(arn)
	}
	return parts, nil
}

// checkExecutionARN refuses what names no execution.
func checkExecutionARN(arn string) error {
	parts := strings.Split(arn, ":")
	if len(parts) > 5 && parts[5] == "express" {
		_, err := resource(arn, "express", 8, 9)
		return err
	}
	_, err := resource(arn, "execution", 8, 8)
	return err
}
