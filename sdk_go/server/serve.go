package server

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"os"
	"strconv"
	"sync"
	"time"

	"github.com/oarlock/oarlock/sdk_go/internal/frame"
	"github.com/oarlock/oarlock/sdk_go/internal/table"
	"github.com/oarlock/oarlock/sdk_go/internal/wire"
)

// Version is that of this SDK.
const Version = "0.1.0"

// DefaultMaxEvents is how many events run at once, over all connections, unless said otherwise.
const DefaultMaxEvents = 1024

const (
	maxConnections = 256
	endGrace       = 5 * time.Second // for handlers to end when the connections have
)

// Options are what a [Server] can be told.
type Options struct {
	// MaxEvents bounds the events that run at once, over all connections; 0 is [DefaultMaxEvents].
	MaxEvents int
}

// Server serves plugins to gateways.
type Server struct {
	declarations []*declaration
	instances    *instances
	maxEvents    int
	build        string
	base         context.Context // of all handlers
	running      sync.WaitGroup  // every goroutine that the server started

	mu       sync.Mutex
	conns    map[*conn]struct{}
	draining bool
	listener net.Listener
	stopped  chan struct{} // closed when nothing is left to wait for
}

// New returns a server of these plugins. It fails if one of them is declared wrongly.
func New(options Options, plugins ...Plugin) (*Server, error) {
	s := &Server{
		maxEvents: options.MaxEvents,
		build:     buildID(),
		base:      context.Background(),
		conns:     map[*conn]struct{}{},
		stopped:   make(chan struct{}),
	}
	if s.maxEvents <= 0 {
		s.maxEvents = DefaultMaxEvents
	}
	names := map[string]bool{}
	for _, plugin := range plugins {
		declared, err := declare(plugin)
		if err != nil {
			return nil, err
		}
		if names[plugin.Name] {
			return nil, fmt.Errorf("two plugins are called %q", plugin.Name)
		}
		names[plugin.Name] = true
		s.declarations = append(s.declarations, declared)
	}
	if len(plugins) == 0 {
		return nil, errors.New("there is no plugin to serve")
	}
	s.instances = newInstances(s.declarations)
	return s, nil
}

// Serve answers the gateways that connect to l until ctx is done or [Server.Drain] is called, lets what runs end, and
// returns when the gateways have left, at the latest half a minute later. It closes l. Every goroutine that it started
// has ended by then, but for handlers that don't, which is an error. It can be called once.
func (s *Server) Serve(ctx context.Context, l net.Listener) error {
	s.mu.Lock()
	s.base = context.WithoutCancel(ctx)
	s.listener = l
	isDraining := s.draining
	s.mu.Unlock()
	if isDraining {
		l.Close()
	}
	stop := context.AfterFunc(ctx, s.Drain)
	defer stop()
	err := s.accept(l)
	<-s.stopped
	s.closeAll()
	ended := make(chan struct{})
	go func() { s.running.Wait(); close(ended) }()
	select {
	case <-ended:
		return err
	case <-time.After(endGrace):
		return errors.Join(err, errors.New("handlers are still running"))
	}
}

func (s *Server) accept(l net.Listener) error {
	for {
		socket, err := l.Accept()
		switch {
		case err == nil:
			s.admit(socket)
		case s.isDraining():
			return nil
		case errors.Is(err, net.ErrClosed):
			s.Drain()
			return fmt.Errorf("accept on %s: %w", l.Addr(), err)
		default: // out of descriptors: others may end meanwhile
			log.Printf("accept: %v", err)
			time.Sleep(100 * time.Millisecond)
		}
	}
}

func (s *Server) admit(socket net.Conn) {
	uid, known := peerUser(socket)
	s.mu.Lock()
	defer s.mu.Unlock()
	var refusal *frame.Error
	switch {
	case known && !isAllowed(uid):
		refusal = &frame.Error{Code: "auth", Text: fmt.Sprintf("user %d may not use the plugin server of user %d", uid, os.Getuid())}
	case len(s.conns) >= maxConnections:
		refusal = &frame.Error{Code: "limit", Text: fmt.Sprintf("more than %d connections", maxConnections)}
	}
	if refusal != nil {
		log.Printf("a connection is refused: %v", refusal)
		socket.SetWriteDeadline(time.Now().Add(time.Second))
		socket.Write(wire.AppendDrain(nil, refusal.Code, refusal.Text))
		socket.Close()
		return
	}
	c := newConn(s, socket, uid)
	s.conns[c] = struct{}{}
	s.start(c.serve)
}

// start runs f in a goroutine that Serve waits for.
func (s *Server) start(f func()) {
	s.running.Add(1)
	go func() { defer s.running.Done(); f() }()
}

// Drain takes no new work; Serve returns when the gateways have left, or after the grace. The second time: at once.
func (s *Server) Drain() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.draining {
		s.stop()
		return
	}
	s.draining = true
	if s.listener != nil {
		s.listener.Close()
	}
	for c := range s.conns {
		c.drain()
	}
	if len(s.conns) == 0 {
		s.stop()
	} else {
		time.AfterFunc(seconds(table.DrainGrace), func() {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.stop()
		})
	}
}

func (s *Server) stop() {
	select {
	case <-s.stopped:
	default:
		close(s.stopped)
	}
}

func (s *Server) isDraining() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.draining
}

func (s *Server) closed(c *conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.conns, c)
	if s.draining && len(s.conns) == 0 {
		s.stop()
	}
}

func (s *Server) closeAll() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for c := range s.conns {
		c.net.Close()
	}
}

func (s *Server) welcome(version int, features []any, maxEvents int) map[string]any {
	name := os.Getenv("OARLOCK_SERVER_NAME")
	if name == "" {
		name = "go"
	}
	member, _ := strconv.Atoi(os.Getenv("OARLOCK_MEMBER"))
	return map[string]any{
		"version":  version,
		"features": features,
		"server": map[string]any{
			"name":     name,
			"pid":      os.Getpid(),
			"member":   member,
			"language": "go",
			"sdk":      Version,
			"build":    s.build,
		},
		"plugins": s.describe(),
		"limits": map[string]any{
			"max_frame":      table.MaxFrameDefault,
			"window":         table.Window,
			"max_events":     maxEvents,
			"max_log_events": table.MaxLogEvents,
		},
		"pdk": table.Highest,
	}
}

func (s *Server) describe() []any {
	plugins := make([]any, len(s.declarations))
	for i, declaration := range s.declarations {
		plugins[i] = declaration.describe()
	}
	return plugins
}

// versions says which versions meet none of ours.
func versions(hello wire.Hello) string {
	return fmt.Sprintf("the gateway speaks versions %d to %d, this server %d to %d",
		hello.Lowest, hello.Version, table.MinVersion, table.MaxVersion)
}

// buildID returns a text that differs when the code does: a hash over this program.
func buildID() string {
	path, err := os.Executable()
	if err != nil {
		return ""
	}
	file, err := os.Open(path)
	if err != nil {
		return ""
	}
	defer file.Close()
	digest := sha256.New()
	if _, err := io.Copy(digest, file); err != nil {
		return ""
	}
	return hex.EncodeToString(digest.Sum(nil))[:16]
}

// isAllowed reports whether a user's gateway is served: one's own, and the one that started this server.
func isAllowed(uid int) bool {
	host, err := strconv.Atoi(os.Getenv("OARLOCK_HOST_UID"))
	return uid == os.Getuid() || err == nil && uid == host
}
