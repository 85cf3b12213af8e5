package wire

import (
	"errors"
	"reflect"
	"testing"

	"github.com/oarlock/oarlock/sdk_go/internal/bridge"
	"github.com/oarlock/oarlock/sdk_go/internal/frame"
	"github.com/oarlock/oarlock/sdk_go/internal/msgpack"
	"github.com/oarlock/oarlock/sdk_go/internal/table"
	"github.com/oarlock/oarlock/sdk_go/internal/vectors"
)

type frameVector struct {
	Name     string
	From     string
	Hex      string
	Arrays   []vectors.Value
	Rest     int
	MaxFrame int `json:"max_frame"`
}

// read checks a message of the host as the server does.
func read(data []byte) error {
	var err error
	switch int(data[1]) {
	case table.MsgHello:
		_, err = ReadHello(data)
	case table.MsgPing:
		_, err = ReadPing(data)
	case table.MsgDrain:
		_, _, err = ReadDrain(data)
	case table.MsgStart:
		_, err = ReadStart(data)
	case table.MsgClose:
		_, err = ReadClose(data)
	case table.MsgEvent:
		var event Event
		if event, err = ReadEvent(data); err == nil {
			if _, ok := bridge.NewFacts(event.Facts, false); !ok {
				err = frame.Errorf("facts")
			}
		}
	case table.MsgCancel:
		_, _, err = ReadCancel(data)
	case table.MsgReply:
		_, err = ReadReply(data)
	case table.MsgChunk:
		_, err = ReadChunk(data)
	case table.MsgWindow:
		_, err = ReadWindow(data)
	default:
		err = frame.Errorf("not for a server")
	}
	return err
}

// decode cuts data into frames, fed in pieces, and returns the arrays in them and how many bytes were left.
func decode(data []byte, piece, maxFrame int, check func([]byte) error) (arrays []any, rest int, err error) {
	cutter := frame.Cutter{MaxFrame: maxFrame}
	for len(data) > 0 {
		n := copy(cutter.Space(), data[:min(piece, len(data))])
		cutter.Filled(n)
		rest += n
		data = data[n:]
		for {
			one, err := cutter.Next()
			if err != nil || one == nil {
				if err != nil {
					return arrays, rest, err
				}
				break
			}
			rest -= frame.HeadSize + len(one)
			if _, err := frame.Check(one); err != nil {
				return arrays, rest, err
			}
			if err := check(one); err != nil {
				return arrays, rest, err
			}
			r := msgpack.NewReader(one)
			arrays = append(arrays, r.Any(nil))
		}
	}
	return arrays, rest, nil
}

func plainOf(values []vectors.Value) []any {
	var all []any
	for _, value := range values {
		all = append(all, value.Plain)
	}
	return all
}

func TestFramesAreCutWhereverTheSocketCuts(t *testing.T) {
	var good []frameVector
	vectors.Load(t, "frames.json", "good", &good)
	for _, vector := range good {
		t.Run(vector.Name, func(t *testing.T) {
			data := vectors.Bytes(t, vector.Hex)
			for piece := 1; piece <= len(data)+1; piece++ {
				arrays, rest, err := decode(data, piece, table.MaxFrameDefault, func([]byte) error { return nil })
				if err != nil || rest != vector.Rest || !reflect.DeepEqual(arrays, plainOf(vector.Arrays)) {
					t.Fatalf("in pieces of %d: %v, %d left, %v", piece, arrays, rest, err)
				}
			}
		})
	}
}

func TestMalformedFramesAreBreachesOfTheProtocol(t *testing.T) {
	var malformed []frameVector
	vectors.Load(t, "frames.json", "malformed", &malformed)
	for _, vector := range malformed {
		if vector.From != "host" {
			continue
		}
		t.Run(vector.Name, func(t *testing.T) {
			if vector.MaxFrame == 0 {
				vector.MaxFrame = table.MaxFrameDefault
			}
			arrays, _, err := decode(vectors.Bytes(t, vector.Hex), 1<<20, vector.MaxFrame, read)
			var breach *frame.Error
			if !errors.As(err, &breach) || breach.Code != "protocol" {
				t.Fatalf("%v", err)
			}
			if !reflect.DeepEqual(arrays, plainOf(vector.Arrays)) {
				t.Fatalf("before it: %v", arrays)
			}
		})
	}
}

type messageVector struct {
	Name, Type, From, Hex string
	Array                 vectors.Value
	Fields                vectors.Value
	Encode                *bool
}

func TestMessagesAreReadAsTheVectorSays(t *testing.T) {
	var messages []messageVector
	vectors.Load(t, "messages.json", "messages", &messages)
	for _, vector := range messages {
		t.Run(vector.Name, func(t *testing.T) {
			check := func([]byte) error { return nil }
			if vector.From == "host" {
				check = read
			}
			arrays, rest, err := decode(vectors.Bytes(t, vector.Hex), 1<<20, table.MaxFrameDefault, check)
			if err != nil || rest != 0 || len(arrays) != 1 || !reflect.DeepEqual(arrays[0], vector.Array.Plain) {
				t.Fatalf("%v, %d left, %v", arrays, rest, err)
			}
		})
	}
}

func TestMessagesAreWrittenAsTheVectorSays(t *testing.T) {
	var messages []messageVector
	vectors.Load(t, "messages.json", "messages", &messages)
	for _, vector := range messages {
		write, ok := writers[vector.Type]
		if !ok || vector.From != "server" || vector.Encode != nil && !*vector.Encode {
			continue
		}
		t.Run(vector.Name, func(t *testing.T) {
			fields, _ := vector.Fields.Plain.(map[string]any)
			written := write(fields)
			want := vectors.Bytes(t, vector.Hex)
			got := msgpack.NewReader(written[frame.HeadSize:])
			wanted := msgpack.NewReader(want[frame.HeadSize:])
			if len(written) != len(want) || !reflect.DeepEqual(got.Any(nil), wanted.Any(nil)) { // maps have no order
				t.Fatalf("\n%x instead of\n%x", written, want)
			}
		})
	}
}

var writers = map[string]func(f map[string]any) []byte{
	"PONG": func(f map[string]any) []byte {
		return AppendPong(nil, whole(f["nonce"]), whole(f["running"]), whole(f["oldest_ms"]))
	},
	"DRAIN": func(f map[string]any) []byte { return AppendDrain(nil, text(f["code"]), text(f["text"])) },
	"STARTED": func(f map[string]any) []byte {
		return AppendStarted(nil, whole(f["instance"]), errorOf(f["error"]))
	},
	"DONE": func(f map[string]any) []byte {
		done := Done{Event: whole(f["event"]), Outcome: int(whole(f["outcome"])), Changes: changesOf(f["changes"])}
		if f["detail"] != nil {
			done.Detail = msgpack.AppendPlain(nil, f["detail"])
		}
		done.TookUs, done.WaitUs = whole(f["took_us"]), whole(f["waited_us"])
		if reads, ok := f["reads"].([]any); ok {
			done.Reads, done.NReads = flat(reads), len(reads)
		}
		return AppendDone(nil, done)
	},
	"LOG": func(f map[string]any) []byte {
		line := Line{Event: whole(f["event"]), Level: int(whole(f["level"])), Text: text(f["text"])}
		if data, ok := f["text"].([]byte); ok {
			line.Text = string(data)
		}
		if f["fields"] != nil {
			line.Fields = msgpack.AppendPlain(nil, f["fields"])
		}
		line.Lost, line.Instance = whole(f["lost"]), whole(f["instance"])
		return AppendLog(nil, line)
	},
	"CHUNK": func(f map[string]any) []byte {
		data, _ := f["data"].([]byte)
		if f["trailers"] != nil || whole(f["flags"]) > EndOfStream {
			return vectorsOwn(f)
		}
		stream := msgpack.Blob(whole(f["stream"]))
		return AppendChunk(nil, whole(f["event"]), stream, data, whole(f["flags"]) == EndOfStream)
	},
	"WINDOW": func(f map[string]any) []byte {
		return AppendWindow(nil, whole(f["event"]), whole(f["stream"]), whole(f["bytes"]))
	},
}

// vectorsOwn writes chunks that this server never sends: those of bodies that pass through a plugin.
func vectorsOwn(f map[string]any) []byte {
	fields := []any{f["event"], f["stream"], f["data"], f["flags"], f["trailers"]}
	if fields[4] == nil {
		fields = fields[:4]
	}
	return frame.End(msgpack.AppendPlain(frame.Begin(nil), append([]any{table.MsgChunk}, fields...)), 0)
}

func whole(value any) int64 {
	v, _ := value.(int64)
	return v
}

func text(value any) string {
	v, _ := value.(string)
	return v
}

func flat(values []any) []byte {
	raw := []byte{}
	for _, value := range values {
		raw = msgpack.AppendPlain(raw, value)
	}
	return raw
}

func changesOf(value any) bridge.Changes {
	list, _ := value.([]any)
	return bridge.Changes{Raw: flat(list), N: len(list)}
}

func errorOf(value any) *Error {
	list, ok := value.([]any)
	if !ok {
		return nil
	}
	list = append(list, "", "")
	return &Error{Code: text(list[0]), Text: text(list[1])}
}

func TestWhatIsWrittenPassesTheChecks(t *testing.T) {
	var messages []messageVector
	vectors.Load(t, "messages.json", "messages", &messages)
	for _, vector := range messages {
		data := msgpack.AppendPlain(nil, vector.Array.Plain)
		if _, err := frame.Check(data); err != nil {
			t.Errorf("%s: %v", vector.Name, err)
		}
		r := msgpack.NewReader(data)
		if again := r.Any(nil); !reflect.DeepEqual(again, vector.Array.Plain) {
			t.Errorf("%s: %v", vector.Name, again)
		}
	}
}

func TestACutTextStaysUTF8(t *testing.T) {
	for limit, want := range []string{"", "a", "a", "aé", "aé", "aé", "aé€", "aé€"} {
		if got := Cut("aé€", limit); got != want {
			t.Errorf("%d: %q", limit, got)
		}
	}
	if got := Clean("a\xffb", 10); got != "a\uFFFDb" {
		t.Errorf("%q", got)
	}
}
