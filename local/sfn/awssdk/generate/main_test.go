package main

import (
	"bytes"
	"os"
	"testing"
)

func TestTheTablesAreThoseOfTheClientsInUse(t *testing.T) {
	want, err := tables()
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile("../tables.go")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Error("tables.go is not what the clients say any more: run go generate ./local/sfn/awssdk")
	}
}
