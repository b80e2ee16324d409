package intrinsic

// function is one of AWS's functions with how many arguments it takes; max is
// -1 where there is no limit.
type function struct {
	min, max int
	call     func(env *Env, args []any) (any, error)
}

func lookup(name string) (function, bool) {
	switch name {
	case "States.Format":
		return function{1, -1, format}, true
	case "States.StringToJson":
		return function{1, 1, stringToJSON}, true
	case "States.JsonToString":
		return function{1, 1, jsonToString}, true
	case "States.Array":
		return function{0, -1, array}, true
	case "States.ArrayPartition":
		return function{2, 2, arrayPartition}, true
	case "States.ArrayContains":
		return function{2, 2, arrayContains}, true
	case "States.ArrayRange":
		return function{3, 3, arrayRange}, true
	case "States.ArrayGetItem":
		return function{2, 2, arrayGetItem}, true
	case "States.ArrayLength":
		return function{1, 1, arrayLength}, true
	case "States.ArrayUnique":
		return function{1, 1, arrayUnique}, true
	case "States.Base64Encode":
		return function{1, 1, base64Encode}, true
	case "States.Base64Decode":
		return function{1, 1, base64Decode}, true
	case "States.Hash":
		return function{2, 2, hash}, true
	case "States.JsonMerge":
		return function{3, 3, jsonMerge}, true
	case "States.MathRandom":
		return function{2, 3, mathRandom}, true
	case "States.MathAdd":
		return function{2, 2, mathAdd}, true
	case "States.StringSplit":
		return function{2, 2, stringSplit}, true
	case "States.UUID":
		return function{0, 0, func(env *Env, _ []any) (any, error) { return env.UUID(), nil }}, true
	}
	return function{}, false
}
