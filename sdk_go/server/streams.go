package server

import (
	"sync"

	"github.com/oarlock/oarlock/sdk_go/internal/frame"
	"github.com/oarlock/oarlock/sdk_go/internal/msgpack"
	"github.com/oarlock/oarlock/sdk_go/internal/table"
	"github.com/oarlock/oarlock/sdk_go/internal/wire"
)

const maxBlobs = 256 << 20 // bytes of large values held for one event

// incoming are the large values that arrive for one event, each until the message that refers to it.
type incoming struct {
	held   int
	parts  map[int64][]byte
	credit map[int64]int
	ended  map[int64]bool
}

func newIncoming() *incoming {
	return &incoming{parts: map[int64][]byte{}, credit: map[int64]int{}, ended: map[int64]bool{}}
}

// add takes a chunk and returns how many bytes the peer should be granted.
func (in *incoming) add(chunk wire.Chunk) (grant int, err error) {
	stream := chunk.Stream
	if stream < 2 || stream%2 != 0 || in.ended[stream] {
		return 0, frame.Errorf("a chunk on stream %d, which the gateway can't use", stream)
	}
	left, ok := in.credit[stream]
	if !ok {
		left = table.Window
	}
	left -= len(chunk.Data)
	if left < 0 || len(chunk.Data) > table.MaxChunk {
		return 0, frame.Errorf("more data on stream %d than was granted", stream)
	}
	if in.held += len(chunk.Data); in.held > maxBlobs {
		return 0, &frame.Error{Code: "limit", Text: "the large values of one event are too large together"}
	}
	in.parts[stream] = append(in.parts[stream], chunk.Data...)
	if chunk.Flags&wire.EndOfStream != 0 {
		in.ended[stream] = true
		delete(in.credit, stream)
		return 0, nil
	}
	if left <= table.Window/2 {
		grant = table.Window - left
		left = table.Window
	}
	in.credit[stream] = left
	return grant, nil
}

// resolve returns what the blobs of a value stand for.
func (in *incoming) resolve(raw []byte) (map[msgpack.Blob][]byte, error) {
	streams := msgpack.Blobs(raw)
	if len(streams) == 0 {
		return nil, nil
	}
	values := make(map[msgpack.Blob][]byte, len(streams))
	for _, blob := range streams {
		var data []byte
		ok := in != nil && in.ended[int64(blob)]
		if ok {
			data, ok = in.parts[int64(blob)]
		}
		if !ok {
			return nil, frame.Errorf("a reference to stream %d, which has not ended", blob)
		}
		delete(in.parts, int64(blob))
		in.held -= len(data)
		values[blob] = data
	}
	return values, nil
}

// outgoing are the windows of the streams that one event sends.
type outgoing struct {
	mu      sync.Mutex
	last    msgpack.Blob
	current msgpack.Blob // the stream that is being sent
	window  int          // bytes that may go on it
	granted chan struct{}
}

func newOutgoing() *outgoing { return &outgoing{last: 1, granted: make(chan struct{}, 1)} }

// open returns the number of a new stream.
func (out *outgoing) open() msgpack.Blob {
	out.last += 2
	return out.last
}

// grant takes note that the peer takes more bytes on a stream. What is granted before the stream's turn can't be: the
// peer grants what it has consumed.
func (out *outgoing) grant(window wire.Window) {
	out.mu.Lock()
	if int64(out.current) == window.Stream {
		out.window += int(window.Bytes)
	}
	out.mu.Unlock()
	select {
	case out.granted <- struct{}{}:
	default:
	}
}

// send writes a value in chunks as the peer takes them. It reports false if done was closed before the end.
func (out *outgoing) send(stream msgpack.Blob, data []byte, window int, write func(piece []byte, end bool), done <-chan struct{}) bool {
	out.mu.Lock()
	out.current, out.window = stream, window
	out.mu.Unlock()
	for len(data) > 0 {
		out.mu.Lock()
		size := min(len(data), table.MaxChunk, out.window)
		out.window -= size
		out.mu.Unlock()
		if size == 0 {
			select {
			case <-out.granted:
				continue
			case <-done:
				return false
			}
		}
		write(data[:size], size == len(data))
		data = data[size:]
	}
	return true
}
