// Package msgpack is the part of MessagePack that oarlock/1 uses: values are appended to byte slices and read in place,
// without reflection. What comes from a peer goes through [Check] first; everything else relies on that.
package msgpack

import (
	"encoding/binary"
	"math"
	"sort"
	"unicode/utf8"
)

// BlobExtension is the extension type of a value that travels on a stream of its event.
const BlobExtension = 1

// Blob stands for a large value; it is the number of the stream that carries it.
type Blob uint32

// AppendNil appends nil.
func AppendNil(b []byte) []byte { return append(b, 0xc0) }

// AppendBool appends a boolean.
func AppendBool(b []byte, v bool) []byte {
	if v {
		return append(b, 0xc3)
	}
	return append(b, 0xc2)
}

// AppendInt appends an integer in its shortest form.
func AppendInt(b []byte, v int64) []byte {
	switch {
	case v >= 0 && v <= 0x7f, v < 0 && v >= -32:
		return append(b, byte(v))
	case v < 0 && v >= math.MinInt8:
		return append(b, 0xd0, byte(v))
	case v < 0 && v >= math.MinInt16:
		return binary.BigEndian.AppendUint16(append(b, 0xd1), uint16(v))
	case v < 0 && v >= math.MinInt32:
		return binary.BigEndian.AppendUint32(append(b, 0xd2), uint32(v))
	case v < 0:
		return binary.BigEndian.AppendUint64(append(b, 0xd3), uint64(v))
	case v <= math.MaxUint8:
		return append(b, 0xcc, byte(v))
	case v <= math.MaxUint16:
		return binary.BigEndian.AppendUint16(append(b, 0xcd), uint16(v))
	case v <= math.MaxUint32:
		return binary.BigEndian.AppendUint32(append(b, 0xce), uint32(v))
	default:
		return binary.BigEndian.AppendUint64(append(b, 0xcf), uint64(v))
	}
}

// AppendFloat appends a float64, which must be finite.
func AppendFloat(b []byte, v float64) []byte {
	return binary.BigEndian.AppendUint64(append(b, 0xcb), math.Float64bits(v))
}

// AppendText appends what HTTP calls a string: a str if its bytes are UTF-8, else a bin of the same bytes.
func AppendText[T string | []byte](b []byte, v T) []byte {
	if !isUTF8(v) {
		return append(appendHead(b, len(v), 0xc4, 0xc5, 0xc6), v...)
	}
	if len(v) < 32 {
		b = append(b, 0xa0|byte(len(v)))
	} else {
		b = appendHead(b, len(v), 0xd9, 0xda, 0xdb)
	}
	return append(b, v...)
}

// AppendBin appends bytes.
func AppendBin[T string | []byte](b []byte, v T) []byte {
	return append(appendHead(b, len(v), 0xc4, 0xc5, 0xc6), v...)
}

// AppendArray appends the head of an array of n values.
func AppendArray(b []byte, n int) []byte {
	if n < 16 {
		return append(b, 0x90|byte(n))
	}
	return appendHead(b, n, 0, 0xdc, 0xdd)
}

// AppendMap appends the head of a map of n pairs; keys are appended with [AppendText].
func AppendMap(b []byte, n int) []byte {
	if n < 16 {
		return append(b, 0x80|byte(n))
	}
	return appendHead(b, n, 0, 0xde, 0xdf)
}

// AppendBlob appends what stands for the value sent on a stream.
func AppendBlob(b []byte, stream Blob) []byte {
	return binary.BigEndian.AppendUint32(append(b, 0xd6, BlobExtension), uint32(stream))
}

// appendHead appends a type byte and a length of 8, 16 or 32 bits; without a type for 8 bits, 16 are taken.
func appendHead(b []byte, n int, small, medium, large byte) []byte {
	switch {
	case n <= math.MaxUint8 && small != 0:
		return append(b, small, byte(n))
	case n <= math.MaxUint16:
		return binary.BigEndian.AppendUint16(append(b, medium), uint16(n))
	default:
		return binary.BigEndian.AppendUint32(append(b, large), uint32(n))
	}
}

func isUTF8[T string | []byte](v T) bool {
	for i := 0; i < len(v); i++ {
		if v[i] >= utf8.RuneSelf {
			return utf8.ValidString(string(v[i:]))
		}
	}
	return true
}

// AppendPlain appends a value as [Reader.Any] returns it. Maps are written in the order of their keys.
// It panics if the value is of another type.
func AppendPlain(b []byte, v any) []byte {
	switch v := v.(type) {
	case nil:
		return AppendNil(b)
	case bool:
		return AppendBool(b, v)
	case int:
		return AppendInt(b, int64(v))
	case int64:
		return AppendInt(b, v)
	case float64:
		return AppendFloat(b, v)
	case string:
		return AppendText(b, v)
	case []byte:
		return AppendBin(b, v)
	case Blob:
		return AppendBlob(b, v)
	case []any:
		b = AppendArray(b, len(v))
		for _, item := range v {
			b = AppendPlain(b, item)
		}
		return b
	case map[string]any:
		keys := make([]string, 0, len(v))
		for key := range v {
			keys = append(keys, key)
		}
		sort.Strings(keys)
		b = AppendMap(b, len(v))
		for _, key := range keys {
			b = AppendPlain(AppendText(b, key), v[key])
		}
		return b
	}
	panic("msgpack: not a plain value")
}
