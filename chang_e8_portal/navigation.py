"""The main navigation: who is offered which door.

It offers, it does not permit: every view asks its own room's permissions. Nothing here touches the
database beyond ``request.user``, and nothing at all happens on a page that draws no navigation.
"""

from django.conf import settings
from django.urls import NoReverseMatch, reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

# Role -> (address name, label), in the order in which the work is done.
BY_ROLE = {
    "REVIEWER": [
        ("reviews:conflicts", gettext_noop("Conflicts")),
        ("reviews:queue", gettext_noop("My reviews")),
    ],
    "CHAIR": [
        ("panel:home", gettext_noop("Panel")),
        ("decisions:home", gettext_noop("Decisions")),
    ],
    "PUBLISHER": [
        ("decisions:home", gettext_noop("Decisions")),
        ("accounts:publishers", gettext_noop("Publishers")),
    ],
    "AUDITOR": [
        ("panel:intake", gettext_noop("Intake")),
        ("panel:archive", gettext_noop("Archive")),
        ("audit:log", gettext_noop("Audit")),
    ],
    "OPERATOR": [
        ("operations:home", gettext_noop("Operations")),
        ("accounts:everybody", gettext_noop("People")),
        ("panel:intake", gettext_noop("Intake")),
        ("panel:grant_reviewers", gettext_noop("New reviewers")),
        ("admin:index", gettext_noop("Administration")),
    ],
}
PARTNER = [
    ("proposals:list", gettext_noop("Letters")),
    ("accounts:agency", gettext_noop("Agency")),
]
FIRST = [("call", gettext_noop("The call"))]
LAST = [("results", gettext_noop("Results"))]
DEMO = [("demo:mail", gettext_noop("Demo mailbox"))]


def navigation(request):
    """Context processor: ``navigation`` is a list of dicts (label, url, current)."""
    return {"navigation": SimpleLazyObject(lambda: entries(request))}


def entries(request):
    """What ``request.user`` is offered; the entry that holds the open page is marked current."""
    offered: list[dict] = []
    for name, label in doors(getattr(request, "user", None)):
        try:
            url = reverse(name)
        except NoReverseMatch:
            continue  # a room that is not wired in (the demo in production) has no door
        offered.append({"label": _(label), "url": url, "current": False})
    # /reviews/conflicts/ lies under /reviews/ too: the longest address that fits is the open one.
    holding = [e for e in offered if request.path.startswith(e["url"]) and e["url"] != "/"]
    exact = [e for e in offered if request.path == e["url"]]
    for entry in exact or sorted(holding, key=lambda e: len(e["url"]))[-1:]:
        entry["current"] = True
    return offered


def doors(user):
    """The (address name, label) pairs for one person, each door once, in reading order."""
    middle: list = []
    if user is not None and user.is_authenticated:
        if user.is_partner:
            middle += PARTNER
        for role, entries_of_role in BY_ROLE.items():
            if role in user.roles:
                middle += entries_of_role
    demo = DEMO if getattr(settings, "PORTAL_DEMO", False) else []
    return list(dict.fromkeys([*FIRST, *middle, *LAST, *demo]))
