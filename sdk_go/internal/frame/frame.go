// Package frame cuts a stream of bytes into the frames of oarlock/1: a length of 32 bits and so many bytes, one
// message each. It does no I/O.
package frame

import (
	"encoding/binary"
	"fmt"

	"github.com/oarlock/oarlock/sdk_go/internal/msgpack"
)

// HeadSize is the number of bytes of a frame's length.
const HeadSize = 4

const firstBuffer = 16 << 10

// Error is a breach of the protocol by the peer; Code goes into DRAIN.
type Error struct{ Code, Text string }

func (e *Error) Error() string { return e.Text }

// Errorf returns a breach with the code `protocol`.
func Errorf(format string, args ...any) error {
	return &Error{Code: "protocol", Text: fmt.Sprintf(format, args...)}
}

// Cutter finds the frames in what a socket delivers, however it was cut on the way.
type Cutter struct {
	MaxFrame int // bytes of one value, its length not counted
	buffer   []byte
	read     int
	written  int
}

// Space returns room to read into; call [Cutter.Filled] with the number of bytes that were put there.
func (c *Cutter) Space() []byte {
	if c.read == c.written {
		c.read, c.written = 0, 0
		if len(c.buffer) > 8*firstBuffer {
			c.buffer = nil // a large message has passed
		}
	}
	if c.buffer == nil {
		c.buffer = make([]byte, firstBuffer)
	}
	if len(c.buffer)-c.written < len(c.buffer)/4 {
		pending := c.buffer[c.read:c.written]
		if len(pending) > len(c.buffer)/2 {
			c.buffer = make([]byte, 2*len(c.buffer))
		}
		c.written = copy(c.buffer, pending)
		c.read = 0
	}
	return c.buffer[c.written:]
}

// Filled takes note of n bytes in the room that [Cutter.Space] returned.
func (c *Cutter) Filled(n int) { c.written += n }

// Next returns the next frame, without its length and as a copy; nil if it is not whole yet.
// An error is an [*Error]; a length that is not allowed is noticed before the rest has come.
func (c *Cutter) Next() ([]byte, error) {
	pending := c.buffer[c.read:c.written]
	if len(pending) < HeadSize {
		return nil, nil
	}
	size := binary.BigEndian.Uint32(pending)
	if size == 0 || uint64(size) > uint64(c.MaxFrame) {
		return nil, Errorf("a frame of %d bytes; from 1 to %d are allowed", size, c.MaxFrame)
	}
	end := HeadSize + int(size)
	if len(pending) < end {
		return nil, nil
	}
	c.read += end
	return append(make([]byte, 0, size), pending[HeadSize:end]...), nil
}

// Check reports whether a frame is one message as oarlock/1 has them, and whether a blob is in it.
// The message's type is then its second byte.
func Check(frame []byte) (hasBlob bool, err error) {
	if len(frame) < 2 || frame[0] < 0x91 || frame[0] > 0x9f || frame[1] > 0x7f {
		return false, Errorf("not a message: it begins with %x", frame[:min(2, len(frame))])
	}
	hasBlob, err = msgpack.Check(frame)
	if err != nil {
		return false, Errorf("%v", err)
	}
	return hasBlob, nil
}

// Begin appends room for a frame's length; [End] fills it in.
func Begin(b []byte) []byte { return append(b, 0, 0, 0, 0) }

// End fills in the length of the frame that begins at start, and returns b.
func End(b []byte, start int) []byte {
	binary.BigEndian.PutUint32(b[start:], uint32(len(b)-start-HeadSize))
	return b
}
