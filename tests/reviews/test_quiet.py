"""Standard output stays clean while the solver works."""

import ctypes
import os
import threading

import pytest
from scipy import optimize

from decisions.portfolio.program import Program
from reviews import assignment
from reviews.quiet import without_stray_lines
from tests.reviews.test_assignment import knotted


def test_lines_of_compiled_code_are_dropped_and_ours_are_not(capfd):
    libc = ctypes.CDLL(None)

    with without_stray_lines():
        libc.puts(b"a stray line")
        os.write(1, b"another one\n")
    print("ours", flush=True)

    assert capfd.readouterr().out == "ours\n"


def test_the_way_out_opens_again_after_a_failure(capfd):
    with pytest.raises(RuntimeError, match="no"), without_stray_lines():
        raise RuntimeError("no")
    print("ours", flush=True)

    assert capfd.readouterr().out == "ours\n"


def test_two_threads_leave_the_way_out_as_it_was(capfd):
    inside, go = threading.Event(), threading.Event()

    def work():
        with without_stray_lines():
            inside.set()
            assert go.wait(30)

    first, second = threading.Thread(target=work), threading.Thread(target=work)
    first.start()
    assert inside.wait(30)
    second.start()
    go.set()
    for one in (first, second):
        one.join(30)
    print("ours", flush=True)

    assert capfd.readouterr().out == "ours\n"


@pytest.fixture
def chatty(monkeypatch):
    """The solver, printing at every call as it does at some; how often it was called."""
    calls = []

    def talking(solve):
        def spoken(*given, **named):
            calls.append(solve.__name__)
            ctypes.CDLL(None).puts(b"a stray line")
            return solve(*given, **named)

        return spoken

    for name in ("milp", "linprog"):
        monkeypatch.setattr(optimize, name, talking(getattr(optimize, name)))
    return calls


def test_nothing_is_printed_where_who_reads_what_is_computed(chatty, capfd):
    # Its fractions split letters, so that it is solved in whole numbers, too.
    assignment.plan(knotted(937), assignment.Rules(load_cost=0, lift_worst=False))
    assert set(chatty) == {"linprog", "milp"}
    assert capfd.readouterr().out == ""


def test_nothing_is_printed_where_a_set_of_letters_is_computed(chatty, capfd):
    program = Program()
    program.columns([-1, -2])
    program.row({0: 1, 1: 1}, high=1)
    assert program.optimum() == pytest.approx([0, 1])
    assert chatty == ["milp"]
    assert capfd.readouterr().out == ""
