package bridge

import (
	"github.com/oarlock/oarlock/sdk_go/internal/msgpack"
	"github.com/oarlock/oarlock/sdk_go/internal/table"
)

func wrongResult(number int, value Value) error {
	return errorf("internal", "%s: the gateway returned a %T", table.ByNumber(number).Name, value.Any())
}

// LookupText returns a text; found is false for nil.
func (s *Step) LookupText(number int, args ...any) (text string, found bool, err error) {
	value, err := s.Ask(number, args...)
	if err != nil || value.isNil() {
		return "", false, err
	}
	if b, ok := value.text(); ok {
		return string(b), true, nil
	}
	r := msgpack.NewReader(value.Raw)
	if on, isBool := r.Bool(); isBool && on {
		return "", true, nil // an argument of a query without `=`
	}
	return "", false, wrongResult(number, value)
}

// Text returns a text, empty for nil.
func (s *Step) Text(number int, args ...any) (string, error) {
	text, _, err := s.LookupText(number, args...)
	return text, err
}

// LookupInt returns an integer; found is false for nil.
func (s *Step) LookupInt(number int, args ...any) (n int, found bool, err error) {
	value, err := s.Ask(number, args...)
	if err != nil || value.isNil() {
		return 0, false, err
	}
	r := msgpack.NewReader(value.Raw)
	whole, ok := r.Whole()
	if !ok {
		return 0, false, wrongResult(number, value)
	}
	return int(whole), true, nil
}

// Int returns an integer, 0 for nil.
func (s *Step) Int(number int, args ...any) (int, error) {
	n, _, err := s.LookupInt(number, args...)
	return n, err
}

// LookupFloat returns a number; found is false for nil.
func (s *Step) LookupFloat(number int, args ...any) (n float64, found bool, err error) {
	value, err := s.Ask(number, args...)
	if err != nil || value.isNil() {
		return 0, false, err
	}
	r := msgpack.NewReader(value.Raw)
	n, ok := r.Number()
	if !ok {
		return 0, false, wrongResult(number, value)
	}
	return n, true, nil
}

// Float returns a number, 0 for nil.
func (s *Step) Float(number int, args ...any) (float64, error) {
	n, _, err := s.LookupFloat(number, args...)
	return n, err
}

// Bool returns a boolean.
func (s *Step) Bool(number int, args ...any) (bool, error) {
	value, err := s.Ask(number, args...)
	if err != nil {
		return false, err
	}
	r := msgpack.NewReader(value.Raw)
	on, ok := r.Bool()
	if !ok {
		return false, wrongResult(number, value)
	}
	return on, nil
}

// Any returns a value of any type; a text that is not UTF-8 is a string all the same.
func (s *Step) Any(number int, args ...any) (any, error) {
	value, err := s.Ask(number, args...)
	if err != nil {
		return nil, err
	}
	return value.Any(), nil
}

// Map returns a map, nil for nil.
func (s *Step) Map(number int, args ...any) (map[string]any, error) {
	value, err := s.Ask(number, args...)
	if err != nil || value.isNil() {
		return nil, err
	}
	values, ok := value.Any().(map[string]any)
	if !ok {
		return nil, wrongResult(number, value)
	}
	return values, nil
}

// Array returns a list, nil for nil.
func (s *Step) Array(number int, args ...any) ([]any, error) {
	value, err := s.Ask(number, args...)
	if err != nil || value.isNil() {
		return nil, err
	}
	values, ok := value.Any().([]any)
	if !ok {
		return nil, wrongResult(number, value)
	}
	return values, nil
}

// Bytes returns a body.
func (s *Step) Bytes(number int, args ...any) ([]byte, error) {
	value, err := s.Ask(number, args...)
	if err != nil || value.isNil() {
		return nil, err
	}
	body, ok := value.text()
	if !ok {
		return nil, wrongResult(number, value)
	}
	return append([]byte{}, body...), nil
}

// Headers returns headers by lower-case name, at most as many lines as the argument says.
func (s *Step) Headers(number int, args ...any) (map[string][]string, error) {
	value, err := s.Ask(number, args...)
	if err != nil {
		return nil, err
	}
	limit := table.DefaultMaxHeaders
	if len(args) > 0 && args[0] != nil {
		limit, _ = args[0].(int)
	}
	block, ok := value.text()
	if !ok && !value.isNil() {
		return nil, wrongResult(number, value)
	}
	return parseHeaders(block, limit), nil
}

// Query returns arguments by name; one without `=` has an empty value.
func (s *Step) Query(number int, args ...any) (map[string][]string, error) {
	value, err := s.Ask(number, args...)
	if err != nil {
		return nil, err
	}
	query := map[string][]string{}
	ok := queryPairs(value.Raw, func(name, value []byte) bool {
		query[string(name)] = append(query[string(name)], string(value))
		return true
	})
	if !ok && !value.isNil() {
		return nil, wrongResult(number, value)
	}
	return query, nil
}

// QueryAny returns arguments by name: a string, true for one without `=`, a []any of them for a repeated name.
func (s *Step) QueryAny(number int, args ...any) (map[string]any, error) {
	value, err := s.Ask(number, args...)
	if err != nil {
		return nil, err
	}
	query := map[string]any{}
	ok := queryPairs(value.Raw, func(name, text []byte) bool {
		var value any = true
		if text != nil {
			value = string(text)
		}
		switch before := query[string(name)].(type) {
		case nil:
			query[string(name)] = value
		case []any:
			query[string(name)] = append(before, value)
		default:
			query[string(name)] = []any{before, value}
		}
		return true
	})
	if !ok && !value.isNil() {
		return nil, wrongResult(number, value)
	}
	return query, nil
}

// String makes the result of [Step.Any] a string.
func String(value any, err error) (string, error) {
	switch v := value.(type) {
	case string:
		return v, err
	case []byte:
		return string(v), err
	}
	return "", wrongType("string", value, err)
}

// Float makes the result of [Step.Any] a float64.
func Float(value any, err error) (float64, error) {
	switch v := value.(type) {
	case float64:
		return v, err
	case int64:
		return float64(v), err
	}
	return 0, wrongType("number", value, err)
}

// Int makes the result of [Step.Any] an int.
func Int(value any, err error) (int, error) {
	if whole, ok := wholeOf(value); ok && value != nil {
		return int(whole), err
	}
	return 0, wrongType("whole number", value, err)
}

// Bool makes the result of [Step.Any] a bool.
func Bool(value any, err error) (bool, error) {
	if on, ok := value.(bool); ok {
		return on, err
	}
	return false, wrongType("boolean", value, err)
}

func wrongType(wanted string, value any, err error) error {
	if err != nil {
		return err
	}
	return errorf("bad_type", "the value is a %T, not a %s", value, wanted)
}
