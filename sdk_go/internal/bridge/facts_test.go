package bridge

import (
	"testing"

	"github.com/oarlock/oarlock/sdk_go/internal/msgpack"
	"github.com/oarlock/oarlock/sdk_go/internal/table"
)

func factsOf(t *testing.T) *Facts {
	t.Helper()
	segment := []any{
		51, "host\na.b\nx-user\nbob\nx-other\n1", 42, "a.b", 47, "a=1",
		[]any{125, "k"}, map[string]any{"n": []any{1}}, []any{49, 5}, []any{"a", "1"},
	}
	facts, ok := NewFacts(msgpack.AppendPlain(nil, []any{[]any{47, "old"}, segment}), false)
	if !ok {
		t.Fatal("no facts")
	}
	return facts
}

func isKnown(facts *Facts, name string, args ...any) bool {
	_, ok := facts.Get(table.ByName("kong."+name), args, 1)
	return ok
}

func change(t *testing.T, facts *Facts, instance int64, name string, args ...any) {
	t.Helper()
	function := table.ByName("kong." + name)
	checked, err := CheckArgs(function, args)
	if err != nil {
		t.Fatal(err)
	}
	facts.Change(function, checked, instance)
}

func TestWhatGoesStale(t *testing.T) {
	for _, one := range []struct {
		change string
		args   []any
		stale  []string // names of headers, or functions
		known  []string
	}{
		{"service.request.set_header", []any{"X_User", "eve"}, []string{"x-user", "x_user", "request.get_headers"}, []string{"x-other", "request.get_host"}},
		{"service.request.set_headers", []any{map[string][]string{"x-user": {"1"}, "x-new": {"2", "3"}}}, []string{"x-user", "x-new"}, []string{"x-other"}},
		{"service.request.clear_header", []any{"Host"}, []string{"host", "request.get_host"}, []string{"x-user"}},
		{"service.request.set_raw_body", []any{"x"}, []string{"content-length", "request.get_headers"}, []string{"x-user", "request.get_host"}},
		{"service.request.set_raw_query", []any{"b=1"}, []string{"request.get_raw_query"}, []string{"x-user"}},
		{"response.set_header", []any{"x-user", "1"}, nil, []string{"x-user", "request.get_headers"}},
	} {
		facts := factsOf(t)
		change(t, facts, 1, one.change, one.args...)
		for _, name := range one.stale {
			if isFactKnown(facts, name) {
				t.Errorf("%s: %s is still known", one.change, name)
			}
		}
		for _, name := range one.known {
			if !isFactKnown(facts, name) {
				t.Errorf("%s: %s is not known", one.change, name)
			}
		}
	}
}

func isFactKnown(facts *Facts, name string) bool {
	if table.ByName("kong."+name) != nil {
		return isKnown(facts, name)
	}
	return isKnown(facts, "request.get_header", name)
}

func TestOfEqualKeysTheLaterWinsAndArgumentsAreCanonical(t *testing.T) {
	facts := factsOf(t)
	if value, _ := facts.Get(table.ByName("kong.request.get_raw_query"), nil, 1); value.Any() != "a=1" {
		t.Error(value.Any())
	}
	if !isKnown(facts, "request.get_query", 5) || isKnown(facts, "request.get_query") || isKnown(facts, "request.get_query", 0) {
		t.Error("a key with arguments is not found as it was sent")
	}
	if isKnown(facts, "request.get_header", 1) || isKnown(facts, "request.get_header") {
		t.Error("arguments of a wrong type are answered at home")
	}
}

func TestTheContextOfOneInstanceIsNotThatOfAnother(t *testing.T) {
	facts := factsOf(t)
	change(t, facts, 1, "ctx.plugin.set", "k", 5)
	get := table.ByName("kong.ctx.plugin.get")
	if value, ok := facts.Get(get, []any{"k"}, 1); !ok || value.Any() != int64(5) {
		t.Error(value, ok)
	}
	if _, ok := facts.Get(get, []any{"k"}, 2); ok {
		t.Error("another instance reads it")
	}
	change(t, facts, 1, "ctx.plugin.set", "k", nil)
	if value, ok := facts.Get(get, []any{"k"}, 1); !ok || value.Any() != nil {
		t.Error(value, ok)
	}
}

func TestWhatACallBroughtIsKeptUntilAChangeMakesItStale(t *testing.T) {
	facts := factsOf(t)
	get := table.ByName("kong.request.get_header")
	change(t, facts, 1, "service.request.set_header", "x-user", "eve")
	facts.Remember(get, []any{"X-User"}, 1, Value{Raw: msgpack.AppendText(nil, "eve")})
	if value, ok := facts.Get(get, []any{"x-user"}, 1); !ok || value.Any() != "eve" {
		t.Error(value, ok)
	}
	change(t, facts, 1, "service.request.add_header", "X_User", "ann")
	if isKnown(facts, "request.get_header", "x-user") {
		t.Error("it is still known")
	}
}

func TestAValueWrittenIsACopy(t *testing.T) {
	facts := factsOf(t)
	value := map[string]any{"list": []any{1}}
	change(t, facts, 1, "ctx.shared.set", "k", value)
	value["list"] = nil
	got, _ := facts.Get(table.ByName("kong.ctx.shared.get"), []any{"k"}, 1)
	if list, _ := got.Any().(map[string]any)["list"].([]any); len(list) != 1 {
		t.Error(got.Any())
	}
}

func BenchmarkEvent(b *testing.B) {
	segments := msgpack.AppendPlain(nil, []any{[]any{
		40, "GET", 41, "http", 42, "a.b", 43, 8000, 44, "/a", 46, "/a?b=1", 47, "b=1", 52, 1.1,
		51, "host\na.b\naccept\n*/*\nuser-agent\ncurl/8\nx-user\nbob\nx-other\n1", 20, "192.0.2.7", 22, 5000,
		1, "0123456789abcdef0123456789abcdef", 2, nil, 3, "r", 4, "s", 5, nil, 6, nil,
	}})
	b.ReportAllocs()
	for range b.N {
		facts, _ := NewFacts(segments, false)
		step := NewStep(nil, facts, Options{Phase: 3, Highest: table.Highest})
		user, _ := step.Text(50, "x-user")
		step.Do(90, "x-demo", user)
		step.Finish()
	}
}
