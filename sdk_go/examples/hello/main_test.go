package main

import (
	"testing"

	"github.com/oarlock/oarlock/sdk_go/pdktest"
)

func TestItSaysHelloToTheUpstreamAndToTheClient(t *testing.T) {
	x := pdktest.New(pdktest.Request{Path: "/a", Query: "name=bob"})
	if result := x.Run("access", New()); result.Err != nil {
		t.Fatal(result.Err)
	}
	if got := x.RequestHeader("x-hello"); got != "hello, bob" {
		t.Error(got)
	}
	if got := x.RequestHeader("x-hello-path"); got != "/a" {
		t.Error(got)
	}
	if x.ResponseHeader("x-hello-from") == "" {
		t.Error("the client is not told")
	}
}

func TestItTurnsAwayWhoAsksForIt(t *testing.T) {
	x := pdktest.New(pdktest.Request{Headers: pdktest.Headers{"x-hello-exit": {"403"}}})
	result := x.Run("access", &Config{Message: "sorry"})
	if result.Outcome != "exit" || result.Status != 403 {
		t.Fatal(result)
	}
	body, _ := result.Body.(map[string]any)
	if body["message"] != "sorry: no entry, stranger" {
		t.Error(body)
	}
}
