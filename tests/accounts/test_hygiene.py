import pytest
from django.core.exceptions import ValidationError

from accounts import hygiene


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  Ana Quispe ", "Ana Quispe"),
        ("Z\u0061\u0308hler", "Z\u00e4hler"),
        ("嫦娥八号", "嫦娥八号"),
        ("الأرصاد", "الأرصاد"),
        ("می\u200cخواهم", "می\u200cخواهم"),  # Persian needs the joiner between letters
        ("🚀 Rover 👩‍🚀", "🚀 Rover 👩‍🚀"),
        ("<script>'; {{ 7*7 }} %s", "<script>'; {{ 7*7 }} %s"),
        ("", ""),
        (" \n", ""),
    ],
)
def test_a_line_is_composed_and_trimmed_and_otherwise_as_typed(typed, kept):
    assert hygiene.line(typed) == kept


@pytest.mark.parametrize(
    "typed",
    [
        *("two\nlines", "two\rlines", "a\vb", "a\fb", "a\x1cb", "a\x85b", "a\u2028b", "a\u2029b"),
        *("a\x00b", "a\x1b[2Jb", "a\x7fb", "a\tb"),
        *("a\u202eb", "a\u202ab", "a\u2066b", "a\u2069b"),
        *("a\ud800b", "a\ue000b", "a\uffffb"),
        *("\u200b", "\u200b\u200d", "\u2060", "\u3164", "\u2800", "\u0301"),
    ],
)
def test_a_line_that_cannot_be_printed_or_seen_is_refused(typed):
    with pytest.raises(ValidationError):
        hygiene.line(typed)


@pytest.mark.parametrize(
    "address",
    [
        "a@b.org",
        "first.last+tag@sub.example.co.uk",
        "o'neil@example.org",
        "x@xn--fiq228c.xn--55qx5d",
        f"{'a' * 64}@example.org",
    ],
)
def test_addresses_that_can_be_written_to(address):
    hygiene.check_address(address)


@pytest.mark.parametrize(
    "address",
    [
        *("a@localhost", "a@[127.0.0.1]", "a@127.0.0.1", "a@10.10.10.10", "ａ@ｘ.org", "a@x．org"),
        *("", "@example.org", "a@", "a b@example.org", "a@exa mple.org", "a@-example.org"),
        *("a@example-.org", "a@example..org", "a@.org", "ä@example.org", "a@münchen.de"),
        *('"a b"@example.org', "a@example.org\n", "a@example.org\nBcc: b@example.org", "a@b.o"),
        f"{'a' * 65}@example.org",
    ],
)
def test_addresses_that_cannot(address):
    with pytest.raises(ValidationError):
        hygiene.check_address(address)
