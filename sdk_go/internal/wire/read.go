// Package wire has the messages of oarlock/1: those of a host are read and checked, those of a server written.
//
// A known field of a wrong type is a breach of the protocol; fields that are not known are ignored, and those that were
// cut take their defaults.
package wire

import (
	"math"
	"time"

	"github.com/oarlock/oarlock/sdk_go/internal/frame"
	"github.com/oarlock/oarlock/sdk_go/internal/msgpack"
	"github.com/oarlock/oarlock/sdk_go/internal/table"
)

// Hello is what a gateway says of itself.
type Hello struct {
	Role     string
	Lowest   int
	Version  int // the highest
	Features []string
	Node     string // part of the identity within which plugin objects are shared
	Peers    int    // connections a member should expect from this node
	MaxFrame int    // bytes it takes in one frame
	Window   int    // bytes it takes on a stream before it grants more
	MaxCalls int    // calls it takes at once for one event
	Highest  int    // number of a function that it knows
	Ping     time.Duration
	Level    int // log threshold outside of events
}

// Start asks for an instance.
type Start struct {
	Instance int64
	Plugin   string
	Key      string
	Config   map[string]any
}

// Event asks for a run.
type Event struct {
	Event int64
	Phase int
	Steps []Step
	Facts []byte // segments, not checked yet
	Level int
	Flags int
}

// Flags of EVENT and CHUNK.
const (
	ReportReads = 1
	EndOfStream = 1
)

// Step is an instance and its budget.
type Step struct {
	Instance int64
	Budget   time.Duration
}

// Reply answers a call.
type Reply struct {
	Call       int64
	Result     []byte
	Failed     bool
	Code, Text string
}

// Chunk is a piece of a stream.
type Chunk struct {
	Event  int64
	Stream int64
	Data   []byte
	Flags  int
}

// Window grants bytes on a stream.
type Window struct{ Event, Stream, Bytes int64 }

// fields reads the fields of one message.
type fields struct {
	msgpack.Reader
	message string
	left    int
	err     error
}

func fieldsOf(message string, data []byte) *fields {
	f := &fields{Reader: msgpack.NewReader(data), message: message}
	f.left, _ = f.Array()
	f.Raw() // the type
	f.left--
	return f
}

// next reports whether there is another field; one that is needed and missing is an error.
func (f *fields) next(needed bool) bool {
	if f.err != nil {
		return false
	}
	f.left--
	if f.left < 0 && needed {
		f.fail("a field is missing")
	}
	return f.left >= 0
}

func (f *fields) fail(what string) {
	if f.err == nil {
		f.err = frame.Errorf("%s: %s", f.message, what)
	}
}

// id reads a number from least to 2^53-1.
func (f *fields) id(least int64) int64 {
	if !f.next(true) {
		return 0
	}
	v, ok := f.Int()
	if !ok || v < least || v > table.MaxId {
		f.fail("not an id")
	}
	return v
}

func (f *fields) number(needed bool) int64 {
	if !f.next(needed) || !needed && f.Nil() {
		return 0
	}
	v, ok := f.Int()
	if !ok {
		f.fail("not an integer")
	}
	return v
}

func (f *fields) text(needed bool) string {
	if !f.next(needed) || !needed && f.Nil() {
		return ""
	}
	v, ok := f.Str()
	if !ok {
		f.fail("not a text")
	}
	return string(v)
}

// dict reads a map whole; it is for the messages that are rare.
func (f *fields) dict() map[string]any {
	if !f.next(true) {
		return nil
	}
	v, ok := f.Any(nil).(map[string]any)
	if !ok {
		f.fail("not a map")
	}
	return v
}

// ReadHello reads HELLO.
func ReadHello(data []byte) (Hello, error) {
	f := fieldsOf("HELLO", data)
	if f.text(true) != "oarlock" && f.err == nil {
		f.fail("it is not one of oarlock")
	}
	values := f.dict()
	host := valueOf(f, values, "host", map[string]any{})
	limits := valueOf(f, values, "limits", map[string]any{})
	hello := Hello{
		Role:     valueOf(f, values, "role", "worker"),
		Node:     valueOf(f, host, "node_id", ""),
		Peers:    max(1, intOf(f, host, "peers", 1)),
		MaxFrame: intOf(f, limits, "max_frame", table.MaxFrameDefault),
		Window:   intOf(f, limits, "window", table.Window),
		MaxCalls: max(1, intOf(f, limits, "max_calls", table.MaxCalls)),
		Highest:  intOf(f, values, "pdk", math.MaxInt),
		Ping:     time.Duration(max(1, intOf(f, values, "ping_ms", table.PingMs))) * time.Millisecond,
		Level:    intOf(f, values, "level", table.LevelNotice),
	}
	for _, feature := range valueOf(f, values, "features", []any{}) {
		if name, ok := feature.(string); ok {
			hello.Features = append(hello.Features, name)
		}
	}
	versions := valueOf(f, values, "versions", []any{})
	if f.err == nil && len(versions) != 2 {
		f.fail("versions is not [lowest, highest]")
	}
	if f.err != nil {
		return Hello{}, f.err
	}
	lowest, ok := versions[0].(int64)
	highest, also := versions[1].(int64)
	if !ok || !also {
		return Hello{}, frame.Errorf("HELLO: versions is not [lowest, highest]")
	}
	hello.Lowest, hello.Version = int(lowest), int(highest)
	return hello, nil
}

func valueOf[T any](f *fields, values map[string]any, key string, otherwise T) T {
	value := values[key]
	if value == nil {
		return otherwise
	}
	v, ok := value.(T)
	if !ok {
		f.fail(key + " is of a wrong type")
	}
	return v
}

func intOf(f *fields, values map[string]any, key string, otherwise int) int {
	return int(valueOf(f, values, key, int64(otherwise)))
}

// ReadPing reads PING and returns its nonce.
func ReadPing(data []byte) (int64, error) {
	f := fieldsOf("PING", data)
	nonce := f.id(0)
	return nonce, f.err
}

// ReadClose reads CLOSE and returns the instance.
func ReadClose(data []byte) (int64, error) {
	f := fieldsOf("CLOSE", data)
	instance := f.id(0)
	return instance, f.err
}

// ReadDrain reads DRAIN; the empty code is an orderly end.
func ReadDrain(data []byte) (code, text string, err error) {
	f := fieldsOf("DRAIN", data)
	code, text = f.text(false), f.text(false)
	return code, text, f.err
}

// ReadStart reads START.
func ReadStart(data []byte) (Start, error) {
	f := fieldsOf("START", data)
	values := f.dict()
	start := Start{
		Instance: valueOf(f, values, "instance", int64(-1)),
		Plugin:   valueOf(f, values, "plugin", ""),
		Key:      valueOf(f, values, "key", ""),
		Config:   valueOf(f, values, "config", map[string]any{}),
	}
	if start.Instance < 0 || start.Instance > table.MaxId {
		f.fail("instance is not an id")
	}
	return start, f.err
}

// ReadEvent reads EVENT. Its facts are bytes of data.
func ReadEvent(data []byte) (Event, error) {
	f := fieldsOf("EVENT", data)
	event := Event{Event: f.id(1), Phase: int(f.number(true))}
	if f.next(true) {
		event.Steps = f.steps()
	}
	if f.next(false) && !f.Nil() {
		event.Facts = f.Raw()
		inner := msgpack.NewReader(event.Facts)
		if _, ok := inner.Array(); !ok {
			f.fail("facts are not an array")
		}
	}
	event.Level, event.Flags = int(f.number(false)), int(f.number(false))
	return event, f.err
}

func (f *fields) steps() []Step {
	n, ok := f.Array()
	if !ok || n == 0 || n%2 != 0 {
		f.fail("steps are not pairs of instance and budget")
		return nil
	}
	steps := make([]Step, n/2)
	for i := range steps {
		instance, ok := f.Int()
		budget, also := f.Int()
		if !ok || !also || instance < 1 || instance > table.MaxId || budget < 1 || budget > table.MaxBudgetMs {
			f.fail("steps are not pairs of instance and budget")
		}
		steps[i] = Step{instance, time.Duration(budget) * time.Millisecond}
	}
	return steps
}

// ReadCancel reads CANCEL.
func ReadCancel(data []byte) (event int64, reason string, err error) {
	f := fieldsOf("CANCEL", data)
	event, reason = f.id(1), f.text(false)
	return event, reason, f.err
}

// ReadReply reads REPLY. Its result are bytes of data.
func ReadReply(data []byte) (Reply, error) {
	f := fieldsOf("REPLY", data)
	reply := Reply{Call: f.id(1), Result: []byte{0xc0}}
	if f.next(false) {
		reply.Result = f.Raw()
	}
	if f.next(false) && !f.Nil() {
		reply.Failed = true
		n, ok := f.Array()
		code, isCode := f.Str()
		if !ok || n == 0 || !isCode {
			f.fail("an error is [code, text]")
		}
		reply.Code = string(code)
		if n > 1 && !f.Nil() {
			text, isText := f.Str()
			if !isText {
				f.fail("an error is [code, text]")
			}
			reply.Text = string(text)
		}
	}
	return reply, f.err
}

// ReadChunk reads CHUNK. Its data are bytes of data.
func ReadChunk(data []byte) (Chunk, error) {
	f := fieldsOf("CHUNK", data)
	chunk := Chunk{Event: f.id(1), Stream: f.id(0)}
	if f.next(true) {
		var ok bool
		if chunk.Data, ok = f.Bin(); !ok {
			f.fail("data is not bin")
		}
	}
	chunk.Flags = int(f.number(false))
	return chunk, f.err
}

// ReadWindow reads WINDOW.
func ReadWindow(data []byte) (Window, error) {
	f := fieldsOf("WINDOW", data)
	window := Window{Event: f.id(1), Stream: f.id(0), Bytes: f.id(0)}
	return window, f.err
}
