"""A letter's fields as JSON: what each holds, made from the columns `proposals.sections` lists.

A new column of a section appears here by itself, in what is read, in what may be written and in the
description of both.
"""

from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.text import capfirst
from django.utils.translation import override
from ninja import Schema
from pydantic import ConfigDict, Field, create_model

from proposals.models import LetterOfIntent
from proposals.sections import FIELDS, SECTIONS

# The letter's columns that agencies write, by name.
COLUMNS = {name: LetterOfIntent._meta.get_field(name) for name in FIELDS}
_NUMBERS = (models.DecimalField, models.IntegerField)


class _Written(Schema):
    model_config = ConfigDict(extra="forbid")


def plain(letter) -> dict:
    """Every field of a letter as JSON holds it.

    Quantities are numbers: none has more than fifteen digits, so every program reads them exactly.
    """
    return {name: _plain(getattr(letter, name)) for name in FIELDS}


def is_number(column) -> bool:
    return isinstance(column, _NUMBERS)


def _plain(value):
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value


def _read_type(column):
    match column:
        case models.BooleanField():
            return bool
        case models.DecimalField():
            return int | float | None
        case models.IntegerField():
            return int | None
        case models.DateField():
            return date | None
        case ArrayField():
            return list[str]
        case models.JSONField():
            return list[dict[str, Any]]
        case models.CharField() if column.choices:
            return Literal[("", *(value for value, _label in column.flatchoices))]
    return str


def _written_type(column):
    """The same, and no more than a form takes: the texts and numbers are judged by the form."""
    match column:
        case models.DecimalField():
            return float | None
        case models.CharField() | models.TextField() if not column.choices:
            return Annotated[str, Field(max_length=column.max_length)]
        case ArrayField():
            return Annotated[list[str], Field(max_length=100)]
    return _read_type(column)


def _description(name) -> str:
    section = next(key for key, section in SECTIONS.items() if name in section.fields)
    with override("en"):
        return f"Section {section.upper()}. {capfirst(COLUMNS[name].verbose_name)}."


def _members(type_of, **default):
    return {
        name: (type_of(column), Field(description=_description(name), **default))
        for name, column in COLUMNS.items()
    }


LetterFields = create_model("LetterFields", __base__=Schema, **_members(_read_type))
LetterChanges = create_model(
    "LetterChanges",
    __base__=_Written,
    __doc__="The fields to write; those left out stay as they are.",
    **_members(_written_type, default=None),
)
