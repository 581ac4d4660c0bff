import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proposals import content
from tests import make

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(alphabet="abcdé"), inner),
    max_leaves=20,
)


@given(st.dictionaries(st.text(alphabet="abcdé"), JSON))
def test_the_hash_does_not_depend_on_the_order_of_keys_or_on_storage(data):
    turned = dict(reversed(data.items()))
    stored = json.loads(json.dumps(data))
    assert content.digest(data) == content.digest(turned) == content.digest(stored)
    assert json.loads(content.canonical(data)) == data


def test_the_canonical_form_is_the_one_of_rfc_8785():
    assert content.canonical({"b": [1, True, None], "a": "é\n\u20ac"}) == (
        '{"a":"é\\n€","b":[1,true,null]}'.encode()
    )


@pytest.mark.parametrize(
    ("stored", "written"),
    [("6.500", "6.5"), ("100.00", "100"), ("0.00", "0"), ("-0.0", "0"), ("-180.0", "-180")],
)
def test_a_number_is_written_as_people_write_it(stored, written):
    assert content.plain_number(Decimal(stored)) == written


@pytest.mark.django_db
def test_the_content_is_the_same_before_and_after_the_database_pads_its_numbers():
    letter = make.letter(mass_kg=Decimal("6.5"))
    fresh = type(letter).objects.get(pk=letter.pk)
    assert content.of(fresh, version=1) == content.of(letter, version=1)
    assert content.of(fresh, version=1)["fields"]["mass_kg"] == "6.5"
