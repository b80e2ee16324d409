package cost

import (
	"fmt"
	"math"
	"math/big"
	"math/bits"
	"strings"
)

// USD is an amount in billionths of a US dollar. Amounts end at 9.2 billion
// dollars, where they stay.
type USD int64

// Dollar is one US dollar.
const Dollar USD = 1_000_000_000

// ParseUSD reads an amount such as "12.5", which must have at most nine decimal
// places.
func ParseUSD(text string) (USD, error) {
	n, ok := scaled(text, 9)
	if !ok {
		return 0, fmt.Errorf("%q is no amount of US dollars: write it like 12.50", text)
	}
	return USD(n), nil
}

// String writes the amount with all its nine decimal places, as it is exact.
func (u USD) String() string {
	sign, n := "", uint64(u)
	if u < 0 {
		sign, n = "-", -n
	}
	return fmt.Sprintf("%s%d.%09d", sign, n/uint64(Dollar), n%uint64(Dollar))
}

// Short writes the amount for a person: cents, and as many more places as it
// takes to show two digits of what is less than ten cents.
func (u USD) Short() string {
	if u < 0 {
		return "-" + (-u).Short()
	}
	places, unit := 2, Dollar/100
	for u != 0 && u < 10*unit && places < 9 {
		places, unit = places+1, unit/10
	}
	rounded := u.Plus(unit / 2)
	text := (rounded - rounded%unit).String()
	return text[:len(text)-9+places]
}

// Plus adds amounts; what would be more than an amount can be stays the most.
func (u USD) Plus(v USD) USD {
	sum := u + v
	switch {
	case u > 0 && v > 0 && sum < 0:
		return math.MaxInt64
	case u < 0 && v < 0 && sum >= 0:
		return math.MinInt64
	}
	return sum
}

// MarshalText writes the amount as a decimal number of dollars.
func (u USD) MarshalText() ([]byte, error) { return []byte(u.String()), nil }

// UnmarshalText reads what MarshalText writes.
func (u *USD) UnmarshalText(text []byte) (err error) {
	*u, err = ParseUSD(string(text))
	return err
}

// scaled reads a decimal number as a whole number of its places-th decimal.
func scaled(text string, places int) (int64, bool) {
	if text == "" || strings.ContainsAny(text, "eExXpP/_ +") {
		return 0, false
	}
	value, ok := new(big.Rat).SetString(text)
	if !ok {
		return 0, false
	}
	value.Mul(value, new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(places)), nil)))
	if !value.IsInt() || !value.Num().IsInt64() {
		return 0, false
	}
	return value.Num().Int64(), true
}

// share returns amount × part / whole, rounded to the nearest.
func share(amount USD, part, whole uint64) USD {
	if whole == 0 || amount <= 0 {
		return 0
	}
	return USD(min(mulDiv(uint64(amount), part, whole), math.MaxInt64))
}

// mulDiv returns a × b / c, rounded to the nearest, the half up; what is more
// than 64 bits is the most they hold.
func mulDiv(a, b, c uint64) uint64 {
	high, low := bits.Mul64(a, b)
	low, carry := bits.Add64(low, c/2, 0)
	if high += carry; high >= c {
		return math.MaxUint64
	}
	quotient, _ := bits.Div64(high, low, c)
	return quotient
}
