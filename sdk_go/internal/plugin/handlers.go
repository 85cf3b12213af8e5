package plugin

import (
	"errors"
	"fmt"
	"reflect"

	pdk "github.com/oarlock/oarlock/sdk_go"
	"github.com/oarlock/oarlock/sdk_go/internal/table"
)

// Handler runs a plugin in one phase.
type Handler func(*pdk.PDK) error

// Handlers are found by these names. A handler may return an error, which is then the error of its event.
var handlerNames = map[string]string{
	"certificate": "Certificate",
	"rewrite":     "Rewrite",
	"access":      "Access",
	"response":    "Response",
	"log":         "Log",
	"preread":     "Preread",
}

// Handlers returns the methods named for phases, by the numbers of these.
func Handlers(config any) (map[int]Handler, error) {
	handlers := map[int]Handler{}
	value := reflect.ValueOf(config)
	for phase, name := range handlerNames {
		method := value.MethodByName(name)
		if !method.IsValid() {
			continue
		}
		switch call := method.Interface().(type) {
		case func(*pdk.PDK):
			handlers[table.Phase(phase)] = func(kong *pdk.PDK) error { call(kong); return nil }
		case func(*pdk.PDK) error:
			handlers[table.Phase(phase)] = call
		default:
			return nil, fmt.Errorf("method %s is %s; a handler is func(*pdk.PDK) or func(*pdk.PDK) error", name, method.Type())
		}
	}
	if len(handlers) == 0 {
		return nil, errors.New("it has no handler; write a method such as Access(*pdk.PDK)")
	}
	return handlers, nil
}
