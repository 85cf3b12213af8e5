package server

import (
	"fmt"
	"time"

	"github.com/oarlock/oarlock/sdk_go/internal/bridge"
	"github.com/oarlock/oarlock/sdk_go/internal/frame"
	"github.com/oarlock/oarlock/sdk_go/internal/table"
	"github.com/oarlock/oarlock/sdk_go/internal/wire"
)

func (c *conn) onStart(data []byte) error {
	start, err := wire.ReadStart(data)
	if err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if start.Instance <= c.highestInstance {
		return frame.Errorf("START of instance %d after %d", start.Instance, c.highestInstance)
	}
	c.highestInstance = start.Instance
	switch {
	case c.state == draining:
		c.started(start.Instance, &wire.Error{Code: "refused", Text: "this server drains"})
	case len(c.handles)+c.starting >= table.MaxInstances:
		text := fmt.Sprintf("more than %d instances on one connection", table.MaxInstances)
		c.started(start.Instance, &wire.Error{Code: "start_failed", Text: text})
	default:
		c.starting++
		c.server.start(func() { c.startInstance(start) })
	}
	return nil
}

func (c *conn) started(instance int64, failure *wire.Error) {
	c.reply(func(b []byte) []byte { return wire.AppendStarted(b, instance, failure) })
}

func (c *conn) startInstance(start wire.Start) {
	instance, failure := c.server.instances.acquire(c.uid, c.hello.Node, start)
	c.mu.Lock()
	c.starting--
	isClosed := c.state == closed
	if failure == nil && !isClosed {
		c.handles[start.Instance] = &handle{instance: instance}
	}
	c.mu.Unlock()
	if failure == nil && isClosed {
		c.server.instances.release(instance)
		return
	}
	c.started(start.Instance, failure)
}

func (c *conn) onClose(data []byte) error {
	number, err := wire.ReadClose(data)
	if err != nil {
		return err
	}
	c.mu.Lock()
	handle := c.handles[number]
	delete(c.handles, number)
	isFree := false
	if handle != nil {
		handle.isClosed = true
		isFree = handle.users == 0
	}
	c.mu.Unlock()
	if handle == nil {
		return frame.Errorf("CLOSE of instance %d, which does not run", number)
	}
	if isFree {
		c.server.start(func() { c.server.instances.release(handle.instance) })
	}
	return nil
}

func (c *conn) onEvent(data []byte, now time.Time) error {
	message, err := wire.ReadEvent(data)
	if err != nil {
		return err
	}
	facts, ok := bridge.NewFacts(message.Facts, message.Flags&wire.ReportReads != 0)
	if !ok {
		return frame.Errorf("EVENT: facts are not segments of keys and values")
	}
	e := &event{conn: c, id: message.Event, phase: message.Phase, level: message.Level, received: now, facts: facts}
	c.mu.Lock()
	if message.Event <= c.highestEvent {
		c.mu.Unlock()
		return frame.Errorf("EVENT %d after %d", message.Event, c.highestEvent)
	}
	c.highestEvent = message.Event
	refusal := c.admit(e, message.Steps)
	if refusal == nil {
		c.server.running.Add(1)
	}
	c.mu.Unlock()
	if refusal != nil {
		done := wire.Done{Event: e.id, Outcome: table.OutcomeFailed, Detail: refusal.Detail()}
		c.reply(func(b []byte) []byte { return wire.AppendDone(b, done) })
		return nil
	}
	go e.run()
	return nil
}

// admit takes an event in, or returns why not.
func (c *conn) admit(e *event, steps []wire.Step) *wire.Error {
	running, allowed := c.events, c.maxEvents
	if e.isLog() {
		running, allowed = c.logEvents, table.MaxLogEvents
	}
	if c.state != open {
		return &wire.Error{Code: "refused", Text: "this server drains"}
	}
	if len(running) >= allowed {
		return &wire.Error{Code: "refused", Text: fmt.Sprintf("%d events run", allowed)}
	}
	e.steps = make([]eventStep, len(steps))
	for i, step := range steps {
		handle := c.handles[step.Instance]
		if handle == nil {
			return &wire.Error{Code: "no_instance", Text: fmt.Sprintf("instance %d does not run here", step.Instance)}
		}
		e.steps[i] = eventStep{handle: handle, number: step.Instance, budget: step.Budget}
	}
	for _, step := range e.steps {
		step.handle.users++
	}
	running[e.id] = e
	return nil
}

// ended forgets an event and frees what it used.
func (c *conn) ended(e *event) {
	var free []*instance
	c.mu.Lock()
	delete(c.events, e.id)
	delete(c.logEvents, e.id)
	for _, step := range e.steps {
		if step.handle.users--; step.handle.users == 0 && step.handle.isClosed {
			free = append(free, step.handle.instance)
		}
	}
	c.mu.Unlock()
	for _, instance := range free {
		c.server.instances.release(instance)
	}
}

// event returns an event that runs, nil if it has ended; one that never was is a breach.
func (c *conn) event(number int64, what string) (*event, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if number > c.highestEvent {
		return nil, frame.Errorf("%s for event %d, which never was", what, number)
	}
	if e := c.events[number]; e != nil {
		return e, nil
	}
	return c.logEvents[number], nil
}

func (c *conn) onCancel(data []byte) error {
	number, reason, err := wire.ReadCancel(data)
	if err != nil {
		return err
	}
	e, err := c.event(number, "CANCEL")
	if e != nil {
		e.cancel(wire.Error{Code: "cancelled", Text: reason}, reason)
	}
	return err
}

func (c *conn) onChunk(data []byte) error {
	chunk, err := wire.ReadChunk(data)
	if err != nil {
		return err
	}
	e, err := c.event(chunk.Event, "CHUNK")
	if e == nil || err != nil {
		return err
	}
	if e.in == nil {
		e.in = newIncoming()
	}
	grant, err := e.in.add(chunk)
	if grant > 0 {
		c.reply(func(b []byte) []byte { return wire.AppendWindow(b, chunk.Event, chunk.Stream, int64(grant)) })
	}
	return err
}

func (c *conn) onWindow(data []byte) error {
	window, err := wire.ReadWindow(data)
	if err != nil {
		return err
	}
	e, err := c.event(window.Event, "WINDOW")
	if e == nil || err != nil {
		return err
	}
	e.mu.Lock()
	out := e.out
	e.mu.Unlock()
	if out != nil {
		out.grant(window)
	}
	return nil
}
