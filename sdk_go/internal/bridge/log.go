package bridge

import (
	"fmt"
	"strings"
)

const (
	logDeprecation = "kong.log.deprecation"
	logInspect     = "kong.log.inspect"
)

// Log writes a line: the arguments joined without separator.
func (s *Step) Log(number int, args []any) error {
	s.mu.Lock()
	function, err := s.begin(number)
	s.mu.Unlock()
	if err != nil || function.Level < s.options.Level {
		return err
	}
	var fields []byte
	if function.Name == logDeprecation && len(args) > 0 {
		if last, ok := args[len(args)-1].(map[string]any); ok {
			if fields, err = AppendValue(nil, last); err != nil {
				return errorf("bad_args", "%s: %s", function.Name, err)
			}
			args = args[:len(args)-1]
		}
	}
	s.channel.Log(function.Level, lineOf(function.Name, args), fields)
	return nil
}

func lineOf(name string, args []any) string {
	if len(args) == 1 && name != logInspect {
		if text, ok := args[0].(string); ok {
			return text
		}
	}
	var line strings.Builder
	for i, arg := range args {
		switch v := arg.(type) {
		case nil:
			line.WriteString("nil")
		case []byte:
			line.Write(v)
		default:
			if name == logInspect {
				fmt.Fprintf(&line, "%#v", v)
			} else {
				fmt.Fprint(&line, v)
			}
		}
		if name == logInspect && i+1 < len(args) {
			line.WriteByte(' ')
		}
	}
	return line.String()
}
