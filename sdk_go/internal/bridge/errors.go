// Package bridge stands between the methods of the PDK and the event they belong to: it knows what is answered at home,
// what is queued, and what has to be asked. It does no I/O: asking and logging go through a [Channel].
package bridge

import "fmt"

// Error is what a PDK function returns when it refused its arguments or failed in the gateway.
type Error struct {
	// Code is a word to act on: bad_args, wrong_phase, unsupported, too_large, deadline, gone, pdk, internal …
	Code string
	// Text is for people.
	Text string
}

func (e *Error) Error() string {
	if e.Text == "" {
		return e.Code
	}
	return e.Text
}

// Is makes errors.Is compare codes.
func (e *Error) Is(target error) bool {
	other, ok := target.(*Error)
	return ok && other.Code == e.Code
}

func errorf(code, format string, args ...any) *Error {
	return &Error{Code: code, Text: fmt.Sprintf(format, args...)}
}
