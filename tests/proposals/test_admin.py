import pytest
from django.urls import reverse

from accounts.states import Role
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def operator(client):
    client.force_login(make.user(Role.OPERATOR))
    return client


def test_the_operator_sees_a_call_and_its_rounds_and_moves_neither(operator):
    call = make.call()
    for model, row in (("call", call), ("callround", make.first_round(call))):
        name = f"admin:proposals_{model}"
        assert operator.get(reverse(f"{name}_changelist")).status_code == 200
        assert operator.get(reverse(f"{name}_change", args=[row.pk])).status_code == 200
        assert operator.post(reverse(f"{name}_change", args=[row.pk]), {}).status_code == 403
        assert operator.get(reverse(f"{name}_add")).status_code == 403
        assert operator.post(reverse(f"{name}_delete", args=[row.pk])).status_code == 403


@pytest.mark.parametrize("model", ["letterofintent", "letterversion", "receipt", "attachment"])
def test_letters_are_not_in_it_at_all(operator, model):
    assert operator.get(f"/admin/proposals/{model}/").status_code == 404
