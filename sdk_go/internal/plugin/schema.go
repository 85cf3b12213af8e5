// Package plugin reads what a plugin's struct says: its configuration and its handlers.
package plugin

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"

	"github.com/oarlock/oarlock/sdk_go/internal/table"
)

// A configuration is a struct. Its exported fields become Kong's schema list, which the gateway checks every
// configuration against, and defaults come from what New set. Tags say the rest:
//
//	json:"name"              the field's name; without it, the Go name in lower case; "-" leaves it out
//	validate:"rule,rule=x"   required, min, max, gt, gte, lt, lte, len, oneof, url, uuid, hostname; behind dive, the
//	                         rules of elements
//	match:"^[a-z]+$"         a pattern that is found in the text
//	secret:"true"            never shown, may be a vault reference
//	doc:"…"                  what it is for

const maxWhole = table.MaxId // 2^53-1: beyond it languages differ

// Schema returns Kong's schema list for a configuration made by New.
func Schema(config any) ([]any, error) {
	value := reflect.ValueOf(config)
	if value.Kind() != reflect.Pointer || value.Elem().Kind() != reflect.Struct {
		return nil, fmt.Errorf("its New returns %T; return a pointer to a struct", config)
	}
	return schemaOf(value.Elem())
}

// schemaOf returns one {name: attributes} for each field of a struct.
func schemaOf(value reflect.Value) ([]any, error) {
	fields := []any{}
	for i := 0; i < value.NumField(); i++ {
		field := value.Type().Field(i)
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		if field.Anonymous && name == "" && field.Type.Kind() == reflect.Struct {
			inner, err := schemaOf(value.Field(i))
			if err != nil {
				return nil, err
			}
			fields = append(fields, inner...)
			continue
		}
		if !field.IsExported() || name == "-" || !isData(field.Type) {
			continue
		}
		if name == "" {
			name = strings.ToLower(field.Name)
		}
		attributes, err := fieldOf(field, value.Field(i))
		if err != nil {
			return nil, fmt.Errorf("%s.%s: %w", value.Type(), field.Name, err)
		}
		fields = append(fields, map[string]any{name: attributes})
	}
	return fields, nil
}

// isData reports whether a field can hold configuration at all: functions, channels and kin are the plugin's own.
func isData(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Func, reflect.Chan, reflect.UnsafePointer, reflect.Complex64, reflect.Complex128, reflect.Uintptr:
		return false
	}
	return true
}

func fieldOf(field reflect.StructField, value reflect.Value) (map[string]any, error) {
	attributes, err := typeOf(field.Type, value)
	if err != nil {
		return nil, err
	}
	if err := validate(attributes, field.Tag.Get("validate")); err != nil {
		return nil, err
	}
	if pattern := field.Tag.Get("match"); pattern != "" {
		attributes["match"] = pattern
	}
	if field.Tag.Get("secret") == "true" {
		attributes["encrypted"], attributes["referenceable"] = true, true
	}
	if doc := field.Tag.Get("doc"); doc != "" {
		attributes["description"] = doc
	}
	if attributes["type"] == "record" && field.Type.Kind() == reflect.Struct {
		attributes["required"] = true // its fields have their own defaults
		return attributes, nil
	}
	if !value.IsZero() {
		plain, err := plainOf(value.Interface())
		if err != nil {
			return nil, err
		}
		attributes["default"] = plain
	}
	return attributes, nil
}

// plainOf returns a value as JSON has it.
func plainOf(value any) (any, error) {
	text, err := json.Marshal(value)
	if err != nil {
		return nil, fmt.Errorf("its default: %w", err)
	}
	var plain any
	decoder := json.NewDecoder(strings.NewReader(string(text)))
	decoder.UseNumber()
	if err := decoder.Decode(&plain); err != nil {
		return nil, fmt.Errorf("its default: %w", err)
	}
	return withoutNumbers(plain), nil
}

func withoutNumbers(value any) any {
	switch v := value.(type) {
	case json.Number:
		if whole, err := v.Int64(); err == nil {
			return whole
		}
		float, _ := v.Float64()
		return float
	case []any:
		for i := range v {
			v[i] = withoutNumbers(v[i])
		}
	case map[string]any:
		for key := range v {
			v[key] = withoutNumbers(v[key])
		}
	}
	return value
}

// typeOf returns the attributes that a type has by itself; value may be invalid where there is none.
func typeOf(t reflect.Type, value reflect.Value) (map[string]any, error) {
	switch t.Kind() {
	case reflect.String:
		return map[string]any{"type": "string"}, nil
	case reflect.Bool:
		return map[string]any{"type": "boolean"}, nil
	case reflect.Float32, reflect.Float64:
		return map[string]any{"type": "number"}, nil
	case reflect.Int, reflect.Int64:
		return map[string]any{"type": "integer"}, nil
	case reflect.Int8, reflect.Int16, reflect.Int32:
		limit := int64(1) << (t.Bits() - 1)
		return map[string]any{"type": "integer", "between": []any{-limit, limit - 1}}, nil
	case reflect.Uint8, reflect.Uint16, reflect.Uint32:
		return map[string]any{"type": "integer", "between": []any{0, int64(1)<<t.Bits() - 1}}, nil
	case reflect.Uint, reflect.Uint64:
		return map[string]any{"type": "integer", "between": []any{0, maxWhole}}, nil
	case reflect.Interface:
		return map[string]any{"type": "any"}, nil
	case reflect.Pointer:
		if value.IsValid() && !value.IsNil() {
			return typeOf(t.Elem(), value.Elem())
		}
		return typeOf(t.Elem(), reflect.Value{})
	case reflect.Slice, reflect.Array:
		elements, err := typeOf(t.Elem(), reflect.Value{})
		return map[string]any{"type": "array", "elements": elements}, err
	case reflect.Map:
		if t.Key().Kind() != reflect.String {
			return nil, errors.New("the keys of a map are strings")
		}
		values, err := typeOf(t.Elem(), reflect.Value{})
		return map[string]any{"type": "map", "keys": map[string]any{"type": "string"}, "values": values}, err
	case reflect.Struct:
		if !value.IsValid() {
			value = reflect.Zero(t)
		}
		fields, err := schemaOf(value)
		return map[string]any{"type": "record", "fields": fields}, err
	}
	return nil, fmt.Errorf(`a %s can't be in a configuration; leave it out with json:"-"`, t)
}

// validate adds what a validate tag asks for.
func validate(attributes map[string]any, tag string) error {
	for rest := tag; rest != ""; {
		var rule string
		rule, rest, _ = strings.Cut(rest, ",")
		if rule == "dive" {
			elements, ok := attributes["elements"].(map[string]any)
			if !ok {
				if elements, ok = attributes["values"].(map[string]any); !ok {
					return errors.New("validate: dive is for slices and maps")
				}
			}
			return validate(elements, rest)
		}
		if err := addRule(attributes, rule); err != nil {
			return fmt.Errorf("validate: %s: %w", rule, err)
		}
	}
	return nil
}

func addRule(attributes map[string]any, rule string) error {
	name, value, _ := strings.Cut(rule, "=")
	isNumber := attributes["type"] == "integer" || attributes["type"] == "number"
	switch name {
	case "", "omitempty":
	case "required":
		attributes["required"] = true
	case "oneof":
		return addChoices(attributes, strings.Fields(value))
	case "url":
		attributes["match"] = `^[A-Za-z][A-Za-z0-9+.-]*://[^/]`
	case "hostname":
		attributes["match"] = `^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$`
	case "uuid":
		attributes["uuid"] = true
	case "min", "max", "len", "gt", "gte", "lt", "lte":
		number, err := strconv.ParseFloat(value, 64)
		if err != nil {
			return errors.New("a number is expected")
		}
		if isNumber {
			return addRange(attributes, name, number)
		}
		return addLength(attributes, name, number)
	default:
		return errors.New("there is no such rule")
	}
	return nil
}

func addChoices(attributes map[string]any, words []string) error {
	choices := []any{}
	for _, word := range words {
		switch attributes["type"] {
		case "string":
			choices = append(choices, word)
		case "integer", "number":
			number, err := strconv.ParseFloat(word, 64)
			if err != nil {
				return err
			}
			choices = append(choices, shortest(number))
		default:
			return errors.New("it is for texts and numbers")
		}
	}
	attributes["one_of"] = choices
	return nil
}

func addLength(attributes map[string]any, name string, length float64) error {
	if length != math.Trunc(length) || length < 0 {
		return errors.New("a length is a whole number")
	}
	switch name {
	case "min", "gte":
		attributes["len_min"] = int64(length)
	case "max", "lte":
		attributes["len_max"] = int64(length)
	case "gt":
		attributes["len_min"] = int64(length) + 1
	case "lt":
		attributes["len_max"] = int64(length) - 1
	case "len":
		attributes["len_eq"] = int64(length)
	}
	return nil
}

// addRange narrows `between`; for what is greater than a fraction there is `gt`.
func addRange(attributes map[string]any, name string, limit float64) error {
	isWhole := attributes["type"] == "integer"
	low, high := -math.MaxFloat64, math.MaxFloat64
	if isWhole {
		low, high = -float64(maxWhole), float64(maxWhole)
	}
	if between, ok := attributes["between"].([]any); ok {
		low, high = float(between[0]), float(between[1])
	}
	switch name {
	case "min", "gte":
		low = limit
	case "max", "lte":
		high = limit
	case "len":
		attributes["eq"] = shortest(limit)
		return nil
	case "gt":
		if !isWhole {
			attributes["gt"] = limit
			return nil
		}
		low = math.Floor(limit) + 1
	case "lt":
		if high = math.Nextafter(limit, -math.MaxFloat64); isWhole {
			high = math.Ceil(limit) - 1
		}
	}
	attributes["between"] = []any{shortest(low), shortest(high)}
	return nil
}

func float(value any) float64 {
	switch v := value.(type) {
	case int:
		return float64(v)
	case int64:
		return float64(v)
	}
	v, _ := value.(float64)
	return v
}

// shortest returns a whole number as an integer.
func shortest(number float64) any {
	if number == math.Trunc(number) && math.Abs(number) <= maxWhole {
		return int64(number)
	}
	return number
}
