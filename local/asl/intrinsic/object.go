package intrinsic

import "maps"

// jsonMerge merges at the top level; AWS offers no deep merge yet, and wants
// the third argument to say so.
func jsonMerge(_ *Env, args []any) (any, error) {
	first, ok := args[0].(map[string]any)
	if !ok {
		return nil, failf("argument 1 is no object")
	}
	second, ok := args[1].(map[string]any)
	if !ok {
		return nil, failf("argument 2 is no object")
	}
	deep, ok := args[2].(bool)
	if !ok {
		return nil, failf("argument 3 is no boolean")
	}
	if deep {
		return nil, failf("deep merging is not supported: argument 3 is false")
	}
	merged := make(map[string]any, len(first)+len(second))
	maps.Copy(merged, first)
	maps.Copy(merged, second)
	return merged, nil
}
