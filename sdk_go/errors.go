package pdk

import "github.com/oarlock/oarlock/sdk_go/internal/bridge"

// Error is what a function of the PDK returns when it refused its arguments or failed in the gateway. Its Code is a
// word to act on, its Text is for people. errors.Is compares codes:
//
//	if errors.Is(err, pdk.ErrGone) { return }
type Error = bridge.Error

// Errors to compare with.
var (
	// ErrGone: the event or the step is over; nobody waits for the handler any more.
	ErrGone = &Error{Code: "gone", Text: "the event is over"}
	// ErrWrongPhase: the function cannot be used in this phase.
	ErrWrongPhase = &Error{Code: "wrong_phase", Text: "the function cannot be used in this phase"}
	// ErrBadArgs: the arguments are invalid.
	ErrBadArgs = &Error{Code: "bad_args", Text: "the arguments are invalid"}
	// ErrUnsupported: the gateway does not have the function.
	ErrUnsupported = &Error{Code: "unsupported", Text: "the gateway does not have this function"}
	// ErrDeadline: the time for the phase is used up.
	ErrDeadline = &Error{Code: "deadline", Text: "the time for this phase is used up"}
)
