package server

import (
	"net"
	"sync"
	"time"

	"github.com/oarlock/oarlock/sdk_go/internal/table"
	"github.com/oarlock/oarlock/sdk_go/internal/wire"
)

const logRoom = 256 << 10 // bytes waiting to be sent beyond which lines of the log wait in a queue of their own

// outbox is the writing side of a connection. Frames from any goroutine are appended to one buffer; who finds nobody
// writing writes, and takes along what others append meanwhile. The reader of the connection never writes itself: it
// wakes a writer.
type outbox struct {
	conn  net.Conn
	wake  chan struct{}
	mu    sync.Mutex
	idle  *sync.Cond // signalled when nobody writes any more
	buf   []byte
	spare []byte
	lines []wire.Line
	lost  int64
	busy  bool
	since time.Time // when the write under way began, or went on
	dead  bool
}

func newOutbox(conn net.Conn) *outbox {
	o := &outbox{conn: conn, wake: make(chan struct{}, 1)}
	o.idle = sync.NewCond(&o.mu)
	return o
}

// add appends frames; they leave with the next flush.
func (o *outbox) add(frames []byte) {
	o.mu.Lock()
	if !o.dead {
		o.buf = append(o.buf, frames...)
	}
	o.mu.Unlock()
}

// addWith appends what write appends: frames that are made in place.
func (o *outbox) addWith(write func(b []byte) []byte) {
	o.mu.Lock()
	if !o.dead {
		o.buf = write(o.buf)
	}
	o.mu.Unlock()
}

// addLine appends a line of the log; of too many the oldest go and are counted.
func (o *outbox) addLine(line wire.Line) {
	o.mu.Lock()
	if !o.dead {
		if len(o.lines) >= table.LogQueueLines {
			o.lines = o.lines[1:]
			o.lost++
		}
		o.lines = append(o.lines, line)
		o.takeLines()
	}
	o.mu.Unlock()
	o.kick()
}

func (o *outbox) takeLines() {
	for len(o.lines) > 0 && len(o.buf) < logRoom {
		line := o.lines[0]
		line.Lost, o.lost = o.lost, 0
		o.buf = wire.AppendLog(o.buf, line)
		if o.lines = o.lines[1:]; len(o.lines) == 0 {
			o.lines = nil
		}
	}
}

// kick has somebody else write.
func (o *outbox) kick() {
	select {
	case o.wake <- struct{}{}:
	default:
	}
}

// flush writes what there is, unless somebody does.
func (o *outbox) flush() {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.busy {
		return
	}
	o.busy = true
	for len(o.buf) > 0 && !o.dead {
		data := o.buf
		o.buf = o.spare[:0]
		o.spare = nil
		o.since = time.Now()
		o.mu.Unlock()
		err := o.write(data)
		o.mu.Lock()
		if cap(data) <= logRoom {
			o.spare = data[:0]
		}
		if err != nil {
			o.dead = true
			o.buf, o.lines = nil, nil
			o.conn.Close() // wakes the reader, which ends the connection
		}
		o.takeLines()
	}
	o.busy = false
	o.idle.Broadcast()
}

// write writes in pieces, so that progress is seen.
func (o *outbox) write(data []byte) error {
	for len(data) > 0 {
		piece := data[:min(len(data), logRoom)]
		if _, err := o.conn.Write(piece); err != nil {
			return err
		}
		if data = data[len(piece):]; len(data) > 0 {
			o.mu.Lock()
			o.since = time.Now()
			o.mu.Unlock()
		}
	}
	return nil
}

// isStuck reports whether a write has made no progress for a while.
func (o *outbox) isStuck(now time.Time, limit time.Duration) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.busy && now.Sub(o.since) > limit
}

// run writes for those who don't, until done is closed.
func (o *outbox) run(done <-chan struct{}) {
	for {
		select {
		case <-o.wake:
			o.flush()
		case <-done:
			return
		}
	}
}

// finish sends the last frame of a connection, if that is possible within a second.
func (o *outbox) finish(last []byte) {
	o.conn.SetWriteDeadline(time.Now().Add(time.Second))
	o.add(last)
	o.flush()
	o.mu.Lock()
	for o.busy {
		o.idle.Wait() // another one writes, and takes it along
	}
	o.dead = true
	o.buf, o.lines = nil, nil
	o.mu.Unlock()
}
