package main

import (
	"testing"

	"github.com/oarlock/oarlock/sdk_go/pdktest"
)

var config = &Config{Add: map[string]string{"via": "gateway"}, Remove: []string{"internal"}}

func exchange(body, answer, kind string) *pdktest.Exchange {
	headers := pdktest.Headers{"content-type": {kind}}
	x := pdktest.New(pdktest.Request{Method: "POST", Headers: headers, Body: []byte(body)})
	x.Upstream = pdktest.Response{Headers: headers, Body: []byte(answer)}
	return x
}

func TestBothBodiesAreChanged(t *testing.T) {
	for _, withoutFacts := range []bool{false, true} {
		x := exchange(`{"item": 1}`, `{"id": 7, "internal": true}`, "application/json; charset=utf-8")
		x.WithoutFacts = withoutFacts
		for _, phase := range []string{"access", "response"} {
			if result := x.Run(phase, config); result.Err != nil {
				t.Fatal(result.Err)
			}
		}
		if got := string(x.Body()); got != `{"item":1,"via":"gateway"}` {
			t.Error(got)
		}
		if got := string(x.ResponseBody()); got != `{"id":7}` {
			t.Error(got)
		}
	}
}

func TestWhatDoesNotClaimToBeJSONPassesUnchanged(t *testing.T) {
	x := exchange("{}", `{"internal": 1}`, "text/plain")
	x.Run("access", config)
	x.Run("response", config)
	if string(x.Body()) != "{}" || string(x.ResponseBody()) != `{"internal": 1}` {
		t.Error(string(x.Body()), string(x.ResponseBody()))
	}
}

func TestABrokenBodyIsTheClientsMistake(t *testing.T) {
	for _, body := range []string{"", "[1]", "{"} {
		if result := exchange(body, "", "application/json").Run("access", config); result.Status != 400 {
			t.Error(body, result)
		}
	}
}
