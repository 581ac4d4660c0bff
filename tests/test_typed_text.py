"""Whatever people type into a text area of ours is read by the same rules, in every room."""

import importlib
import pkgutil

import pytest
from django import forms
from django.core.exceptions import ValidationError

import accounts.forms
import decisions
import operations
import proposals.forms
import reviews.forms

ROOMS = (accounts.forms, decisions, operations, proposals.forms, reviews.forms)


def _forms():
    """Every form class of ours, found by its module's name."""
    for room in ROOMS:
        for module in pkgutil.walk_packages(room.__path__, f"{room.__name__}."):
            if "forms" in module.name:
                importlib.import_module(module.name)
    found, todo = set(), [forms.BaseForm]
    while todo:
        kind = todo.pop()
        todo += kind.__subclasses__()
        if kind.__module__.split(".")[0] in {room.__name__.split(".")[0] for room in ROOMS}:
            found.add(kind)
    return sorted(found, key=lambda kind: (kind.__module__, kind.__qualname__))


TEXT_AREAS = [
    pytest.param(field, id=f"{kind.__module__}.{kind.__name__}.{name}")
    for kind in _forms()
    for name, field in getattr(kind, "base_fields", {}).items()
    if isinstance(field.widget, forms.Textarea)
]


def test_there_are_text_areas_to_look_at():
    assert len(TEXT_AREAS) > 25


@pytest.mark.parametrize("field", TEXT_AREAS)
@pytest.mark.parametrize(
    "text",
    [
        pytest.param("not \u202edetceles", id="IT12 order reversed"),
        pytest.param("\u200b\u2060", id="IT13 nothing to see"),
        pytest.param("a\x1b[2Jb", id="IT26 control character"),
        pytest.param("a\ud800b", id="IF15 half a character"),
    ],
)
def test_what_cannot_be_meant_is_refused(field, text):
    with pytest.raises(ValidationError):
        field.clean(text)


@pytest.mark.parametrize("field", TEXT_AREAS)
def test_a_line_break_counts_as_one_character(field):
    """As the count beside the field has it, whatever the browser sends."""
    if limit := field.widget.attrs.get("data-limit"):
        assert field.clean("x\r\n" * (int(limit) // 2))
