package intrinsic

import "slices"

func array(_ *Env, args []any) (any, error) { return args, nil }

func arrayPartition(_ *Env, args []any) (any, error) {
	list, err := asArray(args, 0)
	if err != nil {
		return nil, err
	}
	n, err := asInteger(args, 1)
	if err != nil {
		return nil, err
	}
	if n <= 0 {
		return nil, failf("the chunk size is not positive")
	}
	chunks := make([]any, 0, len(list)/n+1)
	for chunk := range slices.Chunk(list, n) {
		chunks = append(chunks, chunk)
	}
	return chunks, nil
}

func arrayContains(_ *Env, args []any) (any, error) {
	list, err := asArray(args, 0)
	if err != nil {
		return nil, err
	}
	return slices.ContainsFunc(list, func(element any) bool { return same(element, args[1]) }), nil
}

func arrayRange(_ *Env, args []any) (any, error) {
	var bound [3]int
	for i := range bound {
		n, err := asInteger(args, i)
		if err != nil {
			return nil, err
		}
		bound[i] = n
	}
	first, last, step := bound[0], bound[1], bound[2]
	if step == 0 {
		return nil, failf("the increment is zero")
	}
	list := []any{}
	for n := first; step > 0 && n <= last || step < 0 && n >= last; n += step {
		if len(list) == MaxRange {
			return nil, failf("the range has more than %d elements", MaxRange)
		}
		list = append(list, float64(n))
	}
	return list, nil
}

func arrayGetItem(_ *Env, args []any) (any, error) {
	list, err := asArray(args, 0)
	if err != nil {
		return nil, err
	}
	n, err := asInteger(args, 1)
	if err != nil {
		return nil, err
	}
	if n < 0 || n >= len(list) {
		return nil, failf("there is no item %d in an array of %d", n, len(list))
	}
	return list[n], nil
}

func arrayLength(_ *Env, args []any) (any, error) {
	list, err := asArray(args, 0)
	return float64(len(list)), err
}

func arrayUnique(_ *Env, args []any) (any, error) {
	list, err := asArray(args, 0)
	if err != nil {
		return nil, err
	}
	seen, unique := make(map[string]bool, len(list)), []any{}
	for _, element := range list {
		key, err := encode(normal(element))
		if err != nil {
			return nil, err
		}
		if !seen[key] {
			seen[key] = true
			unique = append(unique, element)
		}
	}
	return unique, nil
}
