package bridge

import (
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"

	"github.com/oarlock/oarlock/sdk_go/internal/msgpack"
	"github.com/oarlock/oarlock/sdk_go/internal/table"
)

// Args are the arguments of a function as they go on the wire, without trailing ones that were left out.
type Args struct {
	raw  []byte
	ends []int // where each of them ends in raw
}

// Len returns how many there are.
func (a Args) Len() int { return len(a.ends) }

// Raw returns them one behind the other.
func (a Args) Raw() []byte { return a.raw }

// At returns one of them; nil as it is on the wire if it was left out.
func (a Args) At(i int) []byte {
	if i >= len(a.ends) {
		return []byte{0xc0}
	}
	start := 0
	if i > 0 {
		start = a.ends[i-1]
	}
	return a.raw[start:a.ends[i]]
}

// CheckArgs checks arguments against the table and returns them as they go on the wire. The gateway checks everything
// again; what is refused here is refused where the plugin made the mistake. An error is an [*Error] with bad_args.
func CheckArgs(f *table.Function, args []any) (Args, error) {
	if len(args) > len(f.Args) {
		return Args{}, errorf("bad_args", "%s takes %d arguments, not %d", f.Name, len(f.Args), len(args))
	}
	checked := Args{ends: make([]int, 0, len(f.Args))}
	last := 0 // how many to send
	for i := range f.Args {
		arg := &f.Args[i]
		var value any
		if i < len(args) {
			value = args[i]
		}
		if isNil(value) {
			if !arg.Optional && arg.Type != table.Any {
				return Args{}, errorf("bad_args", "%s: %s: %s is needed, not nil", f.Name, arg.Name, expected[arg.Type])
			}
			checked.raw = msgpack.AppendNil(checked.raw)
		} else {
			start := len(checked.raw)
			raw, err := appendArg(checked.raw, f, arg, value)
			if err != nil {
				return Args{}, errorf("bad_args", "%s: %s: %s", f.Name, arg.Name, err)
			}
			checked.raw = raw
			if !isDefault(arg, raw[start:]) {
				last = i + 1
			}
		}
		checked.ends = append(checked.ends, len(checked.raw))
	}
	checked.ends = checked.ends[:last]
	if last == 0 {
		checked.raw = nil
	} else {
		checked.raw = checked.raw[:checked.ends[last-1]]
	}
	return checked, nil
}

// isNil also knows maps and slices without a value. An empty text is one, and so are no bytes where bytes are given.
func isNil(value any) bool {
	switch v := value.(type) {
	case nil:
		return true
	case string, bool, int, []byte:
		return false
	case map[string]any:
		return v == nil
	case map[string][]string:
		return v == nil
	case []any:
		return v == nil
	}
	switch v := reflect.ValueOf(value); v.Kind() {
	case reflect.Map, reflect.Pointer, reflect.Slice:
		return v.IsNil()
	}
	return false
}

func isDefault(arg *table.Arg, raw []byte) bool {
	if arg.Default == nil {
		return false
	}
	return string(raw) == string(msgpack.AppendPlain(nil, arg.Default))
}

var expected = [...]string{
	table.String:      "text",
	table.Text:        "text",
	table.Integer:     "a whole number",
	table.Number:      "a number",
	table.Boolean:     "true or false",
	table.Any:         "a value",
	table.Map:         "a map",
	table.Headers:     "a map of header names and values",
	table.HeaderValue: "text, a number, a bool or a slice of texts",
	table.Array:       "a slice",
	table.Body:        "bytes or text",
	table.Content:     "text, bytes, a map or a slice",
}

func refuse(t table.Type, value any) error {
	return fmt.Errorf("%s is expected, not %T (%.60v)", expected[t], value, value)
}

func appendArg(b []byte, f *table.Function, arg *table.Arg, value any) ([]byte, error) {
	switch arg.Type {
	case table.String, table.Text:
		text, ok := textOf(value)
		if !ok {
			return nil, refuse(arg.Type, value)
		}
		return msgpack.AppendText(b, text), checkText(arg, text)
	case table.Integer:
		whole, ok := wholeOf(value)
		if !ok {
			return nil, refuse(arg.Type, value)
		}
		return msgpack.AppendInt(b, whole), checkRange(arg, float64(whole))
	case table.Number:
		number, ok := numberOf(value)
		if !ok {
			return nil, refuse(arg.Type, value)
		}
		if err := checkRange(arg, number); err != nil {
			return nil, err
		}
		return AppendValue(b, value)
	case table.Boolean:
		on, ok := value.(bool)
		if !ok {
			return nil, refuse(arg.Type, value)
		}
		return msgpack.AppendBool(b, on), nil
	case table.Map, table.Array:
		return appendContainer(b, arg.Type, value)
	case table.HeaderValue:
		return appendHeaderValue(b, value)
	case table.Headers:
		return appendHeaders(b, value)
	case table.Body:
		text, ok := textOf(value)
		if !ok {
			return nil, refuse(arg.Type, value)
		}
		return msgpack.AppendBin(b, text), nil
	case table.Content:
		return appendContent(b, f, value)
	}
	return AppendValue(b, value)
}

func checkText(arg *table.Arg, text string) error {
	if arg.OneOf != nil && !slices.Contains(arg.OneOf, text) {
		return fmt.Errorf("one of %s is expected, not %.60q", strings.Join(arg.OneOf, ", "), text)
	}
	if !strings.HasPrefix(text, arg.Prefix) {
		return fmt.Errorf("it must start with %q, and is %.60q", arg.Prefix, text)
	}
	return nil
}

func checkRange(arg *table.Arg, number float64) error {
	if arg.HasMin && number < float64(arg.Min) {
		return fmt.Errorf("at least %d is expected, not %v", arg.Min, number)
	}
	if arg.HasMax && number > float64(arg.Max) {
		return fmt.Errorf("at most %d is expected, not %v", arg.Max, number)
	}
	return nil
}

// appendContent appends a body or a message. The body of an exit is bytes on the wire, a message stays text.
func appendContent(b []byte, f *table.Function, value any) ([]byte, error) {
	switch v := value.(type) {
	case []byte:
		return msgpack.AppendBin(b, v), nil
	case string:
		if f.Outcome == table.OutcomeExit {
			return msgpack.AppendBin(b, v), nil
		}
		return msgpack.AppendText(b, v), nil
	}
	switch v := reflect.Indirect(reflect.ValueOf(value)); v.Kind() {
	case reflect.Map, reflect.Slice, reflect.Array:
		return AppendValue(b, value)
	case reflect.String:
		return appendContent(b, f, v.String())
	}
	return nil, refuse(table.Content, value)
}

func appendContainer(b []byte, t table.Type, value any) ([]byte, error) {
	v := reflect.Indirect(reflect.ValueOf(value))
	isMap := v.Kind() == reflect.Map
	isArray := (v.Kind() == reflect.Slice || v.Kind() == reflect.Array) && v.Type().Elem().Kind() != reflect.Uint8
	if t == table.Map && !isMap || t == table.Array && !isArray {
		return nil, refuse(t, value)
	}
	return AppendValue(b, value)
}

func appendHeaders(b []byte, value any) ([]byte, error) {
	switch v := value.(type) {
	case map[string][]string:
		return appendHeaderMap(b, v)
	case map[string]any:
		return appendHeaderMap(b, v)
	case map[string]string:
		return appendHeaderMap(b, v)
	}
	if v := reflect.ValueOf(value); v.Kind() == reflect.Map && v.Type().Key().Kind() == reflect.String {
		return appendHeaderMap(b, asMap(v))
	}
	return nil, refuse(table.Headers, value)
}

func appendHeaderMap[T any](b []byte, headers map[string]T) ([]byte, error) {
	b = msgpack.AppendArray(b, 2*len(headers))
	var err error
	for _, name := range sortedKeys(headers) {
		if b, err = appendHeaderValue(msgpack.AppendText(b, name), headers[name]); err != nil {
			return nil, err
		}
	}
	return b, nil
}

func appendHeaderValue(b []byte, value any) ([]byte, error) {
	switch v := value.(type) {
	case []string:
		if len(v) == 1 {
			return msgpack.AppendText(b, v[0]), nil
		}
		b = msgpack.AppendArray(b, len(v))
		for _, item := range v {
			b = msgpack.AppendText(b, item)
		}
		return b, nil
	case []any:
		b = msgpack.AppendArray(b, len(v))
		for _, item := range v {
			text, ok := textOf(item)
			if !ok {
				return nil, refuse(table.Text, item)
			}
			b = msgpack.AppendText(b, text)
		}
		return b, nil
	}
	if text, ok := textOf(value); ok {
		return msgpack.AppendText(b, text), nil
	}
	if _, ok := numberOf(value); !ok {
		if v := reflect.ValueOf(value); v.Kind() != reflect.Bool {
			return nil, refuse(table.HeaderValue, value)
		}
	}
	return AppendValue(b, value)
}

func textOf(value any) (string, bool) {
	switch v := value.(type) {
	case string:
		return v, true
	case []byte:
		return string(v), true
	}
	if v := reflect.ValueOf(value); v.Kind() == reflect.String {
		return v.String(), true
	}
	return "", false
}

func wholeOf(value any) (int64, bool) {
	switch v := value.(type) {
	case int:
		return int64(v), true
	case int64:
		return v, true
	}
	switch v := reflect.ValueOf(value); v.Kind() {
	case reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int, reflect.Int64:
		return v.Int(), true
	case reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint, reflect.Uint64:
		return int64(v.Uint()), v.Uint() <= math.MaxInt64
	case reflect.Float32, reflect.Float64:
		f := v.Float()
		return int64(f), f == math.Trunc(f) && math.Abs(f) < 1<<63
	}
	return 0, false
}

func numberOf(value any) (float64, bool) {
	if v := reflect.ValueOf(value); v.CanFloat() {
		return v.Float(), !math.IsNaN(v.Float()) && !math.IsInf(v.Float(), 0)
	}
	whole, ok := wholeOf(value)
	return float64(whole), ok
}

// First returns the one value of an argument that may be left out, or nil.
func First[T any](values []T) any {
	if len(values) == 0 {
		return nil
	}
	return values[0]
}

// Pointed returns what p points to, or nil.
func Pointed[T any](p *T) any {
	if p == nil {
		return nil
	}
	return *p
}

// OptionalInt returns nil for -1, which means "not given".
func OptionalInt(v int) any {
	if v == -1 {
		return nil
	}
	return v
}

// OptionalText returns nil for "", which means "not given".
func OptionalText(v string) any {
	if v == "" {
		return nil
	}
	return v
}

// With returns the same arguments with large values replaced by what stands for them.
func (a Args) With(raw []byte) Args { return Args{raw: raw, ends: a.ends} }
