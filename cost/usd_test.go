package cost_test

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/mayfly-dev/mayfly/cost"
)

func TestAmountsAreReadAndWritten(t *testing.T) {
	for text, want := range map[string]cost.USD{
		"0": 0, "20": 20 * cost.Dollar, "12.5": 12_500_000_000, "0.000000001": 1, "-3.25": -3_250_000_000, "9223372036.854775807": math.MaxInt64,
	} {
		got, err := cost.ParseUSD(text)
		if err != nil || got != want {
			t.Errorf("%q: %d, %v; want %d", text, got, err, want)
		}
		if back, err := cost.ParseUSD(got.String()); err != nil || back != got {
			t.Errorf("%q: %s is read as %d, %v", text, got, back, err)
		}
	}
	for _, text := range []string{"", "x", "1e3", "0x10", "1/2", "1_000", "+1", " 1", "0.0000000001", "9223372036.9", "1,5"} {
		if got, err := cost.ParseUSD(text); err == nil {
			t.Errorf("%q: %d", text, got)
		}
	}
}

func TestAmountsAreShownShort(t *testing.T) {
	for want, amount := range map[string]cost.USD{
		"0.00": 0, "12.35": 12_345_678_901, "0.10": 100_000_000, "0.012": 12_345_678, "0.000010": 10_400, "0.000000001": 1,
		"-1.50": -1_500_000_000, "0.100": 99_999_999,
	} {
		if got := amount.Short(); got != want {
			t.Errorf("%d: %s, want %s", amount, got, want)
		}
	}
}

func TestSumsStayTheMost(t *testing.T) {
	for _, tt := range []struct{ a, b, want cost.USD }{
		{1, 2, 3}, {math.MaxInt64, 1, math.MaxInt64}, {math.MinInt64, -1, math.MinInt64}, {math.MaxInt64, -1, math.MaxInt64 - 1},
	} {
		if got := tt.a.Plus(tt.b); got != tt.want {
			t.Errorf("%d + %d: %d", tt.a, tt.b, got)
		}
	}
}

// TestAPriceOfAQuantityIsExact compares with arithmetic without bounds.
func TestAPriceOfAQuantityIsExact(t *testing.T) {
	rates := listed(t).Rates("us-east-1", "", checked)
	random := rand.New(rand.NewPCG(7, 7))
	for range 20_000 {
		item := cost.Items()[random.IntN(len(cost.Items()))]
		quantity := random.Uint64() >> random.IntN(64)
		month := cost.MonthOf(time.Date(2026, time.Month(1+random.IntN(12)), 1, 0, 0, 0, 0, time.UTC))
		per := new(big.Int).SetUint64(item.Unit().Per)
		if item.Unit().Monthly {
			per.Mul(per, new(big.Int).SetUint64(month.Hours()))
		}
		each, ok := new(big.Rat).SetString(rates.Each(item))
		if !ok {
			t.Fatalf("%s: price %q", item, rates.Each(item))
		}
		want := each.Mul(each, new(big.Rat).SetInt(new(big.Int).SetUint64(quantity)))
		want.Mul(want, big.NewRat(int64(cost.Dollar), 1))
		want.Quo(want, new(big.Rat).SetInt(per))
		want.Add(want, big.NewRat(1, 2)) // rounded to the nearest, the half up
		whole := new(big.Int).Quo(want.Num(), want.Denom())
		if !whole.IsInt64() {
			whole.SetInt64(math.MaxInt64)
		}
		if got := rates.Of(item, quantity, month); int64(got) != whole.Int64() {
			t.Fatalf("%d of %s in %s: %d, want %s", quantity, item, month, got, whole)
		}
	}
}

func TestMonths(t *testing.T) {
	for month, hours := range map[string]uint64{"2026-11": 720, "2026-12": 744, "2028-02": 696, "2027-02": 672} {
		m, err := cost.ParseMonth(month)
		if err != nil || m.Hours() != hours {
			t.Errorf("%s: %d hours, %v", month, m.Hours(), err)
		}
	}
	if m := cost.Month("2027-01"); m.Before() != "2026-12" || m.End() != time.Date(2027, 2, 1, 0, 0, 0, 0, time.UTC) {
		t.Errorf("before %s is %s, its end %s", m, m.Before(), m.End())
	}
	for _, text := range []string{"", "2026", "2026-13", "11-2026", "2026-11-01"} {
		if _, err := cost.ParseMonth(text); err == nil {
			t.Errorf("%q is a month", text)
		}
	}
}
