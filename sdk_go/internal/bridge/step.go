package bridge

import (
	"context"
	"runtime"
	"sync"
	"time"

	"github.com/oarlock/oarlock/sdk_go/internal/msgpack"
	"github.com/oarlock/oarlock/sdk_go/internal/table"
)

// Channel is what an event does for its steps.
type Channel interface {
	// Ask sends a question, or fails with an [*Error]. It may wait for room; done ends that.
	Ask(question Question, done <-chan struct{}) (Pending, error)
	// Log sends a line; fields are a map as it is on the wire, or nil.
	Log(level int, text string, fields []byte)
}

// Pending is a question on its way.
type Pending interface {
	// Wait returns the answer or an [*Error]; done ends the waiting.
	Wait(done <-chan struct{}) (Value, error)
}

// Question is a call and the changes that go with it.
type Question struct {
	Function int
	Args     Args
	Changes  Changes
}

// Changes is a queue of changes, each an array as it goes on the wire.
type Changes struct {
	Raw []byte
	N   int
}

// Options are what a step is about.
type Options struct {
	Phase    int
	Instance int64 // its number on the connection
	Highest  int   // number of a function that the gateway knows
	Level    int   // log lines below it are dropped
	Deadline time.Time
	Parent   context.Context // of the context that a handler sees
}

// Step is one instance's part of an event: its changes and its outcome. Its methods may be called from any goroutine.
type Step struct {
	options Options
	channel Channel

	asking sync.Mutex // held from taking the queue to sending it: questions leave in order

	mu      sync.Mutex
	facts   *Facts
	changes Changes
	queued  int
	replans bool
	outcome int    // of exit and error, 0 before
	detail  []byte // of the outcome, as DONE has it
	over    *Error // why it is over; nil while it runs
	done    chan struct{}
	ctx     context.Context
	cancel  context.CancelCauseFunc
	release context.CancelFunc
}

// NewStep returns a step that runs.
func NewStep(channel Channel, facts *Facts, options Options) *Step {
	return &Step{options: options, channel: channel, facts: facts}
}

// Context returns the step's context: it has the deadline and is cancelled with a cause when the step is over.
func (s *Step) Context() context.Context {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ctx == nil {
		parent := s.options.Parent
		if parent == nil {
			parent = context.Background()
		}
		s.release = func() {}
		if !s.options.Deadline.IsZero() {
			late := errorf("deadline", "the time for this phase is used up")
			parent, s.release = context.WithDeadlineCause(parent, s.options.Deadline, late)
		}
		s.ctx, s.cancel = context.WithCancelCause(parent)
		if s.over != nil {
			s.cancel(s.over)
			s.release()
		}
	}
	return s.ctx
}

// End says that the step is over. What still uses it gets the error gone, with this text.
func (s *Step) End(code, text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.end(code, text)
}

func (s *Step) end(code, text string) {
	if s.over != nil {
		return
	}
	s.over = &Error{Code: code, Text: text}
	if s.done != nil {
		close(s.done)
	}
	if s.cancel != nil {
		s.cancel(s.over)
		s.release()
	}
}

// Result is what a step did.
type Result struct {
	Outcome int    // of exit and error; 0 if neither was called
	Detail  []byte // an array as DONE has it
	Changes Changes
	Replans bool
}

// Finish ends the step and returns what was not sent yet.
func (s *Step) Finish() Result {
	s.End("gone", "the step is over") // wakes who waits with the queue in hand: it puts it back
	s.asking.Lock()
	defer s.asking.Unlock()
	s.mu.Lock()
	defer s.mu.Unlock()
	return Result{Outcome: s.outcome, Detail: s.detail, Changes: s.changes, Replans: s.replans}
}

func (s *Step) gone() error { return &Error{Code: "gone", Text: s.over.Text} }

// begin returns the function if it may be used here and now. It is called with the lock held.
func (s *Step) begin(number int) (*table.Function, error) {
	if s.over != nil {
		return nil, s.gone()
	}
	function := table.ByNumber(number)
	if function.Unavailable != "" {
		return nil, errorf("unsupported", "%s: %s", function.Name, function.Unavailable)
	}
	if !function.In(s.options.Phase) {
		here := "this"
		if s.options.Phase > 0 && s.options.Phase < len(table.Phases) {
			here = table.Phases[s.options.Phase]
		}
		return nil, errorf("wrong_phase", "%s: function cannot be called in %s phase (only in: %s)", function.Name, here, function.PhaseNames())
	}
	if number > s.options.Highest {
		return nil, errorf("unsupported", "%s: the gateway is older than this SDK and does not know it", function.Name)
	}
	return function, nil
}

// Ask returns the result of a function: from the facts, or from the gateway.
func (s *Step) Ask(number int, args ...any) (Value, error) {
	s.mu.Lock()
	function, err := s.begin(number)
	if err != nil {
		s.mu.Unlock()
		return Value{}, err
	}
	if function.Kind == table.Fact {
		if value, ok := s.facts.Get(function, args, s.options.Instance); ok {
			s.mu.Unlock()
			return value, nil
		}
	}
	s.mu.Unlock()
	return s.call(function, args)
}

func (s *Step) call(function *table.Function, args []any) (Value, error) {
	sent, err := questionArgs(function, args)
	if err != nil {
		return Value{}, err
	}
	s.asking.Lock()
	question, version, done, err := s.question(function, sent)
	if err != nil {
		s.asking.Unlock()
		return Value{}, err
	}
	pending, err := s.channel.Ask(question, done)
	if err != nil {
		s.putBack(question.Changes)
	}
	s.asking.Unlock()
	if err != nil {
		return Value{}, err
	}
	value, err := pending.Wait(done)
	if err != nil {
		return Value{}, err
	}
	if function.Kind == table.Fact {
		s.mu.Lock()
		if s.over == nil && s.facts.Version() == version {
			s.facts.Remember(function, args, s.options.Instance, value)
		}
		s.mu.Unlock()
	}
	return value, nil
}

// question takes the queue along.
func (s *Step) question(function *table.Function, sent Args) (Question, int, <-chan struct{}, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.over != nil {
		return Question{}, 0, nil, s.gone()
	}
	if s.done == nil {
		s.done = make(chan struct{})
	}
	question := Question{Function: function.Number, Args: sent, Changes: s.changes}
	s.changes = Changes{}
	s.replans = s.replans || function.Replans
	if function.Kind == table.Call && len(function.Stales) > 0 {
		s.facts.Change(function, sent, s.options.Instance)
	}
	return question, s.facts.Version(), s.done, nil
}

// putBack makes changes that were not sent the first of the queue again.
func (s *Step) putBack(changes Changes) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.changes = Changes{Raw: append(changes.Raw, s.changes.Raw...), N: changes.N + s.changes.N}
}

// questionArgs returns the arguments of a call. Wrong ones of getters are the gateway's to refuse: one rule, one text.
func questionArgs(function *table.Function, args []any) (Args, error) {
	if function.Kind != table.Fact {
		return CheckArgs(function, args)
	}
	n := len(args)
	for n > 0 && args[n-1] == nil {
		n--
	}
	var sent Args
	for _, arg := range args[:n] {
		raw, err := AppendValue(sent.raw, arg)
		if err != nil {
			return Args{}, errorf("bad_args", "%s: %s", function.Name, err)
		}
		sent.raw = raw
		sent.ends = append(sent.ends, len(raw))
	}
	return sent, nil
}

// Do queues a change, or makes a call without a result.
func (s *Step) Do(number int, args ...any) error {
	if table.ByNumber(number).Kind != table.Change {
		_, err := s.Ask(number, args...)
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	function, err := s.begin(number)
	if err != nil {
		return err
	}
	sent, err := CheckArgs(function, args)
	if err != nil {
		return err
	}
	if s.queued >= table.MaxChanges {
		return errorf("too_large", "%s: more than %d changes in one step", function.Name, table.MaxChanges)
	}
	s.queued++
	s.replans = s.replans || function.Replans
	s.facts.Change(function, sent, s.options.Instance)
	s.changes.N++
	s.changes.Raw = msgpack.AppendArray(s.changes.Raw, 1+sent.Len())
	s.changes.Raw = msgpack.AppendInt(s.changes.Raw, int64(number))
	s.changes.Raw = append(s.changes.Raw, sent.Raw()...)
	return nil
}

// Succeed makes a call whose result says no more than that it worked.
func (s *Step) Succeed(number int, args ...any) error {
	worked, err := s.Bool(number, args...)
	if err == nil && !worked {
		return errorf("pdk", "%s did not succeed", table.ByNumber(number).Name)
	}
	return err
}

// Exit ends the handler with an outcome: it does not return, but for wrong arguments, with which it panics.
// In another goroutine than the handler's it ends that goroutine, and the handler's next call of the PDK fails.
func (s *Step) Exit(number int, args ...any) {
	if err := s.exit(number, args); err != nil {
		panic(err)
	}
	runtime.Goexit()
}

func (s *Step) exit(number int, args []any) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.over != nil {
		return nil // the first one wins; this one ends its goroutine all the same
	}
	function, err := s.begin(number)
	if err != nil {
		return err
	}
	sent, err := CheckArgs(function, args)
	if err != nil {
		return err
	}
	s.outcome = function.Outcome
	s.detail = append(msgpack.AppendArray(nil, sent.Len()), sent.Raw()...)
	s.end("gone", function.Name+" ended the handler")
	return nil
}
