// Package vectors reads proto/vectors for the tests of this module.
package vectors

import (
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/oarlock/oarlock/sdk_go/internal/msgpack"
)

// Load reads one key of one file into value.
func Load(t testing.TB, name, key string, value any) {
	t.Helper()
	_, here, _, _ := runtime.Caller(0)
	path := filepath.Join(filepath.Dir(here), "..", "..", "..", "proto", "vectors", name)
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var file map[string]json.RawMessage
	if err := json.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(file[key], value); err != nil {
		t.Fatal(err)
	}
}

// Value is a value of the wire, written in JSON.
type Value struct{ Plain any }

// UnmarshalJSON reads what JSON has no word for: {"$bin": …} and kin.
func (v *Value) UnmarshalJSON(text []byte) error {
	decoder := json.NewDecoder(strings.NewReader(string(text)))
	decoder.UseNumber()
	var raw any
	if err := decoder.Decode(&raw); err != nil {
		return err
	}
	v.Plain = plain(raw)
	return nil
}

func plain(raw any) any {
	switch v := raw.(type) {
	case json.Number:
		if whole, err := v.Int64(); err == nil {
			return whole
		}
		float, _ := v.Float64()
		return float
	case []any:
		for i := range v {
			v[i] = plain(v[i])
		}
	case map[string]any:
		if len(v) == 1 {
			for key, inner := range v {
				if special, ok := special(key, inner); ok {
					return special
				}
			}
		}
		for key := range v {
			v[key] = plain(v[key])
		}
	}
	return raw
}

func special(key string, inner any) (any, bool) {
	number, _ := inner.(json.Number)
	switch key {
	case "$bin":
		data, err := hex.DecodeString(inner.(string))
		return data, err == nil
	case "$int":
		whole, err := strconv.ParseInt(inner.(string), 10, 64)
		return whole, err == nil
	case "$float":
		float, err := number.Float64()
		return float, err == nil
	case "$blob":
		stream, err := number.Int64()
		return msgpack.Blob(stream), err == nil
	}
	return nil, false
}

// Bytes decodes hexadecimal digits.
func Bytes(t testing.TB, digits string) []byte {
	t.Helper()
	data, err := hex.DecodeString(digits)
	if err != nil {
		t.Fatal(err)
	}
	return data
}
