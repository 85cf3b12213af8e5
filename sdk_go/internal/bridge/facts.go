package bridge

import (
	"slices"
	"strings"

	"github.com/oarlock/oarlock/sdk_go/internal/msgpack"
	"github.com/oarlock/oarlock/sdk_go/internal/table"
)

// Facts is what is known of a request without asking: the facts that came with the event, less what was changed since.
// Nobody but the handler of the running event changes its request, so a fact goes stale only by a change that passes
// through here, and what a call brought may be kept until such a change. Its methods need a lock around them.
type Facts struct {
	sent    []sentFact // in the order of the wire: the last of equal keys counts
	fresh   map[key]Value
	stale   map[staleKey]struct{}
	reads   map[key]struct{} // nil: nobody asks
	version int              // counts changes
	name    string           // the last one that folded was asked for: a change asks for its own several times
	folded  string
}

// key names a fact; args are its canonical arguments as they are on the wire.
type key struct {
	function int
	args     string
	instance int64 // of kong.ctx.plugin
}

// staleKey names facts that are stale: those of a function whose first argument is name, or with all, every one.
type staleKey struct {
	function int
	name     string
	all      bool
}

type sentFact struct {
	function int
	args     []byte
	value    []byte
}

// NewFacts reads the segments of an EVENT; the bytes must stay as they are. ok is false if they are not segments.
func NewFacts(segments []byte, reportReads bool) (facts *Facts, ok bool) {
	facts = &Facts{}
	if reportReads {
		facts.reads = map[key]struct{}{}
	}
	r := msgpack.NewReader(segments)
	for n, _ := r.Array(); n > 0; n-- {
		size, ok := r.Array()
		if !ok || size%2 != 0 {
			return nil, false
		}
		if facts.sent == nil {
			facts.sent = make([]sentFact, 0, size/2+4)
		}
		for ; size > 0; size -= 2 {
			fact, isKey := readFact(&r)
			fact.value = r.Raw()
			if isKey {
				facts.sent = append(facts.sent, fact)
			}
		}
	}
	return facts, true
}

// readFact reads a key: a function's number, or an array of it and its arguments.
func readFact(r *msgpack.Reader) (fact sentFact, ok bool) {
	if number, ok := r.Int(); ok {
		return sentFact{function: int(number)}, true
	}
	inner := msgpack.NewReader(r.Raw())
	n, ok := inner.Array()
	if !ok || n == 0 {
		return sentFact{}, false
	}
	number, ok := inner.Int()
	for n--; n > 0; n-- {
		value := inner.Any(nil)
		if bin, isBin := value.([]byte); isBin {
			value = string(bin)
		}
		fact.args = msgpack.AppendPlain(fact.args, value) // in shortest form, whatever the wire had
	}
	fact.function = int(number)
	return fact, ok
}

// Get returns the value of a PDK function; ok is false if the gateway has to be asked.
func (f *Facts) Get(function *table.Function, args []any, instance int64) (value Value, ok bool) {
	wanted, ok := keyOf(function, args, instance)
	if !ok {
		return Value{}, false
	}
	if f.reads != nil && function.Lookup != table.PluginKeyLookup {
		f.reads[wanted] = struct{}{}
	}
	if value, ok := f.fresh[wanted]; ok {
		return value, true
	}
	if len(f.stale) > 0 && f.isStale(function, wanted, args) {
		return Value{}, false
	}
	if function.Lookup == table.HeadersLookup {
		return f.find(function.LookupIn, "")
	}
	if function.Lookup != table.PluginKeyLookup {
		if value, ok := f.find(wanted.function, wanted.args); ok {
			return value, true
		}
	}
	if function.Lookup == table.NoLookup {
		return Value{}, false
	}
	name, _ := textOf(args[0])
	return f.lookUp(function, name, instance)
}

func (f *Facts) find(function int, args string) (Value, bool) {
	for i := len(f.sent) - 1; i >= 0; i-- {
		if fact := &f.sent[i]; fact.function == function && string(fact.args) == args {
			return Value{Raw: fact.value}, true
		}
	}
	return Value{}, false
}

func (f *Facts) lookUp(function *table.Function, name string, instance int64) (Value, bool) {
	var inside string
	if function.Lookup == table.PluginKeyLookup {
		inside = string(msgpack.AppendInt(nil, instance))
	}
	block, ok := f.find(function.LookupIn, inside)
	if !ok {
		return Value{}, false
	}
	switch function.Lookup {
	case table.HeaderLookup:
		text, ok := block.text()
		if !ok {
			return Value{}, false
		}
		name = lower(name)
		value, found := findHeader(text, name)
		if !found && strings.Contains(name, "_") {
			value, found = findHeader(text, strings.ReplaceAll(name, "_", "-"))
		}
		if !found {
			return nilValue, true
		}
		return Value{Raw: msgpack.AppendText(nil, value)}, true
	case table.QueryArgLookup:
		found := nilValue
		ok := queryPairs(block.Raw, func(other, value []byte) bool {
			if string(other) != name {
				return true
			}
			found = Value{Raw: queryValue(value)}
			return false
		})
		return found, ok
	}
	return member(block.Raw, name)
}

func queryValue(value []byte) []byte {
	if value == nil {
		return msgpack.AppendBool(nil, true)
	}
	return msgpack.AppendText(nil, value)
}

// member returns the value under a key of a map; of equal keys the last counts.
func member(raw []byte, name string) (Value, bool) {
	r := msgpack.NewReader(raw)
	n, ok := r.Map()
	found := nilValue
	for ; n > 0; n-- {
		other, _ := r.Str()
		value := r.Raw()
		if string(other) == name {
			found = Value{Raw: value}
		}
	}
	return found, ok
}

// Change notes what a change, or a call that changes something, does to the facts.
func (f *Facts) Change(function *table.Function, args Args, instance int64) {
	f.version++
	for i := range function.Stales {
		f.makeStale(&function.Stales[i], args)
	}
	if write := function.Write; write != nil {
		name := msgpack.NewReader(args.At(write.Key))
		text, ok := name.Text()
		if wanted, isKey := keyOf(table.ByNumber(write.Function), []any{string(text)}, instance); ok && isKey {
			f.keep(wanted, Value{Raw: slices.Clone(args.At(write.Value))})
		}
	}
}

func (f *Facts) makeStale(stale *table.Stale, args Args) {
	switch {
	case stale.Literal != "":
		f.makeNameStale(stale, []byte(stale.Literal))
	case stale.Argument < 0:
		f.forget(stale.Function, "", true)
	case stale.Each:
		r := msgpack.NewReader(args.At(stale.Argument))
		for n, _ := r.Array(); n > 0; n -= 2 {
			name, _ := r.Text()
			r.Raw()
			f.makeNameStale(stale, name)
		}
	default:
		r := msgpack.NewReader(args.At(stale.Argument))
		if name, ok := r.Text(); ok {
			f.makeNameStale(stale, name)
		}
	}
}

func (f *Facts) makeNameStale(stale *table.Stale, bytes []byte) {
	if string(bytes) != f.name {
		f.name = string(bytes)
		f.folded = fold(f.name)
	}
	switch {
	case stale.Only == nil && table.ByNumber(stale.Function).FoldsNames():
		f.forget(stale.Function, f.folded, false)
	case stale.Only == nil:
		f.forget(stale.Function, f.name, false)
	case slices.Contains(stale.Only, f.folded):
		f.forget(stale.Function, "", true)
	}
}

func (f *Facts) forget(function int, name string, all bool) {
	if f.stale == nil {
		f.stale = map[staleKey]struct{}{}
	}
	f.stale[staleKey{function, name, all}] = struct{}{}
	folds := table.ByNumber(function).FoldsNames()
	for fact := range f.fresh {
		if fact.function == function && (all || firstName(fact.args, folds) == name) {
			delete(f.fresh, fact)
		}
	}
}

func firstName(args string, folds bool) string {
	r := msgpack.NewReader([]byte(args))
	name, _ := r.Text()
	if folds {
		return fold(string(name))
	}
	return string(name)
}

func (f *Facts) isStale(function *table.Function, wanted key, args []any) bool {
	if _, ok := f.stale[staleKey{wanted.function, "", true}]; ok {
		return true
	}
	if len(args) == 0 {
		return false
	}
	name, ok := textOf(args[0])
	if function.FoldsNames() {
		name = fold(name)
	}
	_, isStale := f.stale[staleKey{wanted.function, name, false}]
	return ok && isStale
}

// Version counts changes; what a call brought is kept only if it is the same as when the call began.
func (f *Facts) Version() int { return f.version }

// Remember keeps what a call brought, until a change makes it stale.
func (f *Facts) Remember(function *table.Function, args []any, instance int64, value Value) {
	if wanted, ok := keyOf(function, args, instance); ok {
		f.keep(wanted, value)
	}
}

func (f *Facts) keep(wanted key, value Value) {
	if f.fresh == nil {
		f.fresh = map[key]Value{}
	}
	f.fresh[wanted] = value
}

// TakeReads returns the keys asked for since the last time, as DONE has them, and their number; nil if nobody asks.
func (f *Facts) TakeReads() (keys []byte, n int) {
	if f.reads == nil {
		return nil, 0
	}
	keys = []byte{}
	for read := range f.reads {
		if read.args == "" {
			keys = msgpack.AppendInt(keys, int64(read.function))
			continue
		}
		keys = msgpack.AppendArray(keys, 1+countValues(read.args))
		keys = append(msgpack.AppendInt(keys, int64(read.function)), read.args...)
	}
	n = len(f.reads)
	clear(f.reads)
	return keys, n
}

func countValues(raw string) int {
	r := msgpack.NewReader([]byte(raw))
	n := 0
	for ; r.More(); n++ {
		r.Raw()
	}
	return n
}

// keyOf returns the key of a fact; ok is false if the arguments are not what the table says: the gateway has the error.
func keyOf(function *table.Function, args []any, instance int64) (wanted key, ok bool) {
	wanted.function = function.Number
	if function.Lookup == table.PluginKeyLookup {
		wanted.instance = instance
	}
	if len(args) > len(function.Args) {
		return key{}, false
	}
	n := len(args)
	for n > 0 && (args[n-1] == nil || args[n-1] == function.Args[n-1].Default) {
		n--
	}
	if n < len(function.Args) && !function.Args[n].Optional {
		return key{}, false
	}
	var buffer [64]byte
	raw := buffer[:0]
	for i, value := range args[:n] {
		if raw, ok = appendKeyPart(raw, function, &function.Args[i], value); !ok {
			return key{}, false
		}
	}
	if n > 0 {
		wanted.args = string(raw)
	}
	return wanted, true
}

func appendKeyPart(b []byte, function *table.Function, arg *table.Arg, value any) ([]byte, bool) {
	switch v := value.(type) {
	case nil:
		return msgpack.AppendNil(b), true
	case string:
		if function.FoldsNames() {
			v = lower(v)
		}
		return msgpack.AppendText(b, v), isText(arg.Type)
	case int:
		inRange := (!arg.HasMin || int64(v) >= arg.Min) && (!arg.HasMax || int64(v) <= arg.Max)
		return msgpack.AppendInt(b, int64(v)), arg.Type == table.Integer && inRange
	case bool:
		return msgpack.AppendBool(b, v), arg.Type == table.Boolean
	}
	return b, false
}
