// Package table is proto/pdk.toml as Go has it: every function of the PDK, and the numbers of oarlock/1.
package table

import "strings"

// Kind says what a function is and how it travels.
type Kind uint8

// The kinds of functions.
const (
	Fact    Kind = iota // known when the event begins, or asked for
	Change              // queued, applied with the outcome
	Call                // always asked for
	Outcome             // ends the handler
	Log                 // travels as LOG
)

// Type is the type of an argument.
type Type uint8

// The types of arguments.
const (
	String Type = iota
	Text
	Integer
	Number
	Boolean
	Any
	Map
	Headers
	HeaderValue
	Array
	Body
	Content
)

// Rule says how an answer is found inside another fact.
type Rule uint8

// The rules of lookups; see PROTOCOL.md §4.2.
const (
	NoLookup Rule = iota
	HeaderLookup
	HeadersLookup
	QueryArgLookup
	SharedKeyLookup
	PluginKeyLookup
)

// Arg is one argument of a function.
type Arg struct {
	Name     string
	Type     Type
	Optional bool
	Default  any // nil, bool, int64 or string
	HasMin   bool
	Min      int64
	HasMax   bool
	Max      int64
	OneOf    []string
	Prefix   string
	Variadic bool
}

// Stale is what one entry of `invalidates` does to the facts of Function. Its keys are the value of the argument at
// Argument; with Each, the names in those headers; or Literal. Without a key all facts of the function go stale. With a
// key and no Only, those whose first argument is that key; with Only, all of them if a key is in Only.
type Stale struct {
	Function int
	Argument int // -1: none
	Each     bool
	Literal  string
	Only     []string
}

// Write says that a change's argument Value is now the fact Function for its argument Key.
type Write struct{ Function, Key, Value int }

// Function is one function of the PDK.
type Function struct {
	Number      int
	Name        string
	Kind        Kind
	Phases      uint16 // a bit for each phase in which it may be used
	Args        []Arg
	LookupIn    int
	Lookup      Rule
	Stales      []Stale
	Write       *Write
	Outcome     int
	Level       int
	Replans     bool
	Unavailable string // why its subject does not exist yet
	Internal    bool   // sent by the host, nothing a plugin calls by name
}

var (
	byNumber [Highest + 1]*Function
	byName   = make(map[string]*Function, len(functions))
)

func init() {
	for i := range functions {
		function := &functions[i]
		byNumber[function.Number] = function
		byName[function.Name] = function
	}
}

// ByNumber returns a function, nil if there is none of that number.
func ByNumber(number int) *Function {
	if number < 0 || number > Highest {
		return nil
	}
	return byNumber[number]
}

// ByName returns a function, nil if there is none of that name. Names are as in Lua: kong.request.get_header.
func ByName(name string) *Function { return byName[name] }

// All returns every function, by number.
func All() []Function { return functions }

// In reports whether the function may be used in a phase.
func (f *Function) In(phase int) bool {
	return phase > 0 && phase < 16 && f.Phases&(1<<phase) != 0
}

// FoldsNames reports whether the keys of its facts are names of headers.
func (f *Function) FoldsNames() bool { return f.Lookup == HeaderLookup }

// PhaseNames returns the names of the phases in which the function may be used.
func (f *Function) PhaseNames() string {
	var names []string
	for number, name := range Phases {
		if f.In(number) {
			names = append(names, name)
		}
	}
	return strings.Join(names, ", ")
}

// Phase returns the number of a phase, 0 if there is none of that name.
func Phase(name string) int {
	for number, known := range Phases {
		if known == name && name != "" {
			return number
		}
	}
	return 0
}
