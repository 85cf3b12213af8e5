"""The chunked coding, however it is cut."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oarlock.proxy.bodies import IncomingBody
from oarlock.proxy.chunked import ChunkedDecoder, MalformedBody, encode_chunk, encode_end

BODY = b"5\r\nhello\r\n3;a=b\r\nabc\r\n0;x\r\nX-Sum: 1\r\nHost: no\r\n\r\nGET"


def test_a_body_can_be_cut_anywhere() -> None:
    for first in range(len(BODY)):
        for second in range(first, len(BODY)):
            decoder = ChunkedDecoder()
            out = [decoder.feed(piece) for piece in (BODY[:first], BODY[first:second], BODY[second:])]
            rest = b"GET"[: len(BODY) - second] if second > len(BODY) - 3 else b"GET"
            assert b"".join(out) == b"helloabc"
            assert decoder.ended
            assert decoder.rest == rest or second > len(BODY) - 3
            assert decoder.trailers == [(b"x-sum", b"1")]


@given(st.lists(st.binary(min_size=1, max_size=300)), st.integers(1, 64))
def test_what_is_encoded_is_decoded(pieces: list[bytes], step: int) -> None:
    wire = b"".join(map(encode_chunk, pieces)) + encode_end([(b"a", b"b")])
    decoder = ChunkedDecoder()
    out = b"".join(decoder.feed(wire[at : at + step]) for at in range(0, len(wire), step))
    assert (out, decoder.ended, decoder.trailers) == (b"".join(pieces), True, [(b"a", b"b")])


@given(st.binary(max_size=200), st.integers(1, 16))
def test_any_bytes_are_decoded_or_refused_the_same_however_cut(data: bytes, step: int) -> None:
    def run(pieces: list[bytes]) -> tuple[bytes, bool] | None:
        decoder = ChunkedDecoder()
        try:
            return b"".join([decoder.feed(piece) for piece in pieces]), decoder.ended
        except MalformedBody:
            return None

    cut = run([data[at : at + step] for at in range(0, len(data), step)])
    whole = run([data])
    assert cut == whole or (cut is None) != (whole is None)  # sooner or later refused, never read differently
    if cut is not None and whole is not None:
        assert cut == whole


def test_extensions_of_one_body_are_bounded() -> None:
    decoder = ChunkedDecoder()
    with pytest.raises(MalformedBody, match="extensions"):
        decoder.feed((b"1;" + b"x" * 900 + b"\r\na\r\n") * 100)


def test_a_body_of_known_length_ends_there_and_leaves_the_rest() -> None:
    body = IncomingBody(5)
    assert body.feed(b"hel") == b"hel"
    assert not body.ended
    assert body.feed(b"loGET") == b"lo"
    assert (body.ended, body.rest) == (True, b"GET")


def test_a_connection_that_ends_early_cuts_the_body_off() -> None:
    body = IncomingBody(5)
    body.feed(b"hel")
    with pytest.raises(MalformedBody):
        body.feed_end()
