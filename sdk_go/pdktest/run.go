// Package pdktest runs a plugin's handlers without a gateway, over a request given as data.
//
//	x := pdktest.New(pdktest.Request{Headers: pdktest.Headers{"x-user": {"bob"}}})
//	result := x.Run("access", &Config{Greeting: "hi"})
//	if result.Err != nil || x.RequestHeader("x-greeting") != "hi bob" { … }
//
// The handler uses the same code as in a server: phases, arguments and values are checked, stale facts are asked for,
// and changes count all or none. One exchange carries a request, and kong.Ctx, from one phase to the next.
package pdktest

import (
	"errors"
	"fmt"
	"runtime/debug"
	"sync"

	pdk "github.com/oarlock/oarlock/sdk_go"
	"github.com/oarlock/oarlock/sdk_go/internal/bridge"
	"github.com/oarlock/oarlock/sdk_go/internal/msgpack"
	"github.com/oarlock/oarlock/sdk_go/internal/plugin"
	"github.com/oarlock/oarlock/sdk_go/internal/table"
)

const onlyInstance = 1

// Call is a PDK function and its arguments as they went over the wire.
type Call struct {
	Name string
	Args []any
}

// Line is a line that the handler logged; levels are 1 debug, 2 info, 3 notice, 4 warn, 5 err, 6 crit, 7 alert.
type Line struct {
	Level int
	Text  string
}

// Result is what a handler did.
type Result struct {
	// Outcome is "done", "exit", "error_page" or "failed".
	Outcome string
	// Status, Body and Headers are those of an exit or an error page; Body is []byte, string, or what becomes JSON.
	Status  int
	Body    any
	Headers Headers
	// Err is what the handler returned, or its panic with the stack.
	Err error
	// Changes are all changes in order, Calls what had to be asked, Logs the lines.
	Changes []Call
	Calls   []Call
	Logs    []Line
}

// Configure returns a configuration made by a plugin's New and filled as the gateway would fill it.
func Configure(constructor func() any, values map[string]any) (any, error) {
	config := constructor()
	if _, err := plugin.Schema(config); err != nil {
		return nil, err
	}
	if err := plugin.Configure(config, values); err != nil {
		return nil, err
	}
	if it, ok := config.(interface{ Validate() error }); ok {
		if err := it.Validate(); err != nil {
			return nil, err
		}
	}
	return config, nil
}

// Run runs the handler of one phase, named as in the gateway's settings: access, response, log. Without such a handler
// the result has an error.
func (x *Exchange) Run(phase string, config any) *Result {
	result := &Result{Outcome: "failed"}
	handlers, err := plugin.Handlers(config)
	number := table.Phase(phase)
	if err == nil && handlers[number] == nil {
		err = fmt.Errorf("%T has no handler for %q", config, phase)
	}
	if err != nil {
		result.Err = err
		return result
	}
	host := &host{exchange: x, result: result}
	var segments []byte
	if !x.WithoutFacts {
		segments = x.facts(number)
	}
	facts, _ := bridge.NewFacts(segments, false)
	step := bridge.NewStep(host, facts, bridge.Options{Phase: number, Instance: onlyInstance, Highest: table.Highest})
	before := x.save()
	hasEnded := make(chan struct{})
	go func() { // a handler that exits ends its goroutine
		defer close(hasEnded)
		result.Err = runHandler(handlers[number], pdk.New(step))
	}()
	<-hasEnded
	done := step.Finish()
	if done.Outcome != 0 && !isPanic(result.Err) {
		result.Err = nil
	}
	if result.Err == nil {
		result.Err = host.apply(done.Changes)
	}
	if result.Err != nil {
		x.restore(before)
		return result
	}
	result.Outcome = "done"
	if done.Outcome != 0 {
		result.detail(done)
	}
	return result
}

type panicError struct{ text string }

func (p *panicError) Error() string { return p.text }

func isPanic(err error) bool {
	var panicked *panicError
	return errors.As(err, &panicked)
}

func runHandler(run plugin.Handler, kong *pdk.PDK) (err error) {
	defer func() {
		if reason := recover(); reason != nil {
			err = &panicError{fmt.Sprintf("panic: %v\n%s", reason, debug.Stack())}
		}
	}()
	return run(kong)
}

func (r *Result) detail(done bridge.Result) {
	r.Outcome = "exit"
	if done.Outcome == table.OutcomeErrorPage {
		r.Outcome = "error_page"
	}
	reader := msgpack.NewReader(done.Detail)
	detail, _ := reader.Any(nil).([]any)
	detail = append(detail, nil, nil, nil)
	status, _ := detail[0].(int64)
	r.Status, r.Body = int(status), detail[1]
	flat, _ := detail[2].([]any)
	r.Headers = Headers{}
	for i := 0; i+1 < len(flat); i += 2 {
		name := textOf(flat[i])
		r.Headers[name] = append(r.Headers[name], written(flat[i+1])...)
	}
}

// host is the gateway's end of the bridge. Questions of several goroutines come one after the other.
type host struct {
	mu       sync.Mutex
	exchange *Exchange
	result   *Result
}

func (h *host) apply(changes bridge.Changes) error {
	r := msgpack.NewReader(changes.Raw)
	for i := 0; i < changes.N; i++ {
		change, _ := r.Any(nil).([]any)
		number, _ := change[0].(int64)
		call := Call{table.ByNumber(int(number)).Name, change[1:]}
		h.result.Changes = append(h.result.Changes, call)
		if err := h.exchange.change(call); err != nil {
			return err
		}
	}
	return nil
}

// Ask answers at once.
func (h *host) Ask(question bridge.Question, _ <-chan struct{}) (bridge.Pending, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if err := h.apply(question.Changes); err != nil {
		return answered{err: err}, nil
	}
	r := msgpack.NewReader(question.Args.Raw())
	call := Call{Name: table.ByNumber(question.Function).Name}
	for r.More() {
		call.Args = append(call.Args, r.Any(nil))
	}
	h.result.Calls = append(h.result.Calls, call)
	value, err := h.exchange.answer(call)
	if err != nil {
		return answered{err: err}, nil
	}
	raw, err := bridge.AppendValue(nil, value)
	return answered{bridge.Value{Raw: raw}, err}, nil
}

type answered struct {
	value bridge.Value
	err   error
}

func (a answered) Wait(<-chan struct{}) (bridge.Value, error) { return a.value, a.err }

// Log keeps a line.
func (h *host) Log(level int, text string, _ []byte) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.result.Logs = append(h.result.Logs, Line{level, text})
}
