package bridge

import (
	"bytes"

	"github.com/oarlock/oarlock/sdk_go/internal/msgpack"
	"github.com/oarlock/oarlock/sdk_go/internal/table"
)

// Value is the result of a PDK function as the wire has it. It is read anew by whoever asks, so every answer is a copy.
type Value struct {
	Raw   []byte
	Blobs map[msgpack.Blob][]byte // what the blobs in it stand for
}

// Any returns the value as nil, bool, int64, float64, string, []byte, []any or map[string]any.
func (v Value) Any() any {
	r := msgpack.NewReader(v.Raw)
	return r.Any(v.Blobs)
}

// text returns the bytes of a text; they are not a copy.
func (v Value) text() ([]byte, bool) {
	r := msgpack.NewReader(v.Raw)
	if text, ok := r.Text(); ok {
		return text, true
	}
	if stream, ok := r.Blob(); ok {
		data, ok := v.Blobs[stream]
		return data, ok
	}
	return nil, false
}

func (v Value) isNil() bool { return len(v.Raw) == 0 || v.Raw[0] == 0xc0 }

var nilValue = Value{Raw: []byte{0xc0}}

// parseHeaders returns the first limit lines of a block by name.
func parseHeaders(block []byte, limit int) map[string][]string {
	headers := make(map[string][]string)
	for len(block) > 0 && limit > 0 {
		var name, value []byte
		name, value, block = headerLine(block)
		headers[string(name)] = append(headers[string(name)], string(value))
		limit--
	}
	return headers
}

// headerLine returns the first name and value of a block, and what is behind them.
func headerLine(block []byte) (name, value, rest []byte) {
	name, rest, _ = bytes.Cut(block, []byte{'\n'})
	value, rest, _ = bytes.Cut(rest, []byte{'\n'})
	return name, value, rest
}

// findHeader returns the value of the first line of that name, which is in lower case.
func findHeader(block []byte, name string) ([]byte, bool) {
	for len(block) > 0 {
		var line, value []byte
		line, value, block = headerLine(block)
		if string(line) == name {
			return value, true
		}
	}
	return nil, false
}

// queryPairs calls take for each pair of a query; value is nil for an argument without `=`.
func queryPairs(raw []byte, take func(name, value []byte) bool) bool {
	r := msgpack.NewReader(raw)
	n, ok := r.Array()
	for i := 0; ok && i+1 < n; i += 2 {
		var name, value []byte
		if name, ok = r.Text(); !ok {
			break
		}
		if _, isFlag := r.Bool(); !isFlag {
			if value, ok = r.Text(); !ok {
				break
			}
		}
		if !take(name, value) {
			return true
		}
	}
	return ok
}

func lower(name string) string {
	for i := 0; i < len(name); i++ {
		if c := name[i]; 'A' <= c && c <= 'Z' {
			return lowered(name)
		}
	}
	return name
}

// lowered lower-cases ASCII letters alone: other bytes are of an unknown charset.
func lowered(name string) string {
	b := []byte(name)
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
	return string(b)
}

// fold returns what names of headers are compared by: lower case, `_` as `-`.
func fold(name string) string {
	b := []byte(lower(name))
	for i, c := range b {
		if c == '_' {
			b[i] = '-'
		}
	}
	return string(b)
}

func isText(t table.Type) bool { return t == table.Text || t == table.String }
