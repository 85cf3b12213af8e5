// Package pdk is the plugin development kit of the Oarlock gateway for Go.
//
// A plugin is a struct, its configuration, with a method for each phase that it takes part in:
//
//	func (c *Config) Access(kong *pdk.PDK) {
//		user, err := kong.Request.GetHeader("x-user")
//		...
//		kong.Response.SetHeader("x-hello", "hello "+user)
//	}
//
// Phases are Certificate, Rewrite, Access, Response, Log and Preread. A method may also return an error, which is then
// the event's error, as a panic is. The names are those of Kong's PDK for Go: a plugin for Kong is one for Oarlock when
// its imports are changed. Package server serves plugins, package pdktest runs them without a gateway.
package pdk

import (
	"context"

	"github.com/oarlock/oarlock/sdk_go/internal/bridge"
)

// Context returns the context of the event. It has the deadline of the phase, and is cancelled with a cause, an
// [*Error], when the client has gone, when the gateway ends the event, and when the handler has returned.
func (kong *PDK) Context() context.Context { return kong.step.Context() }

// uriCaptures returns what get_uri_captures found, as Kong's PDK for Go has it.
func uriCaptures(step *bridge.Step, number int) ([][]byte, map[string][]byte, error) {
	values, err := step.Map(number)
	if err != nil {
		return nil, nil, err
	}
	list, _ := values["unnamed"].([]any)
	unnamed := make([][]byte, len(list))
	for i, value := range list {
		unnamed[i] = captured(value)
	}
	named := map[string][]byte{}
	table, _ := values["named"].(map[string]any)
	for name, value := range table {
		named[name] = captured(value)
	}
	return unnamed, named, nil
}

func captured(value any) []byte {
	switch v := value.(type) {
	case string:
		return []byte(v)
	case []byte:
		return v
	}
	return nil
}
