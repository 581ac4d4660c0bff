from contextlib import contextmanager

import pytest
from allauth.mfa.models import Authenticator
from django.conf import settings

from accounts.models import Appointment, Membership, User
from accounts.states import Seat
from audit.models import Entry
from notifications.models import Message
from proposals.models import (
    Attachment,
    CallRound,
    CallSeal,
    Comment,
    DueChange,
    LetterEvent,
    LetterOfIntent,
    LetterVersion,
    Receipt,
    UnfiledText,
)
from reviews.models import AssignmentPlan
from tests import make

KEPT = (
    Appointment,
    AssignmentPlan,
    Attachment,
    Authenticator,
    CallRound,
    CallSeal,
    Comment,
    DueChange,
    Entry,
    LetterEvent,
    LetterOfIntent,
    LetterVersion,
    Message,
    Receipt,
    UnfiledText,
    User,
)


def everything():
    """Every row that the life of a letter or of an account writes, and the names of all files."""
    # The base manager: removed files count too.
    rows = {model: list(model._base_manager.order_by("pk").values()) for model in KEPT}
    for person in rows[User]:
        person.pop("last_login")  # signing in is not what is tried
    return rows, sorted(path for path in settings.PRIVATE_FILES.rglob("*") if path.is_file())


@pytest.fixture
def nothing_written():
    """`with nothing_written(): ...` holds that no row and no file was added, changed or removed."""

    @contextmanager
    def unchanged():
        before = everything()
        yield
        assert everything() == before

    return unchanged


class Cast:
    """One agency with a person in each seat, a stranger from another agency, and a letter."""

    def __init__(self, **letter):
        self.agency = make.agency(name="Space Agency of Atlantis")
        self.representative = make.member(self.agency, name="Rania Haddad")
        self.editor = make.member(self.agency, Seat.EDITOR)
        self.viewer = make.member(self.agency, Seat.VIEWER)
        self.stranger = make.member()
        self.letter = make.letter(agency=self.agency, **letter)
        self.call = self.letter.call

    def colleague(self, seat=Seat.EDITOR):
        person = make.user()
        Membership.objects.create(user=person, agency=self.agency, seat=seat, since=make.OPENS)
        return person


@pytest.fixture
def cast(db, it_is):
    """The call is open, the letter is complete and not submitted."""
    return Cast()


@pytest.fixture
def shared(transactional_db, it_is, request):
    """The cast in rows that other connections can see."""
    return request.getfixturevalue("cast")


@pytest.fixture
def sign_in(client):
    """Sign a person in; they have just given the code that submitting asks for."""

    def enter(person):
        if person is None:
            client.logout()
        else:
            client.force_login(person)
            make.stepped_up(client)
        return client

    return enter
