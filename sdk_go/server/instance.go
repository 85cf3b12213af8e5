package server

import (
	"fmt"
	"log"
	"runtime/debug"
	"sync"

	"github.com/oarlock/oarlock/sdk_go/internal/plugin"
	"github.com/oarlock/oarlock/sdk_go/internal/wire"
)

// instance is a plugin with one configuration. Connections of one gateway share it.
type instance struct {
	declaration *declaration
	handlers    map[int]plugin.Handler
	config      any
	place       instanceKey
	users       int           // under the lock of instances
	made        chan struct{} // closed when it is there, or could not be made
	failure     *wire.Error
}

type instanceKey struct {
	uid               int
	node, plugin, key string
	config            string
}

// instances are the plugin objects of this process: made for all connections that ask for the same, ended when none is
// left that uses them.
type instances struct {
	declarations map[string]*declaration
	mu           sync.Mutex
	known        map[instanceKey]*instance
}

func newInstances(declarations []*declaration) *instances {
	all := &instances{declarations: map[string]*declaration{}, known: map[instanceKey]*instance{}}
	for _, d := range declarations {
		all.declarations[d.Name] = d
	}
	return all
}

// acquire returns the instance for a configuration, made now or for an earlier connection; release gives it up.
func (all *instances) acquire(uid int, node string, start wire.Start) (*instance, *wire.Error) {
	declaration := all.declarations[start.Plugin]
	if declaration == nil {
		return nil, &wire.Error{Code: "bad_config", Text: fmt.Sprintf("there is no plugin %q here", start.Plugin)}
	}
	place := instanceKey{uid, node, start.Plugin, start.Key, identity(start.Config)}
	all.mu.Lock()
	made := all.known[place]
	isNew := made == nil
	if isNew {
		made = &instance{declaration: declaration, place: place, made: make(chan struct{})}
		all.known[place] = made
	}
	made.users++
	all.mu.Unlock()
	if isNew {
		made.failure = made.make(start.Config)
		close(made.made)
	}
	<-made.made
	if made.failure != nil {
		all.release(made)
		return nil, made.failure
	}
	return made, nil
}

// release gives up what acquire returned; the last one ends the object.
func (all *instances) release(made *instance) {
	all.mu.Lock()
	made.users--
	isLast := made.users == 0
	if isLast || made.failure != nil {
		if all.known[made.place] == made {
			delete(all.known, made.place)
		}
	}
	all.mu.Unlock()
	if isLast && made.failure == nil {
		made.stop()
	}
}

// make fills the configuration and starts the object. Its methods Validate and Start, both optional, may refuse: the
// one for good, the other for now.
func (made *instance) make(values map[string]any) (failure *wire.Error) {
	defer func() {
		if reason := recover(); reason != nil {
			log.Printf("plugin %s: start: %v\n%s", made.declaration.Name, reason, debug.Stack())
			failure = &wire.Error{Code: "start_failed", Text: wire.Clean(fmt.Sprintf("panic: %v", reason), maxErrorText)}
		}
	}()
	made.config = made.declaration.New()
	if err := plugin.Configure(made.config, values); err != nil {
		return &wire.Error{Code: "bad_config", Text: wire.Clean(err.Error(), maxErrorText)}
	}
	if it, ok := made.config.(interface{ Validate() error }); ok {
		if err := it.Validate(); err != nil {
			return &wire.Error{Code: "bad_config", Text: wire.Clean(err.Error(), maxErrorText)}
		}
	}
	if it, ok := made.config.(interface{ Start() error }); ok {
		if err := it.Start(); err != nil {
			return &wire.Error{Code: "start_failed", Text: wire.Clean(err.Error(), maxErrorText)}
		}
	}
	handlers, err := plugin.Handlers(made.config)
	if err != nil {
		return &wire.Error{Code: "bad_config", Text: err.Error()}
	}
	made.handlers = handlers
	return nil
}

func (made *instance) stop() {
	defer func() {
		if reason := recover(); reason != nil {
			log.Printf("plugin %s: stop: %v\n%s", made.declaration.Name, reason, debug.Stack())
		}
	}()
	if it, ok := made.config.(interface{ Stop() }); ok {
		it.Stop()
	}
}
