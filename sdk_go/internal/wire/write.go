package wire

import (
	"strings"
	"unicode/utf8"

	"github.com/oarlock/oarlock/sdk_go/internal/bridge"
	"github.com/oarlock/oarlock/sdk_go/internal/frame"
	"github.com/oarlock/oarlock/sdk_go/internal/msgpack"
	"github.com/oarlock/oarlock/sdk_go/internal/table"
)

// Error is a code and a text as messages carry them.
type Error struct{ Code, Text, Trace string }

func (e Error) append(b []byte) []byte {
	parts := []string{e.Code, e.Text, e.Trace}
	n := len(parts)
	for n > 1 && parts[n-1] == "" {
		n--
	}
	b = msgpack.AppendArray(b, n)
	for _, part := range parts[:n] {
		b = msgpack.AppendText(b, part)
	}
	return b
}

// Detail returns the error as the detail of DONE.
func (e Error) Detail() []byte { return e.append(nil) }

// Done is the end of a step. The parts that are arrays are as they go on the wire; nil stands for none.
type Done struct {
	Event   int64
	Outcome int
	Changes bridge.Changes
	Detail  []byte
	TookUs  int64
	WaitUs  int64
	Reads   []byte
	NReads  int
}

// AppendDone appends a frame with DONE.
func AppendDone(b []byte, d Done) []byte {
	n := 8
	if d.Reads == nil {
		n--
		if d.WaitUs == 0 {
			n--
			if d.TookUs == 0 {
				n--
				if d.Detail == nil {
					n--
					if d.Changes.N == 0 {
						n--
					}
				}
			}
		}
	}
	start := len(b)
	b = msgpack.AppendInt(head(b, n, table.MsgDone), d.Event)
	b = msgpack.AppendInt(b, int64(d.Outcome))
	if n > 3 {
		b = append(msgpack.AppendArray(b, d.Changes.N), d.Changes.Raw...)
	}
	if n > 4 && d.Detail == nil {
		b = msgpack.AppendNil(b)
	} else if n > 4 {
		b = append(b, d.Detail...)
	}
	if n > 5 {
		b = msgpack.AppendInt(b, d.TookUs)
	}
	if n > 6 {
		b = msgpack.AppendInt(b, d.WaitUs)
	}
	if n > 7 {
		b = append(msgpack.AppendArray(b, d.NReads), d.Reads...)
	}
	return frame.End(b, start)
}

// AppendCall appends a frame with CALL.
func AppendCall(b []byte, call, event int64, q bridge.Question) []byte {
	n := 6
	if q.Changes.N == 0 {
		n--
		if q.Args.Len() == 0 {
			n--
		}
	}
	start := len(b)
	b = msgpack.AppendInt(head(b, n, table.MsgCall), call)
	b = msgpack.AppendInt(b, event)
	b = msgpack.AppendInt(b, int64(q.Function))
	if n > 4 {
		b = append(msgpack.AppendArray(b, q.Args.Len()), q.Args.Raw()...)
	}
	if n > 5 {
		b = append(msgpack.AppendArray(b, q.Changes.N), q.Changes.Raw...)
	}
	return frame.End(b, start)
}

// Line is a line of a log.
type Line struct {
	Event    int64 // 0: none
	Level    int
	Text     string
	Fields   []byte // a map, or nil
	Lost     int64
	Instance int64 // 0: none
}

// AppendLog appends a frame with LOG.
func AppendLog(b []byte, l Line) []byte {
	n := 7
	if l.Instance == 0 {
		n--
		if l.Lost == 0 {
			n--
			if l.Fields == nil {
				n--
			}
		}
	}
	start := len(b)
	b = msgpack.AppendInt(head(b, n, table.MsgLog), l.Event)
	b = msgpack.AppendInt(b, int64(l.Level))
	b = msgpack.AppendText(b, l.Text)
	if n > 4 && l.Fields == nil {
		b = msgpack.AppendNil(b)
	} else if n > 4 {
		b = append(b, l.Fields...)
	}
	if n > 5 {
		b = msgpack.AppendInt(b, l.Lost)
	}
	if n > 6 {
		b = msgpack.AppendInt(b, l.Instance)
	}
	return frame.End(b, start)
}

// AppendPong appends a frame with PONG.
func AppendPong(b []byte, nonce, running, oldestMs int64) []byte {
	n := 4
	if oldestMs == 0 {
		n--
		if running == 0 {
			n--
		}
	}
	start := len(b)
	b = msgpack.AppendInt(head(b, n, table.MsgPong), nonce)
	if n > 2 {
		b = msgpack.AppendInt(b, running)
	}
	if n > 3 {
		b = msgpack.AppendInt(b, oldestMs)
	}
	return frame.End(b, start)
}

// AppendDrain appends a frame with DRAIN.
func AppendDrain(b []byte, code, text string) []byte {
	n := 3
	if text == "" {
		n--
		if code == "" {
			n--
		}
	}
	start := len(b)
	b = head(b, n, table.MsgDrain)
	if n > 1 {
		b = msgpack.AppendText(b, code)
	}
	if n > 2 {
		b = msgpack.AppendText(b, text)
	}
	return frame.End(b, start)
}

// AppendStarted appends a frame with STARTED; a nil error means that the instance runs.
func AppendStarted(b []byte, instance int64, err *Error) []byte {
	start := len(b)
	if err == nil {
		return frame.End(msgpack.AppendInt(head(b, 2, table.MsgStarted), instance), start)
	}
	b = msgpack.AppendInt(head(b, 3, table.MsgStarted), instance)
	return frame.End(err.append(b), start)
}

// AppendChunk appends a frame with CHUNK.
func AppendChunk(b []byte, event int64, stream msgpack.Blob, data []byte, end bool) []byte {
	start := len(b)
	if end {
		b = head(b, 5, table.MsgChunk)
	} else {
		b = head(b, 4, table.MsgChunk)
	}
	b = msgpack.AppendInt(msgpack.AppendInt(b, event), int64(stream))
	b = msgpack.AppendBin(b, data)
	if end {
		b = msgpack.AppendInt(b, EndOfStream)
	}
	return frame.End(b, start)
}

// AppendWindow appends a frame with WINDOW.
func AppendWindow(b []byte, event, stream, bytes int64) []byte {
	start := len(b)
	b = msgpack.AppendInt(head(b, 4, table.MsgWindow), event)
	b = msgpack.AppendInt(msgpack.AppendInt(b, stream), bytes)
	return frame.End(b, start)
}

// AppendWelcome appends a frame with WELCOME; values are as AppendPlain takes them.
func AppendWelcome(b []byte, values map[string]any) []byte {
	start := len(b)
	return frame.End(msgpack.AppendPlain(head(b, 2, table.MsgWelcome), values), start)
}

func head(b []byte, n, message int) []byte {
	return msgpack.AppendInt(msgpack.AppendArray(frame.Begin(b), n), int64(message))
}

// Clean returns at most limit bytes of a text, as UTF-8.
func Clean(text string, limit int) string { return strings.ToValidUTF8(Cut(text, limit), "\uFFFD") }

// Cut returns at most limit bytes of a text, without a part of a character at the end.
func Cut(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	for end := limit; end > max(0, limit-utf8.UTFMax); end-- {
		if utf8.RuneStart(text[end]) {
			return text[:end]
		}
	}
	return text[:limit]
}
