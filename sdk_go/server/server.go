// Package server serves plugins to the Oarlock gateway. A program of one plugin:
//
//	func main() {
//		if err := server.StartServer(New, "1.0.0", 500); err != nil {
//			log.Fatal(err)
//		}
//	}
//
//	func New() any { return &Config{} }
//
// The gateway starts the program and says where to listen. By hand: -socket /path/of.sock. With -dump it describes its
// plugins and ends.
package server

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"log"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
)

// StartServer serves one plugin, named as the program's file, until the gateway lets go, or SIGTERM. The constructor
// returns a pointer to a new configuration; its methods named for phases are the plugin's handlers.
func StartServer(constructor func() any, version string, priority int) error {
	plugin := Plugin{Name: programName(), Version: version, Priority: priority, New: constructor}
	return Run(context.Background(), plugin)
}

// Run serves several plugins in one program until ctx is done, the gateway lets go, or SIGTERM. It returns nil after an
// orderly end.
func Run(ctx context.Context, plugins ...Plugin) error {
	arguments, err := parse(os.Args[1:])
	if errors.Is(err, flag.ErrHelp) {
		return nil
	}
	if err != nil {
		return err
	}
	s, err := New(Options{MaxEvents: arguments.maxEvents}, plugins...)
	if err != nil {
		return err
	}
	if arguments.dump {
		encoder := json.NewEncoder(os.Stdout)
		encoder.SetIndent("", "  ")
		return encoder.Encode(s.describe())
	}
	if arguments.address == "" {
		return errors.New("where to listen? Start this from the gateway's settings, or give a socket: -socket PATH")
	}
	l, err := listen(arguments.address)
	if err != nil {
		return err
	}
	return s.serveUntilTold(ctx, l)
}

// serveUntilTold also drains on SIGTERM, SIGINT and, if a gateway started this program, at the end of standard input.
func (s *Server) serveUntilTold(ctx context.Context, l net.Listener) error {
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT)
	done := make(chan struct{})
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for {
			select {
			case <-signals:
				s.Drain()
			case <-done:
				return
			}
		}
	}()
	defer func() { signal.Stop(signals); close(done); <-ended }()
	if isManaged() {
		stop, err := whenStdinEnds(s.Drain)
		if err != nil {
			return fmt.Errorf("standard input: %w", err)
		}
		defer stop()
	}
	names := make([]string, len(s.declarations))
	for i, d := range s.declarations {
		names[i] = d.Name + " " + d.Version
	}
	log.Printf("serves %s on %s", strings.Join(names, ", "), l.Addr())
	return s.Serve(ctx, l)
}

type arguments struct {
	address   string
	dump      bool
	maxEvents int
}

// parse reads the command line. A program that has parsed flags of its own is told by the environment alone.
func parse(args []string) (arguments, error) {
	parsed := arguments{address: os.Getenv("OARLOCK_LISTEN")}
	if flag.Parsed() && flag.NFlag()+flag.NArg() > 0 {
		return parsed, nil
	}
	flags := flag.NewFlagSet(programName(), flag.ContinueOnError)
	var socket, prefix string
	flags.StringVar(&socket, "socket", "", "Unix socket to listen on, `path` (default: $OARLOCK_LISTEN)")
	flags.StringVar(&prefix, "kong-prefix", "", "`directory` of a socket named as this program; as in Kong")
	flags.BoolVar(&parsed.dump, "dump", false, "describe the plugins as JSON and end")
	flags.IntVar(&parsed.maxEvents, "max-events", DefaultMaxEvents, "events that run at once")
	if err := flags.Parse(args); err != nil {
		return arguments{}, err
	}
	switch {
	case socket != "":
		parsed.address = socket
	case prefix != "":
		parsed.address = filepath.Join(prefix, programName()+".socket")
	}
	return parsed, nil
}

func programName() string {
	path, err := os.Executable()
	if err != nil {
		path = os.Args[0]
	}
	return strings.TrimSuffix(filepath.Base(path), ".exe")
}
