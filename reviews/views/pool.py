"""The reviewers as the chair sees them: what they know, how much they carry, when they are away."""

from django.db.models import Count, Exists, IntegerField, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from accounts.states import Role
from chang_e8_portal import clock
from reviews import pledges
from reviews.models import Assignment, ConflictCheck, Pledge, Practice, ReviewerProfile
from reviews.states import Expertise
from reviews.views import lists
from reviews.views.access import PanelPage

SORTS = {
    "name": ("name",),
    "load": ("load", "name"),
    "open": ("open_questions", "name"),
}
FILTERS = (
    lists.Select("expertise", gettext_lazy("Expertise"), Expertise.choices),
    lists.Select(
        "only",
        gettext_lazy("Show only"),
        [
            ("away", gettext_lazy("Away today")),
            ("full", gettext_lazy("Carry all they want")),
            ("profile", gettext_lazy("Profile missing")),
            ("pledge", gettext_lazy("Pledge missing")),
            ("questions", gettext_lazy("Conflict questions open")),
        ],
    ),
)


class Pool(PanelPage):
    action = "see_reviewers"

    def get(self, request):
        everybody = self.everybody()
        people, asked = self.shown(everybody)
        page = lists.page_of(request, people)
        return render(
            request,
            "panel/reviewers.html",
            {
                "page": page,
                "lines": lines(page.object_list, at=clock.now()),
                **asked,
                "filters": FILTERS,
                "address": request.GET.urlencode(),
                "total": everybody.count(),
            },
        )

    def everybody(self):
        """Active reviewers with what they carry of the call; letters the chair is barred from
        count for nothing, or a load would tell who reads them.
        """
        barred = ConflictCheck.objects.conflicted().filter(reviewer=self.request.user)
        mine = Assignment.objects.active().filter(
            reviewer=OuterRef("pk"), round__call=self.call, round__in=self.live_rounds()
        )
        mine = mine.exclude(letter__in=barred.values("letter"))
        asked = ConflictCheck.objects.unanswered().filter(
            reviewer=OuterRef("pk"), letter__call=self.call
        )
        asked = asked.exclude(letter__in=barred.values("letter"))
        text = self.call and pledges.text_of(self.call)
        given = Pledge.objects.filter(user=OuterRef("pk"), call=self.call)
        if text:
            given = given.filter(version=text.version, text_sha256=text.sha256)
        practised = Practice.objects.done().filter(user=OuterRef("pk"), call=self.call)
        return (
            User.objects.visible_to(self.request.user)
            .with_role(Role.REVIEWER)
            .active()
            .annotate(
                load=_count(mine.values("reviewer")),
                open_questions=_count(asked.values("reviewer")),
                pledged=Exists(given),
                practised=Exists(practised),
            )
        )

    def live_rounds(self):
        """The round being reviewed: the last one that has assignments, else all."""
        rounds = [one for one in self.rounds if Assignment.objects.filter(round=one).exists()]
        return rounds[-1:]

    def shown(self, people) -> tuple:
        """The people the address asks for, in its order, and what it asks for."""
        request = self.request
        chosen = lists.chosen(request, FILTERS)
        words = lists.search_of(request)
        sort = lists.sort_of(request, SORTS, "name")
        own = ReviewerProfile.objects.filter(user=OuterRef("pk"))
        for word in words.split()[:10]:
            known = own.filter(
                Q(keywords__icontains=word) | Q(employer__icontains=word) | Q(about__icontains=word)
            )
            people = people.filter(
                Q(name__icontains=word) | Q(email__icontains=word) | Exists(known)
            )
        if chosen["expertise"]:
            people = people.filter(Exists(own.filter(expertise=chosen["expertise"])))
        today = clock.now().date()
        match chosen["only"]:
            case "away":
                people = people.filter(
                    Exists(own.filter(away_from__lte=today, away_until__gte=today))
                )
            case "full":
                people = people.filter(Exists(own.filter(most_letters__lte=OuterRef("load"))))
            case "profile":
                people = people.exclude(Exists(own))
            case "pledge":
                people = people.filter(pledged=False)
            case "questions":
                people = people.filter(open_questions__gt=0)
        return lists.order(people, SORTS, sort), {"words": words, "chosen": chosen, "sort": sort}


class PoolTable(Pool):
    """Exactly the people the page shows, on all its pages, as a table to download."""

    ending = "csv"
    http_method_names = ("get", "head")

    def get(self, request):
        people, _asked = self.shown(self.everybody())
        header = [
            *(_("Name"), _("E-mail"), _("Expertise"), _("Country or region"), _("Employer")),
            *(_("Keywords"), _("Letters now"), _("At most"), _("Away from"), _("Away until")),
            *(_("Pledge"), _("Open conflict questions"), _("Has practised")),
        ]
        table = []
        for line in lines(people, at=clock.now()):
            person, profile = line["person"], line["profile"]
            known = ["", "", "", "", person.load, "", "", ""]
            if profile:
                known = [
                    profile.get_expertise_display(),
                    profile.country.name,
                    profile.employer,
                    ", ".join(profile.keywords),
                    person.load,
                    profile.most_letters,
                    profile.away_from,
                    profile.away_until,
                ]
            pledged, practised = (
                _("yes") if done else _("no") for done in (person.pledged, person.practised)
            )
            table.append(
                [person.name, person.email, *known, pledged, person.open_questions, practised]
            )
        return lists.as_file("reviewers", self.ending, _("Reviewers"), header, table)


def lines(people, *, at, promised=None) -> list[dict]:
    """Each person with her or his profile, if any, and what is to be said of it.

    `promised` is how many letters an invitation that was accepted spoke of, by the person's id.
    """
    people, promised = list(people), promised or {}
    profiles = ReviewerProfile.objects.select_related("agency").in_bulk(
        [person.pk for person in people], field_name="user_id"
    )
    today = at.date()
    return [
        {
            "person": person,
            "profile": (profile := profiles.get(person.pk)),
            "most": (
                most := _least(profile and profile.most_letters, promised.get(str(person.pk)))
            ),
            "away": bool(
                profile and profile.away_from and profile.away_from <= today <= profile.away_until
            ),
            "full": most is not None and person.load >= most,
        }
        for person in people
    ]


def _least(*numbers):
    """The least of those that are said, or None."""
    return min((number for number in numbers if number is not None), default=None)


def _count(rows):
    """A count as a subquery: two joins side by side would multiply each other."""
    counted = rows.order_by().annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)
