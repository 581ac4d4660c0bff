"""Rows: what is kept, what is refused, and that a form gives back what it was given."""

import pytest
from django.core.exceptions import ValidationError
from django.http import QueryDict
from hypothesis import given
from hypothesis import strategies as st

from proposals import reading, rows
from proposals.forms.rows import RowsField
from proposals.reading import Answer
from proposals.templatetags import call_text

LETTERS = "aé\u0301中文🌕 ١.-'"


def texts(cell):
    if cell.kind == rows.PLACE:
        return st.sampled_from(["", "PE", "CN", "HK", "INT"])
    return st.text(LETTERS, max_size=8)


def tables():
    """A table and rows as its form might be given them."""

    def filled(table):
        cells = {cell.name: texts(cell) for cell in table.cells}
        cells |= {"id": st.just("") | st.from_regex(r"[a-z0-9]{8,12}", fullmatch=True)}
        return st.lists(st.fixed_dictionaries(cells), max_size=4)

    return st.sampled_from(list(rows.TABLES.values())).flatmap(
        lambda table: st.tuples(st.just(table), filled(table))
    )


def cleaned(table, value):
    """The rows as they are kept, or None where a fault is found."""
    try:
        return rows.clean(table.name, value)
    except ValidationError:
        return None


def posted(sent):
    data = QueryDict(mutable=True)
    data.update(sent)
    return data


@given(tables())
def test_cleaning_twice_is_cleaning_once(drawn):
    table, value = drawn
    once = cleaned(table, value)
    if once is not None:
        assert rows.clean(table.name, once) == once
        assert len({row["id"] for row in once}) == len(once)
        assert [set(row) for row in once] == [{"id", *(c.name for c in table.cells)}] * len(once)


@given(tables())
def test_a_form_gives_back_the_rows_it_was_given(drawn):
    table, value = drawn
    kept = cleaned(table, value)
    if kept is None:
        return
    field = RowsField(table)
    data = posted(field.as_sent(kept))
    assert field.widget.names_in(data) | {table.name} == set(data)
    assert field.clean(field.widget.value_from_datadict(data, {}, table.name)) == kept


@given(tables())
def test_the_same_rows_without_ids_are_the_same_rows(drawn):
    table, value = drawn
    bare = [{name: text for name, text in row.items() if name != "id"} for row in value]
    assert cleaned(table, bare) == cleaned(table, bare)


@given(tables(), st.integers(0, 40))
def test_empty_rows_vanish_wherever_they_stand_and_the_others_keep_their_order(drawn, at):
    table, value = drawn
    kept = cleaned(table, value)
    empty = dict.fromkeys((cell.name for cell in table.cells), " \t ")
    if kept is not None:
        assert cleaned(table, [*kept[:at], empty, *kept[at:], empty]) == kept


def faults(name, *value):
    with pytest.raises(ValidationError) as refused:
        rows.clean(name, list(value))
    return [(fault.row, fault.cell) for fault in refused.value.error_list], refused.value.messages


def test_a_fault_names_the_row_and_the_field():
    where, sentences = faults(
        "partners",
        {"name": "Dust Institute", "country": "PE"},
        {"name": "", "country": "", "share": "Everything"},
        {"name": "Tides", "country": "Utopia", "share": "x" * 201},
    )
    assert where == [(2, "name"), (3, "country"), (3, "share")]
    assert sentences == [
        "Row 2, organisation: Fill this in, or remove the row.",
        "Row 3, country or region: Choose a country or region from the list.",
        "Row 3, share of the work: Use at most 200 characters; there are 201 now.",
    ]


@pytest.mark.parametrize(
    ("name", "cell"),
    [(table.name, cell.name) for table in rows.TABLES.values() for cell in table.cells],
)
@pytest.mark.parametrize("typed", ["\u202egnp", "\x1b[2J", "\ud800", "\u200b", "a\x00b"])
def test_what_no_field_takes_no_cell_takes(name, cell, typed):
    naming = rows.TABLES[name].naming.name
    where, _sentences = faults(name, {naming: "Dust", cell: typed})
    assert where == [(1, cell)]


@pytest.mark.parametrize("table", rows.TABLES.values(), ids=lambda table: table.name)
def test_limits_count_code_points_and_rows(table):
    naming = table.naming
    full = {naming.name: "🌕" * naming.limit}
    assert rows.clean(table.name, [full] * table.most)[0][naming.name] == full[naming.name]
    assert faults(table.name, {naming.name: "🌕" * (naming.limit + 1)})[0] == [(1, naming.name)]
    with pytest.raises(ValidationError, match=f"at most {table.most} rows"):
        rows.clean(table.name, [full] * (table.most + 1))


def test_only_risks_take_several_lines():
    (risk,) = rows.clean("risks", [{"risk": "One\r\nTwo", "mitigation": ""}])
    assert risk["risk"] == "One\nTwo"
    assert faults("partners", {"name": "One\nTwo"})[0] == [(1, "name")]


@pytest.mark.parametrize(
    "value", ["Dust", {"name": "Dust"}, ["Dust"], [{"name": 7}], [{"name": "Dust", "state": "x"}]]
)
def test_what_is_not_rows_is_refused(value):
    with pytest.raises(ValidationError):
        rows.clean("partners", value)


def test_an_id_that_is_taken_or_malformed_is_given_anew():
    first, second, third = rows.clean(
        "partners",
        [
            {"id": "abcdefgh", "name": "One"},
            {"id": "abcdefgh", "name": "Two"},
            {"id": "<script>", "name": "Three"},
        ],
    )
    assert first["id"] == "abcdefgh"
    assert len({row["id"] for row in (first, second, third)}) == 3
    assert all(row["id"].isalnum() for row in (second, third))


def test_rows_follow_the_page_and_each_answer_in_them_its_own_direction():
    rows = Answer(
        "risks", "Risks", [[("Risk", "برد الليل"), ("Remedy", "A <heater>")]], reading.ROWS
    )
    assert rows.direction == ""
    assert Answer("title", "Title", "برد", reading.WORD).direction == "auto"
    shown = call_text.said(rows)
    assert "<strong><bdi>برد الليل</bdi></strong>" in shown
    assert "Remedy:</span> <bdi>A &lt;heater&gt;</bdi>" in shown
