package server

import (
	"errors"
	"io"
	"log"
	"net"
	"slices"
	"sync"
	"time"

	"github.com/oarlock/oarlock/sdk_go/internal/bridge"
	"github.com/oarlock/oarlock/sdk_go/internal/frame"
	"github.com/oarlock/oarlock/sdk_go/internal/table"
	"github.com/oarlock/oarlock/sdk_go/internal/wire"
)

type state int

const (
	opening state = iota
	open
	draining
	closed
)

// conn is one connection from a gateway. One goroutine reads: it hands events to goroutines of their own and never
// waits for them; another writes what these leave to it, and looks after the peer.
type conn struct {
	server     *Server
	net        net.Conn
	uid        int
	out        *outbox
	cutter     frame.Cutter
	hello      wire.Hello
	hasStreams bool
	maxEvents  int
	done       chan struct{} // closed at the end

	calls    sync.Mutex // numbers of calls are written in their order
	lastCall int64
	asked    map[int64]*pending

	mu              sync.Mutex
	state           state
	lastSeen        time.Time
	events          map[int64]*event
	logEvents       map[int64]*event
	handles         map[int64]*handle
	starting        int
	highestEvent    int64
	highestInstance int64
	grace           *time.Timer // ends a connection that drains
}

// handle is an instance as one connection knows it.
type handle struct {
	instance *instance
	users    int // events that use it
	isClosed bool
}

func newConn(server *Server, socket net.Conn, uid int) *conn {
	return &conn{
		server:    server,
		net:       socket,
		uid:       uid,
		out:       newOutbox(socket),
		done:      make(chan struct{}),
		cutter:    frame.Cutter{MaxFrame: table.MaxHello},
		asked:     map[int64]*pending{},
		events:    map[int64]*event{},
		logEvents: map[int64]*event{},
		handles:   map[int64]*handle{},
	}
}

// serve serves the connection to its end.
func (c *conn) serve() {
	defer c.close()
	c.net.SetReadDeadline(time.Now().Add(seconds(table.HandshakeTimeout)))
	err := c.read()
	var breach *frame.Error
	switch {
	case errors.As(err, &breach):
		c.fail(breach.Code, breach.Text)
	case !errors.Is(err, io.EOF) && !errors.Is(err, net.ErrClosed):
		log.Printf("the connection to a gateway ended: %v", err)
	}
}

// read takes frames until the connection ends, and returns why: io.EOF when the gateway closed it.
func (c *conn) read() error {
	for {
		n, err := c.net.Read(c.cutter.Space())
		now := time.Now()
		c.cutter.Filled(n)
		c.mu.Lock()
		c.lastSeen = now
		c.mu.Unlock()
		for {
			data, err := c.cutter.Next()
			if err != nil {
				return err
			}
			if data == nil {
				break
			}
			if err := c.take(data, now); err != nil {
				return err
			}
		}
		if err != nil {
			return err
		}
	}
}

func (c *conn) take(data []byte, now time.Time) error {
	if _, err := frame.Check(data); err != nil {
		return err
	}
	message := int(data[1])
	if c.hello.Version == 0 {
		if message != table.MsgHello {
			return frame.Errorf("message %d before HELLO", message)
		}
		return c.onHello(data)
	}
	switch message {
	case table.MsgEvent:
		return c.onEvent(data, now)
	case table.MsgReply:
		return c.onReply(data)
	case table.MsgCancel:
		return c.onCancel(data)
	case table.MsgPing:
		return c.onPing(data, now)
	case table.MsgStart:
		return c.onStart(data)
	case table.MsgClose:
		return c.onClose(data)
	case table.MsgDrain:
		return c.onDrain(data)
	case table.MsgChunk:
		return c.onChunk(data)
	case table.MsgWindow:
		return c.onWindow(data)
	}
	return frame.Errorf("message %d is not for a server", message)
}

// reply sends what the reader has to say; somebody else writes it.
func (c *conn) reply(write func(b []byte) []byte) {
	c.out.addWith(write)
	c.out.kick()
}

func (c *conn) onHello(data []byte) error {
	hello, err := wire.ReadHello(data)
	if err != nil {
		return err
	}
	version := min(table.MaxVersion, hello.Version)
	if version < max(table.MinVersion, hello.Lowest) {
		return &frame.Error{Code: "version", Text: versions(hello)}
	}
	features := []any{}
	for _, feature := range table.Features {
		if slices.Contains(hello.Features, feature) {
			features = append(features, feature)
		}
	}
	c.hasStreams = slices.Contains(features, any("streams"))
	c.maxEvents = max(1, c.server.maxEvents/hello.Peers)
	c.hello = hello
	c.cutter.MaxFrame = table.MaxFrameDefault
	c.net.SetReadDeadline(time.Time{})
	welcome := c.server.welcome(version, features, c.maxEvents)
	c.reply(func(b []byte) []byte { return wire.AppendWelcome(b, welcome) })
	c.mu.Lock()
	c.state = open
	c.mu.Unlock()
	c.server.start(c.tend)
	if c.server.isDraining() {
		c.drain()
	}
	return nil
}

// tend writes for the reader and looks after the peer, once per ping interval.
func (c *conn) tend() {
	c.server.start(func() { c.out.run(c.done) })
	ticker := time.NewTicker(c.hello.Ping)
	defer ticker.Stop()
	for {
		select {
		case <-c.done:
			return
		case now := <-ticker.C:
			c.mu.Lock()
			silent := now.Sub(c.lastSeen)
			c.mu.Unlock()
			if silent > table.PingsMissed*c.hello.Ping {
				log.Printf("nothing came from the gateway for %v: it is taken for dead", silent.Round(time.Second))
				c.net.Close()
			} else if c.out.isStuck(now, seconds(table.StallTimeout)) {
				c.fail("stalled", "the gateway does not read")
			}
		}
	}
}

func (c *conn) onPing(data []byte, now time.Time) error {
	nonce, err := wire.ReadPing(data)
	if err != nil {
		return err
	}
	c.mu.Lock()
	running := len(c.events) + len(c.logEvents)
	oldest := now
	for _, events := range []map[int64]*event{c.events, c.logEvents} {
		for _, event := range events {
			if event.received.Before(oldest) {
				oldest = event.received
			}
		}
	}
	c.mu.Unlock()
	age := now.Sub(oldest).Milliseconds()
	c.reply(func(b []byte) []byte { return wire.AppendPong(b, nonce, int64(running), age) })
	return nil
}

func (c *conn) onDrain(data []byte) error {
	code, text, err := wire.ReadDrain(data)
	if err != nil {
		return err
	}
	if code != "" {
		log.Printf("the gateway ends the connection: %s %s", code, text)
		return io.EOF
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.startDraining()
	return nil
}

// drain takes no new work; the gateway closes when what runs has ended.
func (c *conn) drain() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.state == opening {
		c.net.Close()
	} else if c.state == open {
		c.reply(func(b []byte) []byte { return wire.AppendDrain(b, "", "") })
		c.startDraining()
	}
}

func (c *conn) startDraining() {
	if c.state == open {
		c.state = draining
		c.grace = time.AfterFunc(seconds(table.DrainGrace), func() { c.net.Close() })
	}
}

// fail says why the connection can't go on, and ends it.
func (c *conn) fail(code, text string) {
	log.Printf("the connection to a gateway ends: %s: %s", code, text)
	c.out.finish(wire.AppendDrain(nil, code, wire.Clean(text, maxErrorText)))
	c.net.Close()
}

// close ends the connection: its events are cancelled, its instances go when the last handler has let them go.
func (c *conn) close() {
	c.net.Close()
	close(c.done)
	c.mu.Lock()
	c.state = closed
	if c.grace != nil {
		c.grace.Stop()
	}
	var events []*event
	for _, running := range []map[int64]*event{c.events, c.logEvents} {
		for _, event := range running {
			events = append(events, event)
		}
	}
	var free []*instance
	for number, handle := range c.handles {
		delete(c.handles, number)
		if handle.isClosed = true; handle.users == 0 {
			free = append(free, handle.instance)
		}
	}
	c.mu.Unlock()
	for _, event := range events {
		event.cancel(wire.Error{Code: "cancelled", Text: "the connection to the gateway has ended"}, "lost")
	}
	for _, instance := range free {
		c.server.instances.release(instance)
	}
	c.server.closed(c)
}

// ask writes a CALL under the next number.
func (c *conn) ask(waiting *pending, question bridge.Question) {
	c.calls.Lock()
	c.lastCall++
	call := c.lastCall
	c.asked[call] = waiting
	c.out.addWith(func(b []byte) []byte { return wire.AppendCall(b, call, waiting.event.id, question) })
	c.calls.Unlock()
	c.out.flush()
}

func (c *conn) onReply(data []byte) error {
	reply, err := wire.ReadReply(data)
	if err != nil {
		return err
	}
	c.calls.Lock()
	waiting, last := c.asked[reply.Call], c.lastCall
	delete(c.asked, reply.Call)
	c.calls.Unlock()
	if reply.Call > last {
		return frame.Errorf("REPLY to call %d, which never was", reply.Call)
	}
	if waiting == nil {
		return nil
	}
	if reply.Failed {
		waiting.deliver(answer{err: &bridge.Error{Code: reply.Code, Text: reply.Text}})
		return nil
	}
	blobs, err := waiting.event.in.resolve(reply.Result)
	if err != nil {
		return err
	}
	waiting.deliver(answer{value: bridge.Value{Raw: reply.Result, Blobs: blobs}})
	return nil
}

func seconds(value float64) time.Duration { return time.Duration(value * float64(time.Second)) }
