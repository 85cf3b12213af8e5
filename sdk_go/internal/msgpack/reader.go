package msgpack

import (
	"encoding/binary"
	"math"
)

// Reader reads values one after the other out of bytes that passed [Check], or that this package wrote.
// A method that finds another kind of value reports it and reads nothing.
type Reader struct {
	b   []byte
	pos int
}

// NewReader returns a reader at the beginning of b.
func NewReader(b []byte) Reader { return Reader{b: b} }

// More reports whether there is a value left.
func (r *Reader) More() bool { return r.pos < len(r.b) }

// take reads a value of one of two kinds.
func (r *Reader) take(one, other kind) (token, bool) {
	t, err := readToken(r.b, r.pos)
	if err != nil || t.kind != one && t.kind != other {
		return token{}, false
	}
	r.pos = t.end
	return t, true
}

// Nil reads nil.
func (r *Reader) Nil() bool {
	_, ok := r.take(kindNil, kindNil)
	return ok
}

// Bool reads a boolean.
func (r *Reader) Bool() (value, ok bool) {
	t, ok := r.take(kindBool, kindBool)
	return t.bits == 1, ok
}

// Int reads an integer.
func (r *Reader) Int() (int64, bool) {
	t, ok := r.take(kindInt, kindInt)
	return int64(t.bits), ok
}

// Whole reads an integer, or a float that is one.
func (r *Reader) Whole() (int64, bool) {
	if v, ok := r.Int(); ok {
		return v, true
	}
	before := r.pos
	if v, ok := r.Number(); ok && v == math.Trunc(v) && math.Abs(v) < 1<<63 {
		return int64(v), true
	}
	r.pos = before
	return 0, false
}

// Number reads an integer or a float.
func (r *Reader) Number() (float64, bool) {
	t, ok := r.take(kindInt, kindFloat)
	if t.kind == kindFloat {
		return math.Float64frombits(t.bits), ok
	}
	return float64(int64(t.bits)), ok
}

// Str reads a str; the bytes belong to the reader's.
func (r *Reader) Str() ([]byte, bool) {
	t, ok := r.take(kindStr, kindStr)
	return r.b[t.start:t.end:t.end], ok
}

// Text reads a str or a bin; the bytes belong to the reader's.
func (r *Reader) Text() ([]byte, bool) {
	t, ok := r.take(kindStr, kindBin)
	return r.b[t.start:t.end:t.end], ok
}

// Bin reads a bin; the bytes belong to the reader's.
func (r *Reader) Bin() ([]byte, bool) {
	t, ok := r.take(kindBin, kindBin)
	return r.b[t.start:t.end:t.end], ok
}

// Blob reads what stands for a value on a stream.
func (r *Reader) Blob() (Blob, bool) {
	t, ok := r.take(kindBlob, kindBlob)
	if !ok {
		return 0, false
	}
	return Blob(binary.BigEndian.Uint32(r.b[t.start:t.end])), true
}

// Array reads the head of an array and returns how many values follow.
func (r *Reader) Array() (int, bool) {
	t, ok := r.take(kindArray, kindArray)
	return t.count, ok
}

// Map reads the head of a map and returns how many pairs follow.
func (r *Reader) Map() (int, bool) {
	t, ok := r.take(kindMap, kindMap)
	return t.count / 2, ok
}

// Raw skips one value and returns its bytes, which belong to the reader's.
func (r *Reader) Raw() []byte {
	start := r.pos
	for values := 1; values > 0; values-- {
		t, err := readToken(r.b, r.pos)
		if err != nil {
			r.pos = len(r.b)
			break
		}
		r.pos = t.end
		values += t.count
	}
	return r.b[start:r.pos:r.pos]
}

// Any reads a value as nil, bool, int64, float64, string, []byte, []any or map[string]any; a blob is what its stream
// carried. All of it is a copy.
func (r *Reader) Any(blobs map[Blob][]byte) any {
	t, err := readToken(r.b, r.pos)
	if err != nil {
		return nil
	}
	r.pos = t.end
	switch t.kind {
	case kindBool:
		return t.bits == 1
	case kindInt:
		return int64(t.bits)
	case kindFloat:
		return math.Float64frombits(t.bits)
	case kindStr:
		return string(r.b[t.start:t.end])
	case kindBin:
		return append([]byte{}, r.b[t.start:t.end]...)
	case kindBlob:
		stream := Blob(binary.BigEndian.Uint32(r.b[t.start:t.end]))
		if data, ok := blobs[stream]; ok {
			return data
		}
		return stream
	case kindArray:
		values := make([]any, t.count)
		for i := range values {
			values[i] = r.Any(blobs)
		}
		return values
	case kindMap:
		values := make(map[string]any, t.count/2)
		for i := 0; i < t.count; i += 2 {
			key, _ := r.Str()
			values[string(key)] = r.Any(blobs)
		}
		return values
	}
	return nil
}

// Blobs returns the streams that stand in a value, in order.
func Blobs(raw []byte) []Blob {
	var streams []Blob
	for pos := 0; pos < len(raw); {
		t, err := readToken(raw, pos)
		if err != nil {
			break
		}
		if t.kind == kindBlob {
			streams = append(streams, Blob(binary.BigEndian.Uint32(raw[t.start:t.end])))
		}
		pos = t.end
	}
	return streams
}

// Extract returns raw with every bin of more than limit bytes replaced by the blob that move returns for it.
// Text stays: a blob stands for bytes, and where any value may stand the receiver could not tell.
func Extract(raw []byte, limit int, move func(data []byte) Blob) []byte {
	var out []byte
	from := 0
	for pos := 0; pos < len(raw); {
		t, err := readToken(raw, pos)
		if err != nil {
			break
		}
		if t.kind == kindBin && t.end-t.start > limit {
			out = AppendBlob(append(out, raw[from:pos]...), move(raw[t.start:t.end]))
			from = t.end
		}
		pos = t.end
	}
	if from == 0 {
		return raw
	}
	return append(out, raw[from:]...)
}
