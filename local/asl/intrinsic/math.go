package intrinsic

import (
	"math"
	"math/rand/v2"
)

func mathAdd(_ *Env, args []any) (any, error) {
	a, err := asInteger(args, 0)
	if err != nil {
		return nil, err
	}
	b, err := asInteger(args, 1)
	if err != nil {
		return nil, err
	}
	total := a + b
	if total < math.MinInt32 || total > math.MaxInt32 {
		return nil, failf("the sum is not between %d and %d", math.MinInt32, math.MaxInt32)
	}
	return float64(total), nil
}

// mathRandom gives an integer from the first argument up to, not including, the
// second. The same seed gives the same number.
func mathRandom(env *Env, args []any) (any, error) {
	first, err := asInteger(args, 0)
	if err != nil {
		return nil, err
	}
	end, err := asInteger(args, 1)
	if err != nil {
		return nil, err
	}
	if first >= end {
		return nil, failf("the start is not before the end")
	}
	random := env.Random
	if len(args) == 3 {
		seed, err := asInteger(args, 2)
		if err != nil {
			return nil, err
		}
		random = rand.New(rand.NewPCG(uint64(seed), 0)).Float64 //nolint:gosec // a seeded number is no secret
	}
	return float64(first) + math.Floor(random()*float64(end-first)), nil
}
