"""The chunked coding (RFC 9112 §7.1): bytes in, data and trailers out. No I/O."""

from __future__ import annotations

from typing import Final

from oarlock.proxy.exchange import Headers
from oarlock.proxy.head import MalformedHead, encode_fields, parse_field

LAST_CHUNK: Final = b"0\r\n\r\n"

_HEXADECIMAL: Final = b"0123456789abcdefABCDEF"  # int() takes more: signs, spaces, underscores, 0x
_SIZE_DIGITS = 15
_LINE_LENGTH = 1024  # bytes of one size line with its extensions
_EXTENSIONS = 16384  # bytes of extensions of one body: more says nothing that we would read
_TRAILER_BYTES = 16384
_TRAILER_FIELDS = 100

# Read before the body, so of no use after it, and dangerous where somebody merges them (RFC 9110 §6.5.1).
_FORBIDDEN_TRAILERS: Final = frozenset(
    b"authorization cache-control connection content-encoding content-length content-range content-type expect host "
    b"keep-alive max-forwards proxy-authorization proxy-connection range set-cookie te trailer transfer-encoding "
    b"upgrade".split()
)

_SIZE, _DATA, _DATA_END, _TRAILERS, _ENDED = range(5)


class MalformedBody(ValueError):
    """The bytes are not in the chunked coding, or go past its limits; the text says why."""


class ChunkedDecoder:
    """Takes a chunked body as it arrives, however it is cut.

    Attributes:
        ended: the last byte of the body was seen.
        rest: once ended, the bytes that came after it.
        trailers: once ended, its trailer fields, without those that are not allowed there.
    """

    __slots__ = ("_buffer", "_extensions", "_left", "_state", "_trailer_bytes", "ended", "rest", "trailers")

    def __init__(self) -> None:
        self._state = _SIZE
        self._left = 0  # bytes of data that the current chunk still has
        self._buffer = b""  # the beginning of a line
        self._extensions = 0
        self._trailer_bytes = 0
        self.ended = False
        self.rest = b""
        self.trailers: Headers = []

    def feed(self, data: bytes) -> bytes:
        """Return the body's data in `data`; b"" does not mean its end: see `ended`. Raises MalformedBody."""
        out: list[bytes] = []
        at = 0
        if self._buffer:
            data, self._buffer = self._buffer + data, b""
        size = len(data)
        while at < size:
            if self._state == _DATA:
                piece = data[at : at + self._left] if at or self._left < size else data
                out.append(piece)
                at += len(piece)
                self._left -= len(piece)
                if self._left == 0:
                    self._state = _DATA_END
            elif self._state == _DATA_END:
                if data[at : at + 2] != b"\r\n":
                    if size - at > 1 or data[at] != 13:
                        raise MalformedBody("no CRLF after a chunk")
                    self._buffer = data[at:]
                    break
                at += 2
                self._state = _SIZE
            elif self._state == _ENDED:
                self.rest = data[at:]
                break
            else:
                end = data.find(b"\r\n", at)
                if end < 0:
                    self._buffer = data[at:]
                    self._check_unfinished_line(self._buffer)
                    break
                line = data[at:end]
                at = end + 2
                if self._state == _SIZE:
                    self._begin_chunk(line)
                else:
                    self._take_trailer(line)
        return out[0] if len(out) == 1 else b"".join(out)

    def _begin_chunk(self, line: bytes) -> None:
        digits, semicolon, extension = line.partition(b";")
        if semicolon:
            self._extensions += len(extension) + 1
            if len(line) > _LINE_LENGTH or self._extensions > _EXTENSIONS:
                raise MalformedBody("chunk extensions too long")
            if b"\r" in extension or b"\n" in extension or b"\0" in extension:
                raise MalformedBody("control byte in a chunk extension")
        if not digits or len(digits) > _SIZE_DIGITS or digits.translate(None, _HEXADECIMAL):
            raise MalformedBody("bad chunk size")
        self._left = int(digits, 16)
        self._state = _DATA if self._left else _TRAILERS

    def _take_trailer(self, line: bytes) -> None:
        if not line:
            self._state = _ENDED
            self.ended = True
            return
        self._trailer_bytes += len(line)
        if self._trailer_bytes > _TRAILER_BYTES or len(self.trailers) >= _TRAILER_FIELDS:
            raise MalformedBody("trailers too long")
        try:
            field = parse_field(line)
        except MalformedHead as error:
            raise MalformedBody(f"trailer: {error}") from None
        if field[0] not in _FORBIDDEN_TRAILERS:
            self.trailers.append(field)

    def _check_unfinished_line(self, line: bytes) -> None:
        if b"\n" in line or b"\r" in line[:-1]:
            raise MalformedBody("bare CR or LF")
        if len(line) > (_LINE_LENGTH if self._state == _SIZE else _TRAILER_BYTES):
            raise MalformedBody("line too long")
        if self._state == _SIZE and b";" not in line and len(line) > _SIZE_DIGITS + 1:
            raise MalformedBody("bad chunk size")


def encode_chunk(data: bytes | memoryview) -> bytes:
    """One chunk. `data` must not be empty: that would end the body."""
    return b"".join((b"%x\r\n" % len(data), data, b"\r\n"))


def encode_end(trailers: Headers) -> bytes:
    """The last chunk, and the trailers after it."""
    return b"0\r\n%b\r\n" % encode_fields(trailers) if trailers else LAST_CHUNK
