"""Standard output stays clean while the solver works."""

import ctypes
import os

import pytest

from reviews.quiet import without_stray_lines


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
