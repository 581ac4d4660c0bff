import pytest

from accounts.states import Role
from tests import make


@pytest.fixture
def operator(client):
    person = make.user(Role.OPERATOR)
    client.force_login(person)
    return person
