package pdktest

import (
	"errors"
	"reflect"
	"testing"

	pdk "github.com/oarlock/oarlock/sdk_go"
)

type handler struct {
	Word string `json:"word" validate:"required"`
	run  func(kong *pdk.PDK) error
}

func (h *handler) Access(kong *pdk.PDK) error   { return h.run(kong) }
func (h *handler) Response(kong *pdk.PDK) error { return h.run(kong) }
func (h *handler) Log(kong *pdk.PDK) error      { return h.run(kong) }

func run(x *Exchange, phase string, f func(kong *pdk.PDK) error) *Result {
	return x.Run(phase, &handler{run: f})
}

func TestAHandlerReadsItsOwnChanges(t *testing.T) {
	for _, withoutFacts := range []bool{false, true} {
		x := New(Request{Query: "a=1&a=2&b", Headers: Headers{"X-User": {"bob", "eve"}}})
		x.WithoutFacts = withoutFacts
		result := run(x, "access", func(kong *pdk.PDK) error {
			headers, err := kong.Request.GetHeaders(-1)
			if err != nil || !reflect.DeepEqual(headers["x-user"], []string{"bob", "eve"}) {
				return errors.Join(err, errors.New("headers"))
			}
			query, err := kong.Request.GetQueryAny(-1)
			if err != nil || !reflect.DeepEqual(query, map[string]any{"a": []any{"1", "2"}, "b": true}) {
				return errors.Join(err, errors.New("query"))
			}
			kong.ServiceRequest.SetHeader("x-user", "ann")
			kong.ServiceRequest.SetQueryAny(map[string]any{"z": true, "y": []string{"1", "0"}})
			if user, _ := kong.Request.GetHeader("x_user"); user != "ann" {
				return errors.New(user)
			}
			if raw, _ := kong.Request.GetRawQuery(); raw != "y=0&y=1&z" {
				return errors.New(raw)
			}
			return nil
		})
		if result.Err != nil || x.RequestHeader("X-User") != "ann" || len(result.Changes) != 2 {
			t.Fatal(result)
		}
	}
}

func TestOneExchangeGoesFromPhaseToPhase(t *testing.T) {
	x := New(Request{})
	run(x, "access", func(kong *pdk.PDK) error {
		kong.Response.SetHeader("x-early", "1")
		return kong.Ctx.SetPlugin("n", 1)
	})
	x.Upstream = Response{Status: 404, Headers: Headers{"Server": {"up"}}, Body: []byte("no")}
	result := run(x, "response", func(kong *pdk.PDK) error {
		n, err := kong.Ctx.GetPluginInt("n")
		if status, _ := kong.ServiceResponse.GetStatus(); n != 1 || status != 404 || err != nil {
			return errors.New("it was forgotten")
		}
		kong.Response.SetStatus(200)
		return kong.Response.SetRawBody("yes")
	})
	if result.Err != nil || x.Status() != 200 || string(x.ResponseBody()) != "yes" {
		t.Fatal(result)
	}
	if x.ResponseHeader("server") != "up" || x.ResponseHeader("x-early") != "1" {
		t.Fatal(x.ResponseHeaders())
	}
}

func TestPhaseRulesHoldAsTheyDoLive(t *testing.T) {
	result := run(New(Request{}), "log", func(kong *pdk.PDK) error { return kong.Response.SetHeader("x", "1") })
	if !errors.Is(result.Err, pdk.ErrWrongPhase) || result.Outcome != "failed" {
		t.Fatal(result)
	}
	result = run(New(Request{}), "access", func(kong *pdk.PDK) error { return kong.Response.SetStatus(1) })
	if !errors.Is(result.Err, pdk.ErrBadArgs) {
		t.Fatal(result)
	}
}

func TestNothingCountsOfWhatFails(t *testing.T) {
	x := New(Request{})
	for _, fail := range []func(){func() {}, func() { panic("oh") }} {
		result := run(x, "access", func(kong *pdk.PDK) error {
			kong.Ctx.SetShared("k", 1)
			kong.ServiceRequest.SetHeader("x", "1")
			kong.Request.GetHeader("x") // the changes leave with it
			fail()
			return errors.New("no")
		})
		if result.Err == nil || x.RequestHeader("x") != "" || len(x.shared) != 0 {
			t.Fatal(result, x.RequestHeaders())
		}
	}
}

func TestExitAndErrorPageAreOutcomes(t *testing.T) {
	result := run(New(Request{}), "access", func(kong *pdk.PDK) error {
		kong.Response.Error(429, "slow down", map[string][]string{"retry-after": {"3"}})
		return nil
	})
	if result.Outcome != "error_page" || result.Status != 429 || result.Body != "slow down" || result.Headers["retry-after"][0] != "3" {
		t.Fatal(result)
	}
}

func TestWhatIsNotKnownIsAskedForWithAHint(t *testing.T) {
	x := New(Request{})
	x.Answers = map[string]any{"kong.vault.get": Answer(func(args []any) (any, error) { return "of " + args[0].(string), nil })}
	result := run(x, "access", func(kong *pdk.PDK) error {
		if secret, _ := kong.Vault.Get("a"); secret != "of a" {
			return errors.New(secret)
		}
		kong.Log.Warn("n: ", 1)
		_, err := kong.Node.GetHostname()
		return err
	})
	if !errors.Is(result.Err, pdk.ErrUnsupported) || !reflect.DeepEqual(result.Logs, []Line{{4, "n: 1"}}) {
		t.Fatal(result)
	}
	if !reflect.DeepEqual(result.Calls[0], Call{"kong.vault.get", []any{"a"}}) {
		t.Fatal(result.Calls)
	}
}

func TestAConfigurationIsFilledAsTheGatewayWould(t *testing.T) {
	config, err := Configure(func() any { return &handler{} }, map[string]any{"word": "hi"})
	if err != nil || config.(*handler).Word != "hi" {
		t.Fatal(config, err)
	}
	if _, err := Configure(func() any { return &handler{} }, map[string]any{"word": 1}); err == nil {
		t.Fatal("a number was taken for a text")
	}
}
