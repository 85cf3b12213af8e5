package server

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	pdk "github.com/oarlock/oarlock/sdk_go"
	"github.com/oarlock/oarlock/sdk_go/internal/table"
)

type handlers = map[string]func(*pdk.PDK) error

var headers = map[string]any{"request.get_headers": block}

func TestFactsAreAnsweredAndChangesSentWithoutARoundTrip(t *testing.T) {
	g := serve(t, Options{}, handlers{"p": func(kong *pdk.PDK) error {
		user, err := kong.Request.GetHeader("X_User")
		if err != nil {
			return err
		}
		if _, found, _ := kong.Request.LookupHeader("x-none"); found {
			return errors.New("x-none was found")
		}
		return kong.ServiceRequest.SetHeader("x-demo", user)
	}}).gateway()
	g.finishes(g.run(headers, g.start("p")), []any{90, "x-demo", "bob"})
}

func TestACallCarriesTheChangesBeforeItAndItsAnswerIsKept(t *testing.T) {
	g := serve(t, Options{}, handlers{"p": func(kong *pdk.PDK) error {
		kong.ServiceRequest.SetHeader("x-user", "eve")
		for range 2 {
			if user, err := kong.Request.GetHeader("x-user"); user != "eve" || err != nil {
				return errors.New("it is " + user)
			}
		}
		if host, _ := kong.Request.GetHeader("host"); host != "a.b" {
			return errors.New("another header is not known any more")
		}
		return kong.Response.SetStatus(201)
	}}).gateway()
	event := g.run(headers, g.start("p"))
	call, args, changes := g.call("request.get_header")
	if !same(args, []any{"x-user"}) || !same(changes, []any{[]any{90, "x-user", "eve"}}) {
		t.Fatal(args, changes)
	}
	g.send(table.MsgReply, call, "eve")
	g.finishes(event, []any{64, 201})
}

func TestAValueWrittenIsReadAtHome(t *testing.T) {
	g := serve(t, Options{}, handlers{"p": func(kong *pdk.PDK) error {
		kong.Ctx.SetShared("n", 5)
		n, err := kong.Ctx.GetSharedInt("n")
		f, _ := kong.Ctx.GetSharedFloat("n")
		if _, wrong := kong.Ctx.GetSharedString("n"); n != 5 || f != 5 || err != nil || wrong == nil {
			return errors.New("it is not 5")
		}
		return nil
	}}).gateway()
	g.finishes(g.run(nil, g.start("p")), []any{126, "n", 5})
}

func TestExitEndsTheHandler(t *testing.T) {
	var behind, deferred bool
	g := serve(t, Options{}, handlers{"p": func(kong *pdk.PDK) error {
		defer func() { deferred = true }()
		kong.Response.SetHeader("x-seen", "1")
		kong.Response.Exit(403, map[string]any{"message": "no"}, map[string][]string{"x-why": {"a", "b"}})
		behind = true
		return nil
	}}).gateway()
	instance := g.start("p")
	for range 2 {
		outcome, changes, detail := g.done(g.run(headers, instance))
		want := []any{403, map[string]any{"message": "no"}, []any{"x-why", []any{"a", "b"}}}
		if outcome != table.OutcomeExit || !same(changes, []any{[]any{60, "x-seen", "1"}}) || !same(detail, want) {
			t.Fatal(outcome, changes, detail)
		}
	}
	if behind || !deferred {
		t.Fatal("code behind Exit ran, or deferred code did not")
	}
}

func TestAPanicIsOneEventsErrorWithItsStack(t *testing.T) {
	var fail bool
	g := serve(t, Options{}, handlers{"p": func(kong *pdk.PDK) error {
		kong.Response.SetHeader("x", "1")
		if fail {
			panicHere()
		}
		return nil
	}}).gateway()
	instance := g.start("p")
	fail = true
	text := g.fails(g.run(nil, instance), "failed")
	if !strings.HasPrefix(text, "panic: oh\n") || !strings.Contains(text, "panicHere") {
		t.Fatal(text)
	}
	fail = false
	g.finishes(g.run(nil, instance), []any{60, "x", "1"})
}

func panicHere() { panic("oh") }

func TestAnErrorIsTheEventsErrorAndNothingOfItCounts(t *testing.T) {
	g := serve(t, Options{}, handlers{
		"returns": func(kong *pdk.PDK) error {
			kong.Response.SetHeader("x", "1")
			return errors.New("no luck")
		},
		"goexit": func(*pdk.PDK) error { runtime.Goexit(); return nil },
		"status": func(kong *pdk.PDK) error { kong.Response.Exit(42, nil, nil); return nil },
	}).gateway()
	if text := g.fails(g.run(nil, g.start("returns")), "failed"); text != "no luck" {
		t.Error(text)
	}
	if text := g.fails(g.run(nil, g.start("goexit")), "failed"); text != "the handler ended its goroutine" {
		t.Error(text)
	}
	if text := g.fails(g.run(nil, g.start("status")), "failed"); !strings.Contains(text, "kong.response.exit: status: at least 100") {
		t.Error(text)
	}
}

func TestAFusedRunSendsADoneForEachStep(t *testing.T) {
	g := serve(t, Options{}, handlers{
		"a":     func(kong *pdk.PDK) error { return kong.ServiceRequest.SetHeader("x-user", "eve") },
		"b":     func(kong *pdk.PDK) error { _, err := kong.Request.GetHeader("x-user"); return err },
		"exit":  func(kong *pdk.PDK) error { kong.Response.ExitStatus(204); return nil },
		"login": func(kong *pdk.PDK) error { return kong.Client.AuthenticateAny(map[string]any{"id": "c"}, nil) },
	}).gateway()
	a, b, exit, login := g.start("a"), g.start("b"), g.start("exit"), g.start("login")

	event := g.run(headers, a, b)
	if outcome, changes, _ := g.done(event); outcome != table.OutcomeNext || len(changes) != 1 {
		t.Fatal(outcome, changes)
	}
	call, _, changes := g.call("request.get_header") // what the first step changed is stale for the second
	if len(changes) != 0 {
		t.Fatal(changes)
	}
	g.send(table.MsgReply, call, "eve")
	g.finishes(event)

	event = g.run(headers, a, exit, b)
	g.done(event)
	if outcome, _, detail := g.done(event); outcome != table.OutcomeExit || !same(detail, []any{204}) {
		t.Fatal(outcome, detail)
	}
	g.finishes(g.run(headers, login, b), []any{27, map[string]any{"id": "c"}})
}

func TestTheContextHasTheDeadlineAndIsCancelledWithACause(t *testing.T) {
	causes := make(chan error, 1)
	runs := make(chan bool, 2)
	g := serve(t, Options{}, handlers{"p": func(kong *pdk.PDK) error {
		runs <- true
		ctx := kong.Context()
		if _, ok := ctx.Deadline(); !ok {
			return errors.New("it has no deadline")
		}
		<-ctx.Done()
		causes <- context.Cause(ctx)
		return ctx.Err()
	}}).gateway()
	instance := g.start("p")
	g.fails(g.runIn("access", 20, nil, 0, instance), "deadline")
	if err := <-causes; !errors.Is(err, pdk.ErrDeadline) {
		t.Fatal(err)
	}
	<-runs
	event := g.run(nil, instance)
	<-runs
	g.send(table.MsgCancel, event, "client_gone")
	if text := g.fails(event, "cancelled"); text != "client_gone" {
		t.Fatal(text)
	}
	if err := <-causes; !errors.Is(err, &pdk.Error{Code: "client_gone"}) {
		t.Fatal(err)
	}
}

func TestACallOfACancelledEventFails(t *testing.T) {
	failures := make(chan error, 3)
	g := serve(t, Options{}, handlers{"p": func(kong *pdk.PDK) error {
		_, err := kong.Vault.Get("{vault://env/token}")
		failures <- err
		failures <- kong.Response.SetHeader("x", "1")
		_, err = kong.Request.GetHeader("host")
		failures <- err
		return nil
	}}).gateway()
	instance := g.start("p")
	event := g.run(headers, instance)
	call, _, _ := g.call("vault.get")
	g.send(table.MsgCancel, event, "deadline")
	g.fails(event, "cancelled")
	g.send(table.MsgReply, call, nil, []any{"gone"})
	for range 3 {
		if err := <-failures; !errors.Is(err, pdk.ErrGone) {
			t.Fatal(err)
		}
	}
	event = g.runIn("access", 30, nil, 0, instance)
	g.call("vault.get")
	g.fails(event, "deadline") // without CANCEL: by its own clock
}

func TestAnswersComeInAnyOrder(t *testing.T) {
	const n = 100 // more than may be asked at once
	g := serve(t, Options{}, handlers{"p": func(kong *pdk.PDK) error {
		var all sync.WaitGroup
		failures := make(chan error, n)
		for i := range n {
			all.Add(1)
			go func() {
				defer all.Done()
				name := string(rune('A' + i))
				if secret, err := kong.Vault.Get(name); err != nil || secret != "of "+name {
					failures <- errors.New(secret)
				}
			}()
		}
		all.Wait()
		close(failures)
		return <-failures
	}}).gateway()
	event := g.run(nil, g.start("p"))
	type asked struct {
		call int64
		name any
	}
	var waiting []asked
	for i := range n {
		call, args, _ := g.call("vault.get")
		waiting = append(waiting, asked{call, args[0]})
		if len(waiting) == table.MaxCalls || i == n-1 {
			slices.Reverse(waiting)
			for _, one := range waiting {
				g.send(table.MsgReply, one.call, "of "+one.name.(string))
			}
			waiting = nil
		}
	}
	g.finishes(event)
}

func TestAnErrorOfTheGatewayIsReturned(t *testing.T) {
	g := serve(t, Options{}, handlers{"p": func(kong *pdk.PDK) error { return kong.Service.SetUpstream("x") }}).gateway()
	event := g.run(nil, g.start("p"))
	call, _, _ := g.call("service.set_upstream")
	g.send(table.MsgReply, call, nil, []any{"pdk", "could not find an Upstream named 'x'"})
	if text := g.fails(event, "failed"); text != "could not find an Upstream named 'x'" {
		t.Fatal(text)
	}
}

func TestTheKeysReadAreReportedWhenAskedFor(t *testing.T) {
	g := serve(t, Options{}, handlers{"p": func(kong *pdk.PDK) error {
		kong.Request.GetHeader("X-User")
		kong.Request.GetMethod()
		return nil
	}}).gateway()
	g.runIn("access", 5000, map[string]any{"request.get_headers": block, "request.get_method": "GET"}, 1, g.start("p"))
	fields := g.receive(table.MsgDone)
	reads, _ := fields[6].([]any)
	slices.SortFunc(reads, func(a, b any) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
	if !same(reads, []any{40, []any{50, "x-user"}}) {
		t.Fatal(fields)
	}
}

func TestLinesCarryTheirEventAndLowOnesAreDropped(t *testing.T) {
	g := serve(t, Options{}, handlers{"p": func(kong *pdk.PDK) error {
		kong.Log.Err("a", 1, nil, errors.New("b"))
		kong.Log.Deprecation("old", map[string]any{"after": "1.0"})
		return nil
	}}).gateway()
	event := g.run(nil, g.start("p"))
	if line := g.receive(table.MsgLog); !same(line, []any{event, 5, "a1nilb"}) {
		t.Fatal(line)
	}
	if line := g.receive(table.MsgLog); !same(line, []any{event, 4, "old", map[string]any{"after": "1.0"}}) {
		t.Fatal(line)
	}
	g.finishes(event)
	g.event++
	g.send(table.MsgEvent, g.event, 3, []any{1, 1000}, []any{}, 6)
	g.finishes(g.event)
}
