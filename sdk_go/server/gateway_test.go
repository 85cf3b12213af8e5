package server

import (
	"context"
	"net"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"time"

	pdk "github.com/oarlock/oarlock/sdk_go"
	"github.com/oarlock/oarlock/sdk_go/internal/frame"
	"github.com/oarlock/oarlock/sdk_go/internal/msgpack"
	"github.com/oarlock/oarlock/sdk_go/internal/table"
)

const patience = 10 * time.Second // until a test fails

// testPlugin is one whose handlers are functions of the test.
type testPlugin struct {
	Word string `json:"word"`
	run  map[string]func(*pdk.PDK) error
	stop func()
}

func (p *testPlugin) handle(phase string, kong *pdk.PDK) error {
	if run := p.run[phase]; run != nil {
		return run(kong)
	}
	return nil
}

func (p *testPlugin) Access(kong *pdk.PDK) error   { return p.handle("access", kong) }
func (p *testPlugin) Response(kong *pdk.PDK) error { return p.handle("response", kong) }
func (p *testPlugin) Log(kong *pdk.PDK) error      { return p.handle("log", kong) }
func (p *testPlugin) Stop() {
	if p.stop != nil {
		p.stop()
	}
}

// running is a server at work.
type running struct {
	t       *testing.T
	server  *Server
	address string
	result  chan error
}

// serve starts a server of plugins whose access handlers are given by name; it has ended behind the test, and with it
// every goroutine that it started.
func serve(t *testing.T, options Options, handlers map[string]func(*pdk.PDK) error) *running {
	t.Helper()
	var plugins []Plugin
	for name, run := range handlers {
		plugins = append(plugins, Plugin{Name: name, Version: "1", New: func() any {
			return &testPlugin{run: map[string]func(*pdk.PDK) error{"access": run, "response": run, "log": run}}
		}})
	}
	return servePlugins(t, options, plugins...)
}

func servePlugins(t *testing.T, options Options, plugins ...Plugin) *running {
	t.Helper()
	before := runtime.NumGoroutine()
	server, err := New(options, plugins...)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "s")
	listener, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	r := &running{t: t, server: server, address: path, result: make(chan error, 1)}
	ctx, cancel := context.WithCancel(context.Background())
	go func() { r.result <- server.Serve(ctx, listener) }()
	t.Cleanup(func() {
		cancel()
		r.wait()
		for deadline := time.Now().Add(patience); runtime.NumGoroutine() > before; runtime.Gosched() {
			if time.Now().After(deadline) {
				stacks := make([]byte, 1<<20)
				t.Fatalf("goroutines are left:\n%s", stacks[:runtime.Stack(stacks, true)])
			}
		}
	})
	return r
}

func (r *running) wait() {
	r.t.Helper()
	select {
	case err := <-r.result:
		r.result <- err
		if err != nil {
			r.t.Error(err)
		}
	case <-time.After(patience):
		r.t.Fatal("the server does not end")
	}
}

// gateway is the host's end of a connection, driven by the test message by message.
type gateway struct {
	t        *testing.T
	conn     net.Conn
	cutter   frame.Cutter
	welcome  map[string]any
	instance int
	event    int
}

func (r *running) connect() *gateway {
	r.t.Helper()
	conn, err := net.Dial("unix", r.address)
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { conn.Close() })
	return &gateway{t: r.t, conn: conn, cutter: frame.Cutter{MaxFrame: 1 << 20}}
}

// gateway connects and shakes hands; more are keys of HELLO.
func (r *running) gateway(more ...map[string]any) *gateway {
	r.t.Helper()
	g := r.connect()
	hello := map[string]any{
		"versions": []any{1, 1},
		"features": []any{"fusion", "streams", "reads", "from the future"},
		"host":     map[string]any{"node_id": "n"},
		"level":    1,
	}
	for _, changes := range more {
		for key, value := range changes {
			hello[key] = value
		}
	}
	g.send(table.MsgHello, "oarlock", hello)
	g.welcome, _ = g.receive(table.MsgWelcome)[0].(map[string]any)
	return g
}

func (g *gateway) send(message int, fields ...any) {
	g.t.Helper()
	data := frame.End(msgpack.AppendPlain(frame.Begin(nil), append([]any{message}, fields...)), 0)
	g.conn.SetWriteDeadline(time.Now().Add(patience))
	if _, err := g.conn.Write(data); err != nil {
		g.t.Fatal(err)
	}
}

// receive returns the fields of the next message that is no LOG or WINDOW (unless asked for); it must be of this type.
func (g *gateway) receive(message int) []any {
	g.t.Helper()
	for {
		fields := g.next()
		if fields == nil {
			g.t.Fatalf("the connection has ended; message %d was expected", message)
		}
		if fields[0] != int64(message) && (fields[0] == int64(table.MsgLog) || fields[0] == int64(table.MsgWindow)) {
			continue
		}
		if fields[0] != int64(message) {
			g.t.Fatalf("%v instead of message %d", fields, message)
		}
		return fields[1:]
	}
}

// next returns the next message, nil at the end of the connection.
func (g *gateway) next() []any {
	g.t.Helper()
	for {
		data, err := g.cutter.Next()
		if err != nil {
			g.t.Fatal(err)
		}
		if data != nil {
			if _, err := frame.Check(data); err != nil {
				g.t.Fatal(err)
			}
			r := msgpack.NewReader(data)
			fields, _ := r.Any(nil).([]any)
			return fields
		}
		g.conn.SetReadDeadline(time.Now().Add(patience))
		n, err := g.conn.Read(g.cutter.Space())
		g.cutter.Filled(n)
		if n == 0 && err != nil {
			if err, ok := err.(net.Error); ok && err.Timeout() {
				g.t.Fatal("nothing comes")
			}
			return nil
		}
	}
}

func (g *gateway) isClosed() bool { return g.next() == nil }

func (g *gateway) start(name string) int {
	g.t.Helper()
	g.instance++
	g.send(table.MsgStart, map[string]any{"instance": g.instance, "plugin": name, "key": "k"})
	if started := g.receive(table.MsgStarted); len(started) != 1 || started[0] != int64(g.instance) {
		g.t.Fatalf("STARTED %v", started)
	}
	return g.instance
}

// run sends an EVENT of phase access and returns its number. steps are instances; facts are named as in the PDK.
func (g *gateway) run(facts map[string]any, steps ...int) int {
	g.t.Helper()
	return g.runIn("access", 5000, facts, 0, steps...)
}

func (g *gateway) runIn(phase string, budget int, facts map[string]any, flags int, steps ...int) int {
	g.t.Helper()
	g.event++
	segment := []any{}
	for name, value := range facts {
		segment = append(segment, table.ByName("kong."+name).Number, value)
	}
	pairs := []any{}
	for _, step := range steps {
		pairs = append(pairs, step, budget)
	}
	g.send(table.MsgEvent, g.event, table.Phase(phase), pairs, []any{segment}, 0, flags)
	return g.event
}

// done returns outcome, changes and detail of the next DONE, which must be of this event.
func (g *gateway) done(event int) (outcome int, changes []any, detail []any) {
	g.t.Helper()
	fields := append(g.receive(table.MsgDone), nil, nil, nil)
	if fields[0] != int64(event) {
		g.t.Fatalf("DONE of event %v, not %d", fields[0], event)
	}
	changes, _ = fields[2].([]any)
	detail, _ = fields[3].([]any)
	code, _ := fields[1].(int64)
	return int(code), changes, detail
}

// finishes checks that the next DONE is an orderly one with these changes.
func (g *gateway) finishes(event int, changes ...any) {
	g.t.Helper()
	outcome, got, detail := g.done(event)
	if outcome != table.OutcomeDone || !same(got, changes) {
		g.t.Fatalf("outcome %d, %v, %v; expected changes %v", outcome, got, detail, changes)
	}
}

// fails checks that the next DONE says failed with this code, and returns text and trace.
func (g *gateway) fails(event int, code string) string {
	g.t.Helper()
	outcome, changes, detail := g.done(event)
	if outcome != table.OutcomeFailed || detail[0] != code || len(changes) != 0 {
		g.t.Fatalf("outcome %d, %v, %v; expected %s", outcome, changes, detail, code)
	}
	var text []string
	for _, part := range detail[1:] {
		text = append(text, part.(string))
	}
	return strings.Join(text, "\n")
}

// call returns the number of the next CALL; it must be of this function.
func (g *gateway) call(name string) (number int64, args, changes []any) {
	g.t.Helper()
	fields := append(g.receive(table.MsgCall), []any{}, []any{})
	if fields[2] != int64(table.ByName("kong."+name).Number) {
		g.t.Fatalf("CALL of %v, not %s", fields[2], name)
	}
	number, _ = fields[0].(int64)
	args, _ = fields[3].([]any)
	changes, _ = fields[4].([]any)
	return number, args, changes
}

func same(a, b []any) bool {
	return len(a) == 0 && len(b) == 0 || reflect.DeepEqual(a, plainInts(b))
}

// plainInts makes every int an int64, as what was read has them.
func plainInts(values []any) []any {
	all := make([]any, len(values))
	for i, value := range values {
		switch v := value.(type) {
		case int:
			all[i] = int64(v)
		case []any:
			all[i] = plainInts(v)
		default:
			all[i] = value
		}
	}
	return all
}

const block = "host\na.b\nx-user\nbob"
