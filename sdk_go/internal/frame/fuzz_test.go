package frame

import (
	"bytes"
	"errors"
	"reflect"
	"testing"

	"github.com/oarlock/oarlock/sdk_go/internal/msgpack"
	"github.com/oarlock/oarlock/sdk_go/internal/vectors"
)

// FuzzCutter feeds bytes of a hostile peer: frames come out the same however they were cut, nothing but a breach of the
// protocol is reported, and what passes the checks can be read and written again.
func FuzzCutter(f *testing.F) {
	for _, key := range []string{"good", "malformed"} {
		var seeds []struct{ Hex string }
		vectors.Load(f, "frames.json", key, &seeds)
		for i, seed := range seeds {
			f.Add(vectors.Bytes(f, seed.Hex), uint16(i))
		}
	}
	f.Fuzz(func(t *testing.T, data []byte, piece uint16) {
		whole, wholeErr := cut(t, data, len(data)+1)
		parts, partsErr := cut(t, data, int(piece)%64+1)
		if !reflect.DeepEqual(whole, parts) || (wholeErr == nil) != (partsErr == nil) {
			t.Fatalf("in pieces: %x, %v; in one: %x, %v", parts, partsErr, whole, wholeErr)
		}
	})
}

func cut(t *testing.T, data []byte, piece int) (frames [][]byte, err error) {
	cutter := Cutter{MaxFrame: 1 << 16}
	for {
		one, err := cutter.Next()
		var breach *Error
		if err != nil && !errors.As(err, &breach) {
			t.Fatalf("%T: %v", err, err)
		}
		if err != nil {
			return frames, err
		}
		if one != nil {
			frames = append(frames, one)
			read(t, one)
			continue
		}
		if len(data) == 0 {
			return frames, nil
		}
		n := copy(cutter.Space(), data[:min(piece, len(data))])
		cutter.Filled(n)
		data = data[n:]
	}
}

func read(t *testing.T, one []byte) {
	hasBlob, err := Check(one)
	if err != nil {
		return
	}
	r := msgpack.NewReader(one)
	value := r.Any(nil)
	if r.More() || (len(msgpack.Blobs(one)) > 0) != hasBlob {
		t.Fatalf("%x is not read to its end", one)
	}
	again := msgpack.AppendPlain(nil, value)
	if _, err := Check(again); err != nil {
		t.Fatalf("%x is written as %x: %v", one, again, err)
	}
	r = msgpack.NewReader(again)
	if reread := r.Any(nil); !reflect.DeepEqual(reread, value) {
		t.Fatalf("%x: %v is read again as %v", one, value, reread)
	}
	moved := msgpack.Extract(one, 8, func([]byte) msgpack.Blob { return 3 })
	if _, err := msgpack.Check(moved); err != nil {
		t.Fatalf("%x with its large values moved: %v", one, err)
	}
}

func TestALongFrameDoesNotKeepItsMemory(t *testing.T) {
	cutter := Cutter{MaxFrame: 1 << 20}
	body := append([]byte{0x92, 0x04, 0xc6, 0, 0x0f, 0, 0}, bytes.Repeat([]byte{'x'}, 0x0f0000)...)
	data := End(append(Begin(nil), body...), 0)
	for len(data) > 0 {
		n := copy(cutter.Space(), data)
		cutter.Filled(n)
		data = data[n:]
	}
	if one, err := cutter.Next(); err != nil || !bytes.Equal(one, body) {
		t.Fatalf("%d bytes, %v", len(one), err)
	}
	cutter.Space()
	if len(cutter.buffer) > firstBuffer {
		t.Fatalf("%d bytes are kept", len(cutter.buffer))
	}
}
