package plugin

import (
	"encoding/json"
	"testing"

	pdk "github.com/oarlock/oarlock/sdk_go"
)

type store struct {
	Host string `json:"host" validate:"required"`
	Port uint16 `json:"port"`
}

type Shared struct {
	Verbose bool `json:"verbose"`
}

type config struct {
	Shared
	Store    store              `json:"store"`
	Per      string             `json:"per,omitempty" validate:"oneof=second minute"`
	Count    int                `json:"count" validate:"min=1,max=10000"`
	Share    float64            `json:"share" validate:"gt=0,lte=1"`
	Paths    []string           `json:"paths" validate:"min=1,dive,min=1,max=100"`
	Header   *string            `json:"header" match:"^[a-z-]+$" doc:"which one"`
	Weights  map[string]float64 `json:"weights"`
	Key      string             `json:"key" secret:"true" validate:"len=32"`
	Small    int8               `validate:"gte=0"`
	Extra    any                `json:"extra"`
	Nested   []store            `json:"nested"`
	Callback func()
	Hidden   string `json:"-"`
	private  string
}

func newConfig() *config {
	return &config{
		Store:   store{Port: 6379},
		Per:     "minute",
		Count:   60,
		Paths:   []string{"/"},
		Weights: map[string]float64{"a": 1, "b": 0.5},
		private: "kept",
	}
}

const wanted = `[
	{"verbose": {"type": "boolean"}},
	{"store": {"type": "record", "required": true, "fields": [
		{"host": {"type": "string", "required": true}},
		{"port": {"type": "integer", "between": [0, 65535], "default": 6379}}]}},
	{"per": {"type": "string", "one_of": ["second", "minute"], "default": "minute"}},
	{"count": {"type": "integer", "between": [1, 10000], "default": 60}},
	{"share": {"type": "number", "gt": 0, "between": [-1.7976931348623157e+308, 1]}},
	{"paths": {"type": "array", "len_min": 1, "default": ["/"], "elements": {"type": "string", "len_min": 1, "len_max": 100}}},
	{"header": {"type": "string", "match": "^[a-z-]+$", "description": "which one"}},
	{"weights": {"type": "map", "keys": {"type": "string"}, "values": {"type": "number"}, "default": {"a": 1, "b": 0.5}}},
	{"key": {"type": "string", "len_eq": 32, "encrypted": true, "referenceable": true}},
	{"small": {"type": "integer", "between": [0, 127]}},
	{"extra": {"type": "any"}},
	{"nested": {"type": "array", "elements": {"type": "record", "fields": [
		{"host": {"type": "string", "required": true}}, {"port": {"type": "integer", "between": [0, 65535]}}]}}}
]`

func TestFieldsAndTagsBecomeTheSchema(t *testing.T) {
	schema, err := Schema(newConfig())
	if err != nil {
		t.Fatal(err)
	}
	got, _ := json.Marshal(schema)
	var want any
	if err := json.Unmarshal([]byte(wanted), &want); err != nil {
		t.Fatal(err)
	}
	if again, _ := json.Marshal(want); string(again) != string(got) {
		t.Fatalf("\n%s instead of\n%s", got, again)
	}
}

func TestWhatCanNotBeAConfigurationIsRefused(t *testing.T) {
	for name, value := range map[string]any{
		"no pointer": store{},
		"no struct":  new(int),
		"nothing":    nil,
		"unknown rule": &struct {
			A string `validate:"email"`
		}{},
		"no number": &struct {
			A int `validate:"min=x"`
		}{},
		"half a length": &struct {
			A string `validate:"min=1.5"`
		}{},
		"a map of ints": &struct{ A map[int]string }{},
		"dive in a text": &struct {
			A string `validate:"dive,min=1"`
		}{},
		"choice of bool": &struct {
			A bool `validate:"oneof=true"`
		}{},
	} {
		if schema, err := Schema(value); err == nil {
			t.Errorf("%s: %v", name, schema)
		}
	}
}

func TestAConfigurationIsFilledAndDefaultsStay(t *testing.T) {
	c := newConfig()
	err := Configure(c, map[string]any{
		"store": map[string]any{"host": "h"}, "weights": map[string]any{"c": int64(2)}, "paths": []any{"/x"},
		"header": "a", "count": 5.0, "verbose": true, "key": nil,
	})
	if err != nil {
		t.Fatal(err)
	}
	if c.Store.Host != "h" || c.Store.Port != 6379 || len(c.Weights) != 1 || c.Weights["c"] != 2 || c.Paths[0] != "/x" ||
		*c.Header != "a" || c.Count != 5 || !c.Verbose || c.Per != "minute" || c.private != "kept" {
		t.Fatalf("%+v", c)
	}
	if err := Configure(c, map[string]any{"count": "x"}); err == nil {
		t.Fatal("a text was taken for a number")
	}
}

type both struct{}

func (both) Access(*pdk.PDK)     {}
func (*both) Log(*pdk.PDK) error { return nil }

type wrong struct{}

func (wrong) Access(*pdk.PDK, int) {}

func TestHandlersAreMethodsNamedForPhases(t *testing.T) {
	handlers, err := Handlers(&both{})
	if err != nil || len(handlers) != 2 || handlers[3] == nil || handlers[5] == nil {
		t.Fatal(handlers, err)
	}
	for _, none := range []any{&wrong{}, &store{}} {
		if _, err := Handlers(none); err == nil {
			t.Errorf("%T", none)
		}
	}
}
