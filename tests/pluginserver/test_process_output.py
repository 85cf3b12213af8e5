"""What becomes of the output of a process that may be broken or hostile."""

from __future__ import annotations

import pytest

from oarlock_pluginserver.output import LineBudget, LineCutter, Tail, printable


@pytest.mark.parametrize("size", [1, 2, 3, 7, 100])
def test_lines_are_the_same_however_the_bytes_arrive(size: int) -> None:
    data = "first\nzwölf Boxkämpfer\r\n\nlast without end".encode()
    cutter = LineCutter()
    lines = [line for at in range(0, len(data), size) for line in cutter.feed(data[at : at + size])]
    assert lines + cutter.end() == ["first", "zwölf Boxkämpfer", "", "last without end"]


def test_a_line_without_end_is_bounded_in_memory_and_says_how_much_is_missing() -> None:
    cutter = LineCutter(max_line=10)
    assert cutter.feed(b"0123456789" * 1000) == []
    assert cutter.feed(b"x\nnext\n") == ["0123456789 [… 9991 bytes more]", "next"]
    assert cutter.end() == []


def test_bytes_that_are_no_text_are_shown_escaped() -> None:
    assert LineCutter().feed(b"caf\xe9 \xff\n") == ["caf\\xe9 \\xff"]


def test_no_output_can_move_the_cursor_or_forge_a_line() -> None:
    assert printable("\x1b[2Ja\rb\x00\x9bc\u2028d\te") == "\\x1b[2Ja\\rb\\x00\\x9bc\\u2028d\te"


def test_lines_beyond_the_budget_are_counted_and_the_budget_comes_back_with_time() -> None:
    budget = LineBudget(per_second=3)
    assert [budget.take(100.0) for _ in range(5)] == [True, True, True, False, False]
    assert not budget.take(100.2)
    assert budget.take(100.6)
    assert budget.take_dropped() == 3
    assert budget.take_dropped() == 0


def test_the_tail_keeps_the_last_lines_and_knows_the_last_that_says_something() -> None:
    tail = Tail(lines=3)
    assert tail.last == ""
    for line in ("one", "two", "  three ", ""):
        tail.append(line)
    assert tail.lines == ["two", "  three ", ""]
    assert tail.last == "three"
