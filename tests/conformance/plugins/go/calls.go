package main

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"reflect"
	"strings"
	"unicode/utf8"

	pdk "github.com/oarlock/oarlock/sdk_go"
)

// errUntyped: the compiler would have refused such an argument.
var errUntyped = errors.New("untyped")

// Namespaces whose field of the PDK is not simply their name: field, and what their methods have after Get or Set.
var fields = map[string][2]string{
	"client.tls":             {"ClientTLS", ""},
	"ctx.plugin":             {"Ctx", "Plugin"},
	"ctx.shared":             {"Ctx", "Shared"},
	"enterprise_edition.jwe": {"JWE", ""},
	"ip":                     {"IP", ""},
}

// What says true or fails in other languages, and fails or not in Go.
var saysTrue = map[string]bool{
	"service.request.set_body":     true,
	"service.set_tls_verify":       true,
	"service.set_tls_verify_depth": true,
	"service.set_upstream":         true,
}

// Where nil stands for an argument that is left out.
var hasOptional = map[string]bool{"request.get_body": true, "service.response.get_body": true}

// call runs a function of the PDK by its name in Lua. Of the methods that there are for it, the one that tells most is
// used: GetQueryArgAny, then LookupQueryArg, then GetQueryArg; a plain one beside Lookup has to say the same.
func call(kong *pdk.PDK, function string, args []any) (any, error) {
	receiver, name := receiverOf(kong, function)
	if method := receiver.MethodByName(name + "Any"); method.IsValid() {
		return invoke(method, function, args)
	}
	plain := receiver.MethodByName(name)
	if !plain.IsValid() {
		return nil, fmt.Errorf("there is no method for %s", function)
	}
	lookup := receiver.MethodByName("Lookup" + strings.TrimPrefix(name, "Get"))
	if !lookup.IsValid() {
		return invoke(plain, function, args)
	}
	found, err := invoke(lookup, function, args)
	simple, plainErr := invoke(plain, function, args)
	if (err == nil) != (plainErr == nil) || found != nil && !reflect.DeepEqual(found, simple) {
		return nil, fmt.Errorf("%s gives %v, %v, and its Lookup %v, %v", name, simple, plainErr, found, err)
	}
	return found, err
}

func receiverOf(kong *pdk.PDK, function string) (reflect.Value, string) {
	root := reflect.ValueOf(kong).Elem()
	if function == "log" {
		return root.FieldByName("Log"), "Log"
	}
	at := strings.LastIndex(function, ".")
	namespace, name := function[:at], pascal(function[at+1:])
	if field, ok := fields[namespace]; ok {
		return root.FieldByName(field[0]), name + field[1]
	}
	return root.FieldByName(pascal(strings.ReplaceAll(namespace, ".", "_"))), name
}

func pascal(name string) string {
	var result strings.Builder
	for _, word := range strings.Split(name, "_") {
		switch word {
		case "tls1":
			result.WriteString("TLS1")
		default:
			result.WriteString(strings.ToUpper(word[:1]) + word[1:])
		}
	}
	return result.String()
}

func invoke(method reflect.Value, function string, args []any) (result any, err error) {
	// Exit and Error, which return nothing, have no other way to say what is wrong
	defer func() {
		switch raised := recover().(type) {
		case nil:
		case *pdk.Error:
			err = raised
		default:
			panic(raised)
		}
	}()
	kind := method.Type()
	var in []reflect.Value
	for i := 0; i < kind.NumIn(); i++ {
		if kind.IsVariadic() && i == kind.NumIn()-1 {
			for ; i < len(args); i++ {
				if args[i] == nil && kind.In(kind.NumIn()-1).Elem().Kind() != reflect.Interface {
					continue
				}
				value, err := converted(args[i], kind.In(kind.NumIn()-1).Elem())
				if err != nil {
					return nil, err
				}
				in = append(in, value)
			}
			break
		}
		if i >= len(args) {
			in = append(in, leftOut(kind.In(i)))
			continue
		}
		if args[i] == nil && hasOptional[function] {
			in = append(in, leftOut(kind.In(i)))
			continue
		}
		value, err := converted(args[i], kind.In(i))
		if err != nil {
			return nil, err
		}
		in = append(in, value)
	}
	if len(args) > kind.NumIn() && !kind.IsVariadic() {
		return nil, errUntyped
	}
	return resultOf(function, method.Call(in))
}

// leftOut returns what stands for an argument that is not given: -1 for numbers, as in Kong's Go PDK.
func leftOut(kind reflect.Type) reflect.Value {
	if kind.Kind() == reflect.Int {
		return reflect.ValueOf(-1)
	}
	return reflect.Zero(kind)
}

// resultOf makes one result of what a method returns: values, perhaps whether there are any, perhaps an error.
func resultOf(function string, out []reflect.Value) (any, error) {
	if len(out) == 0 {
		return nil, nil
	}
	if last := out[len(out)-1]; last.Type() == reflect.TypeFor[error]() {
		if err, ok := last.Interface().(error); ok && err != nil {
			return nil, err
		}
		out = out[:len(out)-1]
	}
	switch {
	case len(out) == 0 && saysTrue[function]:
		return true, nil
	case len(out) == 0:
		return nil, nil
	case function == "request.get_uri_captures":
		return map[string]any{"unnamed": texts(out[0]), "named": texts(out[1])}, nil
	case len(out) == 2 && !out[1].Bool():
		return nil, nil
	}
	return out[0].Interface(), nil
}

// texts returns captures, which Kong's Go PDK has as bytes, as the texts that they are.
func texts(value reflect.Value) any {
	if value.Kind() == reflect.Map {
		result := map[string]any{}
		for _, key := range value.MapKeys() {
			result[key.String()] = string(value.MapIndex(key).Bytes())
		}
		return result
	}
	result := []any{}
	for i := 0; i < value.Len(); i++ {
		result = append(result, string(value.Index(i).Bytes()))
	}
	return result
}

// converted returns an argument as a parameter's type, or errUntyped.
func converted(value any, kind reflect.Type) (reflect.Value, error) {
	if value == nil {
		switch kind.Kind() {
		case reflect.Interface, reflect.Map, reflect.Pointer, reflect.Slice:
			return reflect.Zero(kind), nil
		}
		return reflect.Value{}, errUntyped
	}
	if kind.Kind() == reflect.Interface {
		return reflect.ValueOf(value), nil
	}
	if kind.Kind() == reflect.Pointer {
		inner, err := converted(value, kind.Elem())
		if err != nil {
			return inner, err
		}
		pointer := reflect.New(kind.Elem())
		pointer.Elem().Set(inner)
		return pointer, nil
	}
	if number, ok := value.(float64); ok && kind.Kind() == reflect.Int && number == math.Trunc(number) {
		return reflect.ValueOf(int(number)), nil
	}
	if lists, ok := value.(map[string]any); ok && kind == reflect.TypeFor[map[string][]string]() {
		return listsOf(lists)
	}
	if got := reflect.ValueOf(value); got.Type().ConvertibleTo(kind) && got.Kind() == kind.Kind() {
		return got.Convert(kind), nil
	} else if got.Kind() == reflect.Int64 && (kind.Kind() == reflect.Int || kind.Kind() == reflect.Float64) {
		return got.Convert(kind), nil
	}
	return reflect.Value{}, errUntyped
}

func listsOf(values map[string]any) (reflect.Value, error) {
	result := map[string][]string{}
	for name, value := range values {
		list, ok := value.([]any)
		if !ok {
			list = []any{value}
		}
		result[name] = []string{}
		for _, member := range list {
			text, ok := member.(string)
			if !ok {
				return reflect.Value{}, errUntyped
			}
			result[name] = append(result[name], text)
		}
	}
	return reflect.ValueOf(result), nil
}

// given returns an argument of a script as Go has it: {"$bin": hex} are bytes, {"$times": [text, n]} is long text.
func given(value any) any {
	switch v := value.(type) {
	case json.Number:
		if whole, err := v.Int64(); err == nil {
			return whole
		}
		number, _ := v.Float64()
		return number
	case []any:
		list := make([]any, len(v))
		for i, member := range v {
			list[i] = given(member)
		}
		return list
	case map[string]any:
		if text, ok := v["$bin"].(string); ok {
			raw, _ := hex.DecodeString(text)
			return raw
		}
		if pair, ok := v["$times"].([]any); ok {
			return strings.Repeat(pair[0].(string), int(given(pair[1]).(int64)))
		}
		table := map[string]any{}
		for name, member := range v {
			table[name] = given(member)
		}
		return table
	}
	return value
}

// shown returns a result as JSON has it: bytes, and text that is not UTF-8, are {"$bin": hex}; a header with one value
// is a text.
func shown(value any) any {
	switch v := value.(type) {
	case string:
		if !utf8.ValidString(v) {
			return map[string]any{"$bin": hex.EncodeToString([]byte(v))}
		}
	case []byte:
		return map[string]any{"$bin": hex.EncodeToString(v)}
	case map[string][]string:
		table := map[string]any{}
		for name, values := range v {
			if len(values) == 1 {
				table[name] = shown(values[0])
				continue
			}
			list := []any{}
			for _, each := range values {
				list = append(list, shown(each))
			}
			table[name] = list
		}
		return table
	case map[string]any:
		if v == nil {
			return nil
		}
		table := map[string]any{}
		for name, member := range v {
			table[name] = shown(member)
		}
		return table
	case []any:
		if v == nil {
			return nil
		}
		list := []any{}
		for _, member := range v {
			list = append(list, shown(member))
		}
		return list
	}
	return value
}

func decode(text string) (map[string]any, error) {
	decoder := json.NewDecoder(bytes.NewReader([]byte(text)))
	decoder.UseNumber()
	var script map[string]any
	return script, decoder.Decode(&script)
}
