package msgpack

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"unicode/utf8"
)

// MaxDepth is how many arrays and maps may lie within each other, the message being the first.
const MaxDepth = 32

var errShort = errors.New("a value ends early")

// Check walks one value that came from a peer, without building anything, and returns whether a blob is in it.
// An error says which rule of the protocol it breaks: depth, counts beyond the bytes that are there, text that is not
// UTF-8, keys that are not text, numbers that not every language has, unknown extensions, bytes behind the value.
func Check(b []byte) (hasBlob bool, err error) {
	var (
		left  [MaxDepth]int  // values still to come in each open container; of a map, twice its pairs
		isMap [MaxDepth]bool // which of them are maps
		depth int
		pos   int
	)
	for {
		t, err := readToken(b, pos)
		if err != nil {
			return false, err
		}
		if depth > 0 && isMap[depth-1] && left[depth-1]%2 == 0 && t.kind != kindStr {
			return false, errors.New("a key of a map is not a string")
		}
		pos = t.end
		hasBlob = hasBlob || t.kind == kindBlob
		if t.kind == kindArray || t.kind == kindMap {
			if depth == MaxDepth {
				return false, fmt.Errorf("nested more than %d deep", MaxDepth)
			}
			left[depth], isMap[depth] = t.count, t.kind == kindMap
			depth++
		} else if depth > 0 {
			left[depth-1]--
		}
		for depth > 0 && left[depth-1] == 0 {
			if depth--; depth > 0 {
				left[depth-1]--
			}
		}
		if depth == 0 {
			break
		}
	}
	if pos != len(b) {
		return false, fmt.Errorf("%d bytes behind the message", len(b)-pos)
	}
	return hasBlob, nil
}

type kind uint8

const (
	kindNil kind = iota
	kindBool
	kindInt
	kindFloat
	kindStr
	kindBin
	kindBlob
	kindArray
	kindMap
)

// token is one value, or the head of a container.
type token struct {
	kind  kind
	start int    // where its payload begins
	end   int    // behind the value, or behind the head of a container
	count int    // values in an array, twice the pairs of a map
	bits  uint64 // an integer, as int64; a float64; a boolean
}

// readToken reads what begins at pos and checks all of it that can be checked without its neighbours.
func readToken(b []byte, pos int) (token, error) {
	if pos >= len(b) {
		return token{}, errShort
	}
	head := b[pos]
	pos++
	switch {
	case head <= 0x7f:
		return token{kind: kindInt, end: pos, bits: uint64(head)}, nil
	case head >= 0xe0:
		return token{kind: kindInt, end: pos, bits: uint64(int64(int8(head)))}, nil
	case head <= 0x8f:
		return container(kindMap, b, pos, uint64(head&0x0f))
	case head <= 0x9f:
		return container(kindArray, b, pos, uint64(head&0x0f))
	case head <= 0xbf:
		return bytesOf(kindStr, b, pos, uint64(head&0x1f))
	}
	switch head {
	case 0xc0:
		return token{kind: kindNil, end: pos}, nil
	case 0xc2, 0xc3:
		return token{kind: kindBool, end: pos, bits: uint64(head & 1)}, nil
	case 0xca, 0xcb:
		return float(b, pos, 4<<(head-0xca))
	case 0xcc, 0xcd, 0xce, 0xcf:
		return integer(b, pos, 1<<(head-0xcc), false)
	case 0xd0, 0xd1, 0xd2, 0xd3:
		return integer(b, pos, 1<<(head-0xd0), true)
	case 0xc4, 0xc5, 0xc6:
		return sized(kindBin, b, pos, 1<<(head-0xc4))
	case 0xd9, 0xda, 0xdb:
		return sized(kindStr, b, pos, 1<<(head-0xd9))
	case 0xdc, 0xdd:
		return sized(kindArray, b, pos, 2<<(head-0xdc))
	case 0xde, 0xdf:
		return sized(kindMap, b, pos, 2<<(head-0xde))
	case 0xc7, 0xc8, 0xc9:
		return sized(kindBlob, b, pos, 1<<(head-0xc7))
	case 0xd4, 0xd5, 0xd6, 0xd7, 0xd8:
		return extension(b, pos, 1<<(head-0xd4))
	}
	return token{}, fmt.Errorf("%#x begins no value", head)
}

// number reads an unsigned integer of width bytes.
func number(b []byte, pos, width int) (uint64, bool) {
	if len(b)-pos < width {
		return 0, false
	}
	switch width {
	case 1:
		return uint64(b[pos]), true
	case 2:
		return uint64(binary.BigEndian.Uint16(b[pos:])), true
	case 4:
		return uint64(binary.BigEndian.Uint32(b[pos:])), true
	}
	return binary.BigEndian.Uint64(b[pos:]), true
}

func sized(k kind, b []byte, pos, width int) (token, error) {
	size, ok := number(b, pos, width)
	if !ok {
		return token{}, errShort
	}
	pos += width
	switch k {
	case kindArray, kindMap:
		return container(k, b, pos, size)
	case kindBlob:
		return extension(b, pos, size)
	}
	return bytesOf(k, b, pos, size)
}

func container(k kind, b []byte, pos int, count uint64) (token, error) {
	if k == kindMap {
		count *= 2
	}
	if count > uint64(len(b)-pos) {
		return token{}, fmt.Errorf("%d values are announced in %d bytes", count, len(b)-pos)
	}
	return token{kind: k, start: pos, end: pos, count: int(count)}, nil
}

func bytesOf(k kind, b []byte, pos int, size uint64) (token, error) {
	if size > uint64(len(b)-pos) {
		return token{}, errShort
	}
	end := pos + int(size)
	if k == kindStr && !utf8.Valid(b[pos:end]) {
		return token{}, errors.New("a string is not UTF-8")
	}
	return token{kind: k, start: pos, end: end}, nil
}

func integer(b []byte, pos, width int, signed bool) (token, error) {
	v, ok := number(b, pos, width)
	if !ok {
		return token{}, errShort
	}
	if signed {
		shift := 64 - 8*width
		v = uint64(int64(v<<shift) >> shift)
	} else if v > math.MaxInt64 {
		return token{}, errors.New("an integer above 64 bits with a sign")
	}
	return token{kind: kindInt, end: pos + width, bits: v}, nil
}

func float(b []byte, pos, width int) (token, error) {
	bits, ok := number(b, pos, width)
	if !ok {
		return token{}, errShort
	}
	if width == 4 {
		bits = math.Float64bits(float64(math.Float32frombits(uint32(bits))))
	}
	if v := math.Float64frombits(bits); math.IsNaN(v) || math.IsInf(v, 0) {
		return token{}, errors.New("a number that is not finite")
	}
	return token{kind: kindFloat, end: pos + width, bits: bits}, nil
}

func extension(b []byte, pos int, size uint64) (token, error) {
	if uint64(len(b)-pos) < size+1 {
		return token{}, errShort
	}
	if b[pos] != BlobExtension || size != 4 {
		return token{}, fmt.Errorf("an extension of type %d and %d bytes", int8(b[pos]), size)
	}
	return token{kind: kindBlob, start: pos + 1, end: pos + 5}, nil
}
