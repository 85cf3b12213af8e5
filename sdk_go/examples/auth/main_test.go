package main

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/oarlock/oarlock/sdk_go/pdktest"
)

// service knows two tokens: of ann, and of somebody that the gateway does not know. `Bearer broken` breaks it.
func service(t *testing.T) *httptest.Server {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.Header.Get("Authorization") {
		case "Bearer a":
			w.Write([]byte(`{"username": "ann"}`))
		case "Bearer z":
			w.Write([]byte(`{"username": "zoe"}`))
		case "Bearer broken":
			w.WriteHeader(http.StatusInternalServerError)
		default:
			w.WriteHeader(http.StatusUnauthorized)
		}
	}))
	t.Cleanup(server.Close)
	return server
}

func ask(t *testing.T, url, token string) (*pdktest.Exchange, *pdktest.Result) {
	t.Helper()
	config := &Config{URL: url, Timeout: 1000}
	if err := config.Start(); err != nil {
		t.Fatal(err)
	}
	defer config.Stop()
	x := pdktest.New(pdktest.Request{Headers: pdktest.Headers{"authorization": {token}}})
	x.Answers = map[string]any{"kong.client.load_consumer": pdktest.Answer(func(args []any) (any, error) {
		if args[0] == "ann" {
			return map[string]any{"id": "c-1", "username": "ann"}, nil
		}
		return nil, nil
	})}
	return x, x.Run("access", config)
}

func TestWhoBringsATokenBecomesItsConsumerAndTheTokenStaysHere(t *testing.T) {
	x, result := ask(t, service(t).URL, "Bearer a")
	if result.Err != nil || result.Outcome != "done" {
		t.Fatal(result)
	}
	if got := x.RequestHeader("x-consumer-username"); got != "ann" {
		t.Error(got)
	}
	if got := x.RequestHeader("authorization"); got != "" {
		t.Error(got)
	}
}

func TestNoTokenAnUnknownOneAndAnUnknownConsumerAre401(t *testing.T) {
	url := service(t).URL
	for _, token := range []string{"", "Bearer b", "Bearer z"} {
		if _, result := ask(t, url, token); result.Status != 401 || result.Headers["www-authenticate"][0] != "Bearer" {
			t.Error(token, result)
		}
	}
}

func TestAServiceThatFailsOrIsNotThereIs503(t *testing.T) {
	for url, token := range map[string]string{service(t).URL: "Bearer broken", "http://127.0.0.1:1/": "Bearer a"} {
		if _, result := ask(t, url, token); result.Status != 503 {
			t.Error(url, result)
		}
	}
}
