package bridge

import (
	"fmt"
	"math"
	"reflect"
	"sort"

	"github.com/oarlock/oarlock/sdk_go/internal/msgpack"
)

// depth of a value in its message: message, list of changes, change.
const firstDepth = 3

// AppendValue appends any value that the wire has a counterpart for. It is a copy: what the plugin does to the value
// afterwards changes nothing.
func AppendValue(b []byte, v any) ([]byte, error) { return appendValue(b, v, firstDepth) }

func appendValue(b []byte, v any, depth int) ([]byte, error) {
	switch v := v.(type) {
	case nil:
		return msgpack.AppendNil(b), nil
	case string:
		return msgpack.AppendText(b, v), nil
	case bool:
		return msgpack.AppendBool(b, v), nil
	case int:
		return msgpack.AppendInt(b, int64(v)), nil
	case int64:
		return msgpack.AppendInt(b, v), nil
	case float64:
		return appendFloat(b, v)
	case []byte:
		if v == nil {
			return msgpack.AppendNil(b), nil
		}
		return msgpack.AppendBin(b, v), nil
	case []any:
		return appendSlice(b, v, depth)
	case []string:
		return appendSlice(b, v, depth)
	case map[string]any:
		return appendMap(b, v, depth)
	case map[string]string:
		return appendMap(b, v, depth)
	case map[string][]string:
		return appendMap(b, v, depth)
	case error:
		return nil, fmt.Errorf("an error can't be sent; give its text")
	}
	return appendOther(b, reflect.ValueOf(v), depth)
}

func appendFloat(b []byte, v float64) ([]byte, error) {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return nil, fmt.Errorf("%v is not a number that JSON and MessagePack peers share", v)
	}
	return msgpack.AppendFloat(b, v), nil
}

func appendSlice[T any](b []byte, v []T, depth int) ([]byte, error) {
	if v == nil {
		return msgpack.AppendNil(b), nil
	}
	if depth >= msgpack.MaxDepth {
		return nil, fmt.Errorf("nested more than %d deep", msgpack.MaxDepth)
	}
	b = msgpack.AppendArray(b, len(v))
	var err error
	for _, item := range v {
		if b, err = appendValue(b, item, depth+1); err != nil {
			return nil, err
		}
	}
	return b, nil
}

func appendMap[T any](b []byte, v map[string]T, depth int) ([]byte, error) {
	if v == nil {
		return msgpack.AppendNil(b), nil
	}
	if depth >= msgpack.MaxDepth {
		return nil, fmt.Errorf("nested more than %d deep", msgpack.MaxDepth)
	}
	b = msgpack.AppendMap(b, len(v))
	var err error
	for _, key := range sortedKeys(v) {
		if b, err = appendKey(b, key); err != nil {
			return nil, err
		}
		if b, err = appendValue(b, v[key], depth+1); err != nil {
			return nil, err
		}
	}
	return b, nil
}

func appendKey(b []byte, key string) ([]byte, error) {
	start := len(b)
	b = msgpack.AppendText(b, key)
	if r := msgpack.NewReader(b[start:]); !isStr(&r) {
		return nil, fmt.Errorf("the key %.40q is not UTF-8", key)
	}
	return b, nil
}

func isStr(r *msgpack.Reader) bool {
	_, ok := r.Str()
	return ok
}

func sortedKeys[T any](v map[string]T) []string {
	keys := make([]string, 0, len(v))
	for key := range v {
		keys = append(keys, key)
	}
	sort.Strings(keys)
	return keys
}

// appendOther takes the types that are rare: other sizes of numbers, named types, pointers, slices and maps of them.
func appendOther(b []byte, v reflect.Value, depth int) ([]byte, error) {
	switch v.Kind() {
	case reflect.Bool:
		return msgpack.AppendBool(b, v.Bool()), nil
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return msgpack.AppendInt(b, v.Int()), nil
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		if v.Uint() > math.MaxInt64 {
			return nil, fmt.Errorf("%d does not fit into 64 bits with a sign", v.Uint())
		}
		return msgpack.AppendInt(b, int64(v.Uint())), nil
	case reflect.Float32, reflect.Float64:
		return appendFloat(b, v.Float())
	case reflect.String:
		return msgpack.AppendText(b, v.String()), nil
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			return msgpack.AppendNil(b), nil
		}
		return appendValue(b, v.Elem().Interface(), depth)
	case reflect.Slice, reflect.Array:
		if v.Kind() == reflect.Slice && v.Type().Elem().Kind() == reflect.Uint8 {
			return appendValue(b, v.Bytes(), depth)
		}
		items := make([]any, v.Len())
		for i := range items {
			items[i] = v.Index(i).Interface()
		}
		return appendSlice(b, items, depth)
	case reflect.Map:
		if v.Type().Key().Kind() == reflect.String {
			return appendMap(b, asMap(v), depth)
		}
	}
	return nil, fmt.Errorf("a value of type %s can't be sent; give text, a number, a slice or a map with string keys", v.Type())
}

// asMap turns a map of any type with string keys into one that holds any values.
func asMap(v reflect.Value) map[string]any {
	if v.IsNil() {
		return nil
	}
	values := make(map[string]any, v.Len())
	for it := v.MapRange(); it.Next(); {
		values[it.Key().String()] = it.Value().Interface()
	}
	return values
}
