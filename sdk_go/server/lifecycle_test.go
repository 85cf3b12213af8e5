package server

import (
	"bytes"
	"errors"
	"strings"
	"sync/atomic"
	"testing"

	pdk "github.com/oarlock/oarlock/sdk_go"
	"github.com/oarlock/oarlock/sdk_go/internal/msgpack"
	"github.com/oarlock/oarlock/sdk_go/internal/table"
	"github.com/oarlock/oarlock/sdk_go/internal/wire"
)

func nothing(*pdk.PDK) error { return nil }

func TestWelcomeSaysWhatTheServerIs(t *testing.T) {
	g := serve(t, Options{MaxEvents: 8}, handlers{"p": nothing}).gateway(map[string]any{"host": map[string]any{"peers": 4}})
	limits, _ := g.welcome["limits"].(map[string]any)
	if limits["max_events"] != int64(2) || g.welcome["version"] != int64(1) || len(g.welcome["features"].([]any)) != 3 {
		t.Fatal(g.welcome)
	}
	plugins, _ := g.welcome["plugins"].([]any)
	phases, _ := plugins[0].(map[string]any)["phases"].(map[string]any)
	if len(phases) != 3 || phases["access"] == nil {
		t.Fatal(plugins)
	}
}

func TestAGatewayOfAnotherVersionIsTold(t *testing.T) {
	g := serve(t, Options{}, handlers{"p": nothing}).connect()
	g.send(table.MsgHello, "oarlock", map[string]any{"versions": []any{2, 3}})
	if drain := g.receive(table.MsgDrain); drain[0] != "version" || !g.isClosed() {
		t.Fatal(drain)
	}
}

func TestABreachOfTheProtocolEndsTheConnection(t *testing.T) {
	server := serve(t, Options{}, handlers{"p": nothing})
	breaches := map[string]func(g *gateway){
		"WELCOME of the host":       func(g *gateway) { g.send(table.MsgWelcome, map[string]any{}) },
		"HELLO twice":               func(g *gateway) { g.send(table.MsgHello, "oarlock", map[string]any{"versions": []any{1, 1}}) },
		"REPLY that nobody awaits":  func(g *gateway) { g.send(table.MsgReply, 1, nil) },
		"CANCEL of no event":        func(g *gateway) { g.send(table.MsgCancel, 1, "deadline") },
		"CLOSE of no instance":      func(g *gateway) { g.send(table.MsgClose, 1) },
		"START twice":               func(g *gateway) { g.start("p"); g.instance = 0; g.send(table.MsgStart, map[string]any{"instance": 1}) },
		"EVENT twice":               func(g *gateway) { g.run(nil, 9); g.event = 0; g.fails(1, "no_instance"); g.run(nil, 9) },
		"an odd segment":            func(g *gateway) { g.send(table.MsgEvent, 1, 3, []any{1, 5}, []any{[]any{40}}) },
		"a blob that was never":     func(g *gateway) { g.send(table.MsgChunk, 1, 2, []byte("x")) },
		"a frame that is too large": func(g *gateway) { g.conn.Write([]byte{0, 0x10, 0, 1}) },
		"bytes that are no message": func(g *gateway) { g.conn.Write([]byte{0, 0, 0, 1, 0xc1}) },
	}
	for name, breach := range breaches {
		t.Run(name, func(t *testing.T) {
			g := server.gateway()
			g.t = t
			breach(g)
			if drain := g.receive(table.MsgDrain); drain[0] != "protocol" || !g.isClosed() {
				t.Fatal(drain)
			}
		})
	}
	g := server.connect()
	g.send(table.MsgPing, 1)
	if drain := g.receive(table.MsgDrain); drain[0] != "protocol" {
		t.Fatal(drain)
	}
}

func TestCreditsHoldAndPingIsAnsweredWhateverRuns(t *testing.T) {
	release := make(chan bool)
	g := serve(t, Options{MaxEvents: 2}, handlers{"p": func(*pdk.PDK) error { <-release; return nil }}).gateway()
	instance := g.start("p")
	first, second := g.run(nil, instance), g.run(nil, instance)
	g.fails(g.run(nil, instance), "refused")
	log := g.runIn("log", 1000, nil, 0, instance) // counts by itself
	g.send(table.MsgPing, 77)
	if pong := g.receive(table.MsgPong); pong[0] != int64(77) || pong[1] != int64(3) {
		t.Fatal(pong)
	}
	for range 3 {
		release <- true
	}
	ended := map[any]bool{}
	for range 3 {
		ended[g.receive(table.MsgDone)[0]] = true
	}
	if !ended[int64(first)] || !ended[int64(second)] || !ended[int64(log)] {
		t.Fatal(ended)
	}
	g.fails(g.run(nil, 99), "no_instance")
}

func TestInstancesAreSharedAndStoppedByTheLast(t *testing.T) {
	var made, stopped atomic.Int32
	constructor := func() any {
		made.Add(1)
		return &testPlugin{stop: func() { stopped.Add(1) }}
	}
	server := servePlugins(t, Options{}, Plugin{Name: "p", New: constructor})
	made.Store(0)
	one, two := server.gateway(), server.gateway()
	instance := one.start("p")
	two.start("p")
	if made.Load() != 1 {
		t.Fatal(made.Load())
	}
	one.send(table.MsgClose, instance)
	one.fails(one.run(nil, instance), "no_instance")
	two.finishes(two.run(nil, 1))
	if stopped.Load() != 0 {
		t.Fatal("it was stopped while it was in use")
	}
	two.conn.Close()
	server.server.Drain()
	one.conn.Close()
	server.wait()
	if stopped.Load() != 1 {
		t.Fatal(stopped.Load())
	}
}

type refusing struct {
	Word  string `json:"word"`
	Count int    `json:"count"`
}

func (r *refusing) Access(*pdk.PDK) {}
func (r *refusing) Validate() error {
	if r.Word == "bad" {
		return errors.New("word: it is bad")
	}
	return nil
}

func (r *refusing) Start() error {
	switch r.Word {
	case "later":
		return errors.New("the database is away")
	case "panic":
		panic("oh")
	}
	return nil
}

func TestAConfigurationCanBeRefused(t *testing.T) {
	g := servePlugins(t, Options{}, Plugin{Name: "p", New: func() any { return &refusing{} }}).gateway()
	for i, refusal := range []struct {
		plugin string
		config map[string]any
		code   string
		text   string
	}{
		{"p", map[string]any{"word": "bad"}, "bad_config", "word: it is bad"},
		{"p", map[string]any{"word": 1}, "bad_config", "config.word: string is expected, not number"},
		{"q", nil, "bad_config", `there is no plugin "q" here`},
		{"p", map[string]any{"word": "later"}, "start_failed", "the database is away"},
		{"p", map[string]any{"word": "panic"}, "start_failed", "panic: oh"},
	} {
		g.send(table.MsgStart, map[string]any{"instance": i + 1, "plugin": refusal.plugin, "config": refusal.config})
		if started := g.receive(table.MsgStarted); !same(started, []any{i + 1, []any{refusal.code, refusal.text}}) {
			t.Error(started)
		}
	}
}

func TestADrainingServerEndsWhatRunsAndTakesNothingNew(t *testing.T) {
	release := make(chan bool)
	server := serve(t, Options{}, handlers{"p": func(*pdk.PDK) error { <-release; return nil }})
	g := server.gateway()
	instance := g.start("p")
	event := g.run(nil, instance)
	g.send(table.MsgPing, 1)
	g.receive(table.MsgPong)
	server.server.Drain()
	if drain := g.receive(table.MsgDrain); len(drain) != 0 {
		t.Fatal(drain)
	}
	g.fails(g.run(nil, instance), "refused")
	g.send(table.MsgStart, map[string]any{"instance": 2, "plugin": "p"})
	if started := g.receive(table.MsgStarted); started[1].([]any)[0] != "refused" {
		t.Fatal(started)
	}
	release <- true
	g.finishes(event)
	g.conn.Close()
	server.wait()
}

func TestALostConnectionCancelsItsEvents(t *testing.T) {
	causes := make(chan string, 1)
	runs := make(chan bool, 1)
	server := serve(t, Options{}, handlers{"p": func(kong *pdk.PDK) error {
		runs <- true
		_, err := kong.Vault.Get("x")
		causes <- err.Error()
		return err
	}})
	g := server.gateway()
	g.run(nil, g.start("p"))
	<-runs
	g.call("vault.get")
	g.conn.Close()
	if cause := <-causes; cause != "the event is over" {
		t.Fatal(cause)
	}
}

func TestLargeValuesTravelInChunks(t *testing.T) {
	const size = 400_000 // more than a window
	g := serve(t, Options{}, handlers{"p": func(kong *pdk.PDK) error {
		body, err := kong.Request.GetRawBody()
		if err != nil {
			return err
		}
		if err := kong.ServiceRequest.SetRawBody(append(body, '!')); err != nil {
			return err
		}
		secret, err := kong.Vault.Get("x")
		if err == nil {
			kong.Response.Exit(200, strings.Repeat(secret, size), nil)
		}
		return err
	}}).gateway()
	event := g.run(nil, g.start("p"))
	call, _, _ := g.call("request.get_raw_body")
	body := bytes.Repeat([]byte("0123456789"), size/10)
	g.sendStream(event, 2, body)
	g.send(table.MsgReply, call, msgpack.Blob(2))
	if got := g.stream(event, 3); string(got) != string(body)+"!" {
		t.Fatalf("%d bytes", len(got))
	}
	call, _, changes := g.call("vault.get")
	if !same(changes, []any{[]any{100, msgpack.Blob(3)}}) {
		t.Fatal(changes)
	}
	g.send(table.MsgReply, call, "y")
	if got := g.stream(event, 5); string(got) != strings.Repeat("y", size) {
		t.Fatalf("%d bytes", len(got))
	}
	if outcome, _, detail := g.done(event); outcome != table.OutcomeExit || !same(detail, []any{200, msgpack.Blob(5)}) {
		t.Fatal(outcome, detail)
	}
}

// sendStream sends a value in chunks, within the window.
func (g *gateway) sendStream(event, stream int, data []byte) {
	g.t.Helper()
	window := table.Window
	for len(data) > 0 {
		size := min(len(data), table.MaxChunk, window)
		if size == 0 {
			granted, _ := g.receive(table.MsgWindow)[2].(int64)
			window += int(granted)
			continue
		}
		flags := 0
		if size == len(data) {
			flags = wire.EndOfStream
		}
		g.send(table.MsgChunk, event, stream, data[:size], flags)
		data = data[size:]
		window -= size
	}
}

// stream receives a value in chunks and grants more as it takes them.
func (g *gateway) stream(event, stream int) []byte {
	g.t.Helper()
	var data []byte
	for held := 0; ; {
		chunk := append(g.receive(table.MsgChunk), int64(0))
		piece, _ := chunk[2].([]byte)
		if !same(chunk[:2], []any{event, stream}) || len(piece) > table.MaxChunk {
			g.t.Fatal(chunk[:2], len(piece))
		}
		data = append(data, piece...)
		if held += len(piece); held > table.Window {
			g.t.Fatal("more than was granted")
		}
		if chunk[3] == int64(wire.EndOfStream) {
			return data
		}
		if held == table.Window {
			g.send(table.MsgWindow, event, stream, held)
			held = 0
		}
	}
}

func TestWhatFitsNoMessageIsAnError(t *testing.T) {
	g := serve(t, Options{}, handlers{"p": func(kong *pdk.PDK) error {
		return kong.Response.SetHeader("x", strings.Repeat("y", 2<<20))
	}}).gateway()
	g.fails(g.run(nil, g.start("p")), "too_large")
}

func TestAnEventIsCancelledWhileItsAnswerIsOnTheWay(t *testing.T) {
	g := serve(t, Options{}, handlers{"p": func(kong *pdk.PDK) error {
		kong.Response.Exit(200, make([]byte, 400_000), nil)
		return nil
	}}).gateway()
	event := g.run(nil, g.start("p"))
	for range table.Window / table.MaxChunk {
		g.receive(table.MsgChunk)
	}
	g.send(table.MsgCancel, event, "client_gone")
	g.fails(event, "cancelled")
}

func TestFramesMayBeLargerAfterHello(t *testing.T) {
	g := serve(t, Options{}, handlers{"p": nothing}).gateway()
	facts := map[string]any{"request.get_path": "/" + strings.Repeat("x", table.MaxHello)}
	g.finishes(g.run(facts, g.start("p")))
}
