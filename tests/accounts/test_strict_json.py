"""JSON from outside is read strictly: what Python's reader lets through is refused here."""

import time

import pytest

from accounts import strict_json
from accounts.strict_json import Number, Unreadable


def test_values_come_out_as_they_are_and_numbers_as_they_were_written():
    read = strict_json.loads(
        '{"a": [1.50, -0, 1e3, true, null], "b": {"é": "\\ud83d\\ude80"}}'.encode()
    )
    assert read == {"a": ["1.50", "-0", "1e3", True, None], "b": {"é": "🚀"}}
    assert [type(item) for item in read["a"][:3]] == [Number] * 3


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "{]",
        "nonsense",
        '{"a": 1,}',
        "{'a': 1}",
        '{"a": 1} {"b": 2}',
        '{"a": NaN}',
        '{"a": Infinity}',
        '{"a": -Infinity}',
        '{"a": 01}',
        '{"a": 1, "a": 1}',
        '{"a": {"b": 1, "b": 2}}',
        '[{"a": 1, "\\u0061": 2}]',
        '{"a": "\\ud800"}',
        '{"\\udfff": 1}',
        '{"a": ["x", "\\u0000"]}',
        '{"a\\u0000": 1}',
        '{"a": "raw \n line"}',
        '{"a": ' + "9" * 41 + "}",
        '{"a": 1e' + "9" * 41 + "}",
        '{"a": ' + "9" * 5000 + "}",
        "[" * 21 + "]" * 21,
        "[" * 100_000,
        '{"a":' * 100_000,
        "]" * 100_000,
        '\ufeff{"a": 1}',
    ],
    ids=lambda text: text[:24],
)
def test_what_is_not_plain_json_is_refused_with_a_sentence(text):
    # Bad input IT28.
    with pytest.raises(Unreadable, match=r".+\."):
        strict_json.loads(text.encode())


@pytest.mark.parametrize(
    "data", [b'{"a": "\xff"}', b'{"a": "\xed\xa0\x80"}', '{"a": 1}'.encode("utf-16")]
)
def test_what_is_not_utf_8_is_refused(data):
    with pytest.raises(Unreadable):
        strict_json.loads(data)


def test_brackets_in_a_text_are_not_depth():
    assert strict_json.loads(b'{"a": "' + b"[{" * 50 + b'\\"]"}')
    assert strict_json.loads(b"[" * 20 + b"]" * 20)


def test_the_limit_of_bytes_is_exact():
    text = b'"' + b"a" * (strict_json.MOST_BYTES - 2) + b'"'
    assert strict_json.loads(text)
    with pytest.raises(Unreadable):
        strict_json.loads(text + b" ")


@pytest.mark.parametrize(
    "text", [b'"' + b'\\"' * 16_000, b'"\\' * 16_000, b'["' + b"\\\\" * 16_000]
)
def test_a_string_without_an_end_is_refused_at_once(text):
    started = time.process_time()
    with pytest.raises(Unreadable):
        strict_json.loads(text)
    assert time.process_time() - started < 1
