package bridge

import (
	"errors"
	"reflect"
	"testing"

	"github.com/oarlock/oarlock/sdk_go/internal/msgpack"
	"github.com/oarlock/oarlock/sdk_go/internal/table"
	"github.com/oarlock/oarlock/sdk_go/internal/vectors"
)

func arguments(values []vectors.Value) []any {
	args := make([]any, len(values))
	for i, value := range values {
		args[i] = value.Plain
		if text, ok := value.Plain.([]byte); ok {
			args[i] = string(text)
		}
		if whole, ok := value.Plain.(int64); ok {
			args[i] = int(whole)
		}
	}
	return args
}

func TestLookupsGiveTheSameAnswerEverywhere(t *testing.T) {
	var lookups []struct {
		Name, Function string
		Block, Result  vectors.Value
		Args           []vectors.Value
	}
	vectors.Load(t, "lookups.json", "lookups", &lookups)
	for _, vector := range lookups {
		t.Run(vector.Name, func(t *testing.T) {
			function := table.ByName(vector.Function)
			var key any = function.LookupIn
			if function.Lookup == table.PluginKeyLookup {
				key = []any{function.LookupIn, 7}
			}
			segments := msgpack.AppendPlain(nil, []any{[]any{key, vector.Block.Plain}})
			facts, ok := NewFacts(segments, false)
			if !ok {
				t.Fatal("no segments")
			}
			phase := 0
			for !function.In(phase) {
				phase++
			}
			step := NewStep(nil, facts, Options{Phase: phase, Instance: 7, Highest: table.Highest})
			args := arguments(vector.Args)
			var got any
			var err error
			if function.Lookup == table.HeadersLookup {
				var headers map[string][]string
				headers, err = step.Headers(function.Number, args...)
				got = asAny(headers)
			} else {
				got, err = step.Any(function.Number, args...)
			}
			if err != nil || !reflect.DeepEqual(strings_(got), strings_(vector.Result.Plain)) {
				t.Fatalf("%#v, %v", got, err)
			}
		})
	}
}

// asAny returns headers as other languages have them: a list only for a repeated name.
func asAny(headers map[string][]string) any {
	values := map[string]any{}
	for name, lines := range headers {
		if len(lines) == 1 {
			values[name] = lines[0]
			continue
		}
		var list []any
		for _, line := range lines {
			list = append(list, line)
		}
		values[name] = list
	}
	return values
}

// strings_ makes all bytes strings: in Go a text is one whatever its bytes.
func strings_(value any) any {
	switch v := value.(type) {
	case []byte:
		return string(v)
	case []any:
		for i := range v {
			v[i] = strings_(v[i])
		}
	case map[string]any:
		for key := range v {
			v[key] = strings_(v[key])
		}
	}
	return value
}

func TestArgumentsAreCheckedWhereThePluginCalls(t *testing.T) {
	var calls []struct {
		Name, Function, Error string
		Args                  []vectors.Value
		Wire                  *[]vectors.Value
		CheckedBy             string `json:"checked_by"`
	}
	vectors.Load(t, "pdk_calls.json", "calls", &calls)
	for _, vector := range calls {
		if vector.CheckedBy == "host" {
			continue
		}
		t.Run(vector.Name, func(t *testing.T) {
			function := table.ByName(vector.Function)
			var values []any
			for _, value := range vector.Args {
				values = append(values, value.Plain)
			}
			args, err := CheckArgs(function, values)
			var refused *Error
			if function.Unavailable != "" {
				refused = &Error{Code: "unsupported"}
			} else {
				errors.As(err, &refused)
			}
			switch {
			case vector.Error != "" && (refused == nil || refused.Code != vector.Error):
				t.Fatalf("%v instead of %s", err, vector.Error)
			case vector.Error != "":
				return
			case refused != nil:
				t.Fatal(refused)
			}
			r := msgpack.NewReader(args.Raw())
			got := []any{}
			for r.More() {
				got = append(got, r.Any(nil))
			}
			want := []any{}
			for _, value := range *vector.Wire {
				want = append(want, value.Plain)
			}
			if !reflect.DeepEqual(got, want) {
				t.Fatalf("%#v instead of %#v", got, want)
			}
		})
	}
}

func TestFunctionsAreForThePhasesOfTheTable(t *testing.T) {
	var phases []string
	var allowed map[string][]bool
	vectors.Load(t, "phases.json", "phases", &phases)
	vectors.Load(t, "phases.json", "allowed", &allowed)
	for name, row := range allowed {
		for i, phase := range phases {
			facts, _ := NewFacts(nil, false)
			step := NewStep(nil, facts, Options{Phase: table.Phase(phase), Highest: table.Highest})
			function := table.ByName(name)
			if function.Unavailable != "" {
				continue
			}
			_, err := step.begin(function.Number)
			if (err == nil) != row[i] {
				t.Errorf("%s in %s: %v", name, phase, err)
			}
			if err != nil && !errors.Is(err, &Error{Code: "wrong_phase"}) {
				t.Errorf("%s in %s: %v", name, phase, err)
			}
		}
	}
}
