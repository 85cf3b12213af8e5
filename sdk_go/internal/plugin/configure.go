package plugin

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
)

// Configure fills a configuration made by New with values that came from the gateway.
func Configure(config any, values map[string]any) error {
	text, err := json.Marshal(values)
	if err != nil {
		return err
	}
	clearMaps(reflect.Indirect(reflect.ValueOf(config)), values)
	if err := json.Unmarshal(text, config); err != nil {
		var wrong *json.UnmarshalTypeError
		if errors.As(err, &wrong) {
			return fmt.Errorf("config.%s: %s is expected, not %s", wrong.Field, wrong.Type, wrong.Value)
		}
		return fmt.Errorf("config: %w", err)
	}
	return nil
}

// clearMaps empties the maps that values has something for: what New put into them was the default, not a part.
func clearMaps(config reflect.Value, values map[string]any) {
	for i := 0; config.Kind() == reflect.Struct && i < config.NumField(); i++ {
		field := config.Type().Field(i)
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		if field.Anonymous && name == "" {
			clearMaps(config.Field(i), values)
			continue
		}
		if name == "" {
			name = strings.ToLower(field.Name)
		}
		given, ok := values[name].(map[string]any)
		if !ok || !field.IsExported() {
			continue
		}
		if field.Type.Kind() == reflect.Map {
			config.Field(i).SetZero()
		} else {
			clearMaps(reflect.Indirect(config.Field(i)), given)
		}
	}
}
