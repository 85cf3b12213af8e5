package server

import (
	"time"

	"github.com/oarlock/oarlock/sdk_go/internal/bridge"
	"github.com/oarlock/oarlock/sdk_go/internal/msgpack"
	"github.com/oarlock/oarlock/sdk_go/internal/table"
	"github.com/oarlock/oarlock/sdk_go/internal/wire"
)

// pending is a call that waits for its REPLY.
type pending struct {
	event  *event
	answer chan answer
}

type answer struct {
	value bridge.Value
	err   error
}

var errGone = &bridge.Error{Code: "gone", Text: "the event is over"}

// Wait returns the answer.
func (p *pending) Wait(done <-chan struct{}) (bridge.Value, error) {
	select {
	case answer := <-p.answer:
		return answer.value, answer.err
	case <-done:
		return bridge.Value{}, errGone
	}
}

// deliver hands over a REPLY; it is called by the reader and does not wait.
func (p *pending) deliver(answer answer) {
	p.answer <- answer
	<-p.event.room
}

// Ask sends a CALL. Its step sees to it that questions come one after the other.
func (e *event) Ask(question bridge.Question, done <-chan struct{}) (bridge.Pending, error) {
	e.mu.Lock()
	if e.room == nil {
		e.room = make(chan struct{}, e.conn.hello.MaxCalls)
	}
	if e.timer == nil && e.ending == nil {
		step := e.step
		e.timer = time.AfterFunc(time.Until(e.deadline), func() { e.expire(step) })
	}
	room := e.room
	e.mu.Unlock()
	select {
	case room <- struct{}{}:
	case <-done:
		return nil, errGone
	}
	waiting := &pending{event: e, answer: make(chan answer, 1)}
	if len(question.Args.Raw())+len(question.Changes.Raw) > table.BlobThreshold {
		if err := e.moveOut(&question, done); err != nil {
			<-room
			return nil, err
		}
	}
	e.writeHeld()
	e.conn.ask(waiting, question)
	return waiting, nil
}

// moveOut sends the large values of a question on streams.
func (e *event) moveOut(question *bridge.Question, done <-chan struct{}) error {
	raws := [][]byte{question.Args.Raw(), question.Changes.Raw}
	if err := e.sendLarge(raws, done); err != nil {
		return err
	}
	question.Args = question.Args.With(raws[0])
	question.Changes.Raw = raws[1]
	return nil
}

// sendLarge sends each large value in raws on a stream of its own and replaces it by what stands for it.
// It fails if the rest does not fit a message, or if done was closed.
func (e *event) sendLarge(raws [][]byte, done <-chan struct{}) error {
	e.mu.Lock()
	if e.out == nil {
		e.out = newOutgoing()
	}
	out := e.out
	e.mu.Unlock()
	type stream struct {
		number msgpack.Blob
		data   []byte
	}
	var streams []stream
	size := 0
	for i, raw := range raws {
		if e.conn.hasStreams {
			raws[i] = msgpack.Extract(raw, table.BlobThreshold, func(data []byte) msgpack.Blob {
				streams = append(streams, stream{out.open(), data})
				return streams[len(streams)-1].number
			})
		}
		size += len(raws[i])
	}
	if limit := e.conn.hello.MaxFrame - 256; size > limit { // 256 bytes for the rest of the message
		return &bridge.Error{Code: "too_large", Text: "a message of more bytes than the gateway takes"}
	}
	for _, stream := range streams {
		write := func(piece []byte, end bool) {
			e.conn.out.addWith(func(b []byte) []byte { return wire.AppendChunk(b, e.id, stream.number, piece, end) })
			e.conn.out.flush()
		}
		e.writeHeld()
		if !out.send(stream.number, stream.data, e.conn.hello.Window, write, done) {
			return errGone
		}
	}
	return nil
}

// hold keeps the DONE of a `next` for what follows; false if it is too large for that.
func (e *event) hold(done wire.Done) bool {
	if len(done.Changes.Raw) > table.BlobThreshold {
		return false
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.held = wire.AppendDone(e.held, done)
	if e.holding == nil {
		e.holding = time.AfterFunc(holdNext, func() { e.writeHeld(); e.conn.out.flush() })
	}
	return true
}

// writeHeld puts what is held into the outbox.
func (e *event) writeHeld() {
	e.mu.Lock()
	defer e.mu.Unlock()
	if len(e.held) > 0 {
		e.conn.out.add(e.held)
		e.held = nil
	}
	if e.holding != nil {
		e.holding.Stop()
		e.holding = nil
	}
}

// send sends a DONE and reports whether it was the last one: a value that can't be sent makes it a failed one.
func (e *event) send(done wire.Done, isLast bool) bool {
	if len(done.Changes.Raw)+len(done.Detail) > table.BlobThreshold {
		raws := [][]byte{done.Changes.Raw, done.Detail}
		if err := e.sendLarge(raws, e.whenCancelled()); err != nil {
			done.Outcome, done.Changes, done.Detail = table.OutcomeFailed, bridge.Changes{}, e.unsent(err).Detail()
			isLast = true
		} else {
			done.Changes.Raw, done.Detail = raws[0], raws[1]
		}
	}
	if isLast {
		e.conn.ended(e) // before DONE: the gateway may use the credit as soon as it has it
	}
	e.writeHeld()
	e.conn.out.addWith(func(b []byte) []byte { return wire.AppendDone(b, done) })
	e.conn.out.flush()
	return isLast
}

func (e *event) unsent(err error) *wire.Error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.ending != nil {
		return e.ending
	}
	if known, ok := err.(*bridge.Error); ok {
		return &wire.Error{Code: known.Code, Text: known.Text}
	}
	return failureOf(err)
}

// whenCancelled returns a channel that is closed when the event is cancelled.
func (e *event) whenCancelled() <-chan struct{} {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.cancelled == nil {
		e.cancelled = make(chan struct{})
		if e.ending != nil {
			close(e.cancelled)
		}
	}
	return e.cancelled
}
