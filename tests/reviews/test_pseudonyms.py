from uuid import uuid4

from hypothesis import given
from hypothesis import strategies as st

from reviews.pseudonyms import pseudonym


@given(st.uuids(), st.uuids(), st.integers(1, 99))
def test_a_name_is_the_same_each_time_and_another_for_every_letter_round_and_person(a, b, round_id):
    name = pseudonym(round_id, a, b)
    assert name == pseudonym(round_id, a, b)
    assert len(name) == 5
    assert name.isalnum()
    assert name != pseudonym(round_id + 1, a, b)
    assert name != pseudonym(round_id, uuid4(), b)
    assert name != pseudonym(round_id, a, uuid4())


def test_names_of_many_people_hardly_ever_meet():
    letter = uuid4()
    assert len({pseudonym(1, letter, uuid4()) for _ in range(200)}) == 200


def test_another_secret_key_gives_other_names(settings):
    ids = 1, uuid4(), uuid4()
    before = pseudonym(*ids)
    settings.SECRET_KEY = "another" * 10
    assert pseudonym(*ids) != before
