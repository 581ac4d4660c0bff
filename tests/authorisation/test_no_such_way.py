"""Rows V19 and V20: a filed review is deleted by nobody, and its marks are changed by nobody else.

There is no page and no call for either, so what is tried is the method that would delete, and the
ways that exist for a review of one's own. Which refusal it is depends on how far somebody comes.
"""

import pytest
from django.db import transaction
from django.urls import reverse

from tests.authorisation import sent, worlds
from tests.authorisation.people import ROLES, Visitor
from tests.proposals.conftest import everything

pytestmark = pytest.mark.django_db
_REFUSED = {302, 401, 403, 404, 405}  # 302: to the log-in page


def deleting(world, visitor):
    yield visitor.browser.delete(reverse("reviews:review", args=[world.assignment.pk]))
    yield visitor.api("delete", f"reviews/{world.assignment.pk}")


def changing(world, visitor):
    own = {"reviewer": world.assignment.reviewer_id, "opened_by": getattr(visitor.person, "pk", "")}
    yield visitor.post("reviews:review", world.assignment.pk, **sent.a_review(world) | own)
    path = f"reviews/{world.assignment.pk}"
    yield visitor.api("put", path, sent.a_save(world), **sent.REVISION)


# The assigned reviewer may change the review, which is her or his own.
TRIES = [(role, way) for way in (deleting, changing) for role in ROLES]
TRIES.remove(("ra", changing))


@pytest.mark.parametrize(("role", "way"), TRIES)
def test_a_filed_review_stays_as_it_is(it_is, role, way):
    world = worlds.review_filed(it_is)
    visitor = Visitor(role, world.people[role])
    with transaction.atomic():
        before = everything()
        for answer in way(world, visitor):
            assert answer.status_code in _REFUSED
            assert answer.status_code != 302 or answer.url.startswith("/accounts/login/")
            assert everything() == before
        transaction.set_rollback(True)
