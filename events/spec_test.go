package events_test

import (
	"reflect"
	"testing"

	"github.com/mayfly-dev/mayfly/events"
)

// TestEqualLooksAtEveryField changes each field of a spec alone, those inside
// its parts too.
func TestEqualLooksAtEveryField(t *testing.T) {
	var fields func(reflect.Type, []int) [][]int
	fields = func(of reflect.Type, path []int) (all [][]int) {
		for i := range of.NumField() {
			here := append(append([]int{}, path...), i)
			if inner := of.Field(i).Type; inner.Kind() == reflect.Struct {
				all = append(all, fields(inner, here)...)
			} else {
				all = append(all, here)
			}
		}
		return all
	}
	for _, path := range fields(reflect.TypeFor[events.Spec](), nil) {
		var one, other events.Spec
		switch field := reflect.ValueOf(&other).Elem().FieldByIndex(path); field.Kind() {
		case reflect.String:
			field.SetString("x")
		case reflect.Bool:
			field.SetBool(true)
		case reflect.Int:
			field.SetInt(1)
		case reflect.Slice:
			field.Set(reflect.ValueOf([]string{"x"}))
		case reflect.Pointer: // of a boolean, nil stands for true
			field.Set(reflect.New(field.Type().Elem()))
		default:
			t.Fatalf("a field of kind %s", field.Kind())
		}
		if one.Equal(other) || !other.Equal(other) {
			t.Errorf("a change of field %v goes unseen", path)
		}
	}
}
