package server

import (
	"errors"
	"fmt"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	pdk "github.com/oarlock/oarlock/sdk_go"
	"github.com/oarlock/oarlock/sdk_go/internal/bridge"
	"github.com/oarlock/oarlock/sdk_go/internal/plugin"
	"github.com/oarlock/oarlock/sdk_go/internal/table"
	"github.com/oarlock/oarlock/sdk_go/internal/wire"
)

const (
	maxErrorText = 1024 // bytes
	maxTrace     = 16 << 10
	maxLogText   = 32 << 10
	holdNext     = table.DoneHoldMs * time.Millisecond
)

// event is an EVENT from its receipt to its final DONE. It runs in a goroutine of its own, step after step; the reader
// of the connection hands it what comes for it.
type event struct {
	conn     *conn
	id       int64
	phase    int
	level    int
	received time.Time
	steps    []eventStep
	facts    *bridge.Facts
	in       *incoming // of the reader alone

	mu        sync.Mutex
	index     int
	step      *bridge.Step // the one that runs
	began     time.Time    // the step
	deadline  time.Time    // of the step
	timer     *time.Timer  // ends the step at its deadline, once it waits for the gateway
	ending    *wire.Error  // why the event is being ended
	cancelled chan struct{}
	held      []byte      // `next` DONEs that leave with what follows
	holding   *time.Timer // sends them if nothing does
	out       *outgoing
	room      chan struct{} // an element for each call in flight
}

// eventStep is a step before it runs.
type eventStep struct {
	handle *handle
	number int64
	budget time.Duration
}

func (e *event) isLog() bool { return e.phase == table.Phase("log") }

// run runs the steps. A handler that exits ends this goroutine: then the rest is done on its way out.
func (e *event) run() {
	defer e.conn.server.running.Done()
	for {
		handler, kong := e.begin()
		var failure error
		switch {
		case kong == nil:
		case handler == nil:
			failure = errors.New("the plugin has no handler for this phase")
		default:
			failure = e.call(handler, kong)
		}
		if !e.end(failure) {
			return
		}
	}
}

// begin prepares the next step; without a PDK it is not to run.
func (e *event) begin() (plugin.Handler, *pdk.PDK) {
	e.mu.Lock()
	defer e.mu.Unlock()
	next := e.steps[e.index]
	e.began = time.Now()
	from := e.began
	if e.index == 0 {
		from = e.received
	}
	e.deadline = from.Add(next.budget)
	e.step = bridge.NewStep(e, e.facts, bridge.Options{
		Phase:    e.phase,
		Instance: next.number,
		Highest:  e.conn.hello.Highest,
		Level:    e.level,
		Deadline: e.deadline,
		Parent:   e.conn.server.base,
	})
	if e.ending != nil {
		return nil, nil
	}
	return next.handle.instance.handlers[e.phase], pdk.New(e.step)
}

// call runs a handler and returns how it failed.
func (e *event) call(run plugin.Handler, kong *pdk.PDK) (failure error) {
	hasReturned := false
	defer func() {
		if hasReturned {
			return
		}
		if reason := recover(); reason != nil {
			failure = &panicError{reason, debug.Stack()}
			return
		}
		e.end(errors.New("the handler ended its goroutine")) // runtime.Goexit: of exit, as a rule
	}()
	failure = run(kong)
	hasReturned = true
	return failure
}

// panicError is a panic of a handler.
type panicError struct {
	reason any
	stack  []byte
}

func (p *panicError) Error() string { return fmt.Sprintf("panic: %v", p.reason) }

// failureOf returns what DONE says of a failure.
func failureOf(err error) *wire.Error {
	failure := &wire.Error{Code: "failed", Text: wire.Clean(err.Error(), maxErrorText)}
	var known *bridge.Error
	var panicked *panicError
	switch {
	case errors.As(err, &panicked):
		failure.Trace = wire.Clean(traceOf(panicked), maxTrace)
	case errors.As(err, &known) && known.Code == "gone":
		failure.Code = "gone"
	}
	return failure
}

// traceOf returns the stack from where the plugin panicked: what lies above it is the runtime's and this package's.
func traceOf(p *panicError) string {
	stack := string(p.stack)
	if _, below, ok := strings.Cut(stack, "\npanic("); ok {
		if _, frames, ok := strings.Cut(below, "\n"); ok {
			if _, rest, ok := strings.Cut(frames, "\n"); ok {
				stack = rest
			}
		}
	}
	return p.Error() + "\n" + stack
}

// end sends the DONE of the step that ran; it returns false if it was the last one.
func (e *event) end(failure error) bool {
	result := e.step.Finish()
	done, isLast := e.outcome(result, failure)
	now := time.Now()
	done.TookUs = now.Sub(e.began).Microseconds()
	if e.index == 0 {
		done.WaitUs = max(0, e.began.Sub(e.received).Microseconds())
	}
	done.Reads, done.NReads = e.facts.TakeReads()
	if !isLast && e.hold(done) {
		return true
	}
	return !e.send(done, isLast)
}

func (e *event) outcome(result bridge.Result, failure error) (done wire.Done, isLast bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.stopTimer()
	if e.ending == nil && time.Now().After(e.deadline) {
		e.ending = e.late()
	}
	done = wire.Done{Event: e.id, Outcome: table.OutcomeFailed}
	hasExited := result.Outcome != 0
	_, hasPanicked := failure.(*panicError)
	switch {
	case e.ending != nil:
		done.Detail = e.ending.Detail()
	case failure != nil && (!hasExited || hasPanicked):
		done.Detail = failureOf(failure).Detail()
	case hasExited:
		done.Outcome, done.Changes, done.Detail = result.Outcome, result.Changes, result.Detail
	case e.index+1 < len(e.steps) && !result.Replans:
		e.index++
		done.Outcome, done.Changes = table.OutcomeNext, result.Changes
		return done, false
	default:
		done.Outcome, done.Changes = table.OutcomeDone, result.Changes
	}
	return done, true
}

func (e *event) late() *wire.Error {
	name := e.steps[e.index].handle.instance.declaration.Name
	return &wire.Error{Code: "deadline", Text: name + ": the time for this phase is used up"}
}

// cancel ends the event: its context is cancelled, and calls of the PDK fail. DONE follows when the handler has ended.
func (e *event) cancel(ending wire.Error, cause string) {
	e.mu.Lock()
	if e.ending != nil {
		e.mu.Unlock()
		return
	}
	e.ending = &ending
	if e.cancelled != nil {
		close(e.cancelled)
	}
	step := e.step
	e.mu.Unlock()
	if step != nil {
		step.End(cause, ending.Text)
	}
}

// expire ends the step if it is the one whose deadline has passed.
func (e *event) expire(step *bridge.Step) {
	e.mu.Lock()
	isCurrent := e.step == step
	late := e.late()
	e.mu.Unlock()
	if isCurrent {
		e.cancel(*late, "deadline")
	}
}

func (e *event) stopTimer() {
	if e.timer != nil {
		e.timer.Stop()
		e.timer = nil
	}
}

// Log sends a line.
func (e *event) Log(level int, text string, fields []byte) {
	if len(fields) > maxLogText {
		fields = nil
	}
	e.writeHeld()
	e.conn.out.addLine(wire.Line{Event: e.id, Level: level, Text: wire.Cut(text, maxLogText), Fields: fields})
}
