package server

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/oarlock/oarlock/sdk_go/internal/msgpack"
	reader "github.com/oarlock/oarlock/sdk_go/internal/plugin"
	"github.com/oarlock/oarlock/sdk_go/internal/table"
)

// Plugin is what a server offers: code that becomes an instance for each configuration.
type Plugin struct {
	// Name is what configurations call it: lower-case letters, digits, `-`, `_` and `.`.
	Name string
	// Version is for people.
	Version string
	// Priority decides the order of plugins: the higher runs earlier.
	Priority int
	// New returns a pointer to a new configuration, a struct. What it sets are the defaults. Its methods named for
	// phases are the handlers: Certificate, Rewrite, Access, Response, Log, Preread.
	New func() any
	// Needs names, by phase, PDK functions whose results are to be sent with every event:
	// "kong.request.get_raw_body", or with an argument "kong.request.get_query_arg(name)".
	Needs map[string][]string
	// Rerun names phases that may run twice for one request, if this server dies in the middle of one.
	Rerun []string
	// Documentation is shown with the plugin.
	Documentation string
}

var validName = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{0,63}$`)

// declaration is all that is known of a plugin before it has a configuration.
type declaration struct {
	Plugin
	schema []any
	phases []int
}

func declare(plugin Plugin) (*declaration, error) {
	if !validName.MatchString(plugin.Name) {
		return nil, fmt.Errorf("the name of a plugin is lower-case letters, digits, -, _ and . (at most 64), not %q", plugin.Name)
	}
	if plugin.New == nil {
		return nil, fmt.Errorf("plugin %s: New is missing", plugin.Name)
	}
	config := plugin.New()
	fields, err := reader.Schema(config)
	if err != nil {
		return nil, fmt.Errorf("plugin %s: %w", plugin.Name, err)
	}
	handlers, err := reader.Handlers(config)
	if err != nil {
		return nil, fmt.Errorf("plugin %s: %w", plugin.Name, err)
	}
	d := &declaration{Plugin: plugin, schema: fields}
	for phase := range table.Phases {
		if handlers[phase] != nil {
			d.phases = append(d.phases, phase)
		}
	}
	for phase, needs := range plugin.Needs {
		if !slices.Contains(d.phases, table.Phase(phase)) {
			return nil, fmt.Errorf("plugin %s: it has no handler for the phase %q", plugin.Name, phase)
		}
		for _, need := range needs {
			if f, _ := needOf(need); f == nil || !f.In(table.Phase(phase)) {
				return nil, fmt.Errorf("plugin %s: %q can't be sent along in phase %s", plugin.Name, need, phase)
			}
		}
	}
	for _, name := range plugin.Rerun {
		if !slices.Contains(d.phases, table.Phase(name)) {
			return nil, fmt.Errorf("plugin %s: it has no handler for the phase %q", plugin.Name, name)
		}
	}
	return d, nil
}

// needOf returns the function that a need names, and the need as the wire has it: a number, or an array of it and the
// argument. Without such a function there is none.
func needOf(need string) (*table.Function, any) {
	name, argument, hasArgument := strings.Cut(strings.TrimSuffix(need, ")"), "(")
	f := table.ByName(name)
	if f == nil || f.Kind != table.Fact || f.Internal {
		return nil, nil
	}
	takesText := len(f.Args) > 0 && (f.Args[0].Type == table.Text || f.Args[0].Type == table.String)
	isNeeded := takesText && !f.Args[0].Optional
	switch {
	case hasArgument && takesText:
		if f.FoldsNames() {
			argument = strings.ToLower(argument)
		}
		return f, []any{f.Number, argument}
	case !hasArgument && !isNeeded:
		return f, f.Number
	}
	return nil, nil
}

// describe returns the plugin's entry in WELCOME and in -dump.
func (d *declaration) describe() map[string]any {
	phases := map[string]any{}
	for _, phase := range d.phases {
		needs := []any{}
		name := table.Phases[phase]
		for _, need := range d.Needs[name] {
			_, key := needOf(need)
			needs = append(needs, key)
		}
		phases[name] = map[string]any{"needs": needs, "rerun": slices.Contains(d.Rerun, name)}
	}
	return map[string]any{
		"name":          d.Name,
		"version":       d.Version,
		"priority":      d.Priority,
		"schema":        d.schema,
		"phases":        phases,
		"documentation": d.Documentation,
	}
}

// identity returns a text that is the same for equal configurations.
func identity(values map[string]any) string { return string(msgpack.AppendPlain(nil, values)) }
