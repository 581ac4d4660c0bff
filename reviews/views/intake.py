"""How the letters came in and, once they are open, what they hold."""

from django.shortcuts import render
from django.utils.translation import gettext as _
from django_countries import countries

from chang_e8_portal import clock
from proposals.models import CallSeal
from proposals.states import Level, ProjectType
from reviews import intake, permissions
from reviews.panel_letters import open_letters
from reviews.views.access import PanelPage


class Intake(PanelPage):
    """The number of letters and their curve, for the officers; their contents for the chair."""

    action = "count"

    def get(self, request):
        if self.call is None:
            return render(request, "panel/intake.html", {"call": None})
        now = clock.now()
        opened = self.call.is_opened()
        context = {
            "call": self.call,
            "now": now,
            "opened": opened,
            "curve": intake.curve(self.call, until=min(now, self.call.closes_at)),
            # What happened to a letter after the cutoff is not part of the curve.
            "standing": self.call.letters.filed().count(),
            "seal": CallSeal.objects.filter(call=self.call).first(),
            "in_panel": permissions.can(request.user, "panel"),
        }
        if opened and context["in_panel"]:
            letters = open_letters(request.user, self.call)
            context |= _contents(intake.contents(letters), self.call)
        return render(request, "panel/intake.html", context)


def _contents(found, call) -> dict:
    names = {
        "title_zh": _("Title in Chinese"),
        "co_investigators": _("Co-investigators named"),
        "partners": _("Partner organisations named"),
        "budget": _("Own budget given"),
        "flight_model": _("Delivery of the flight model given"),
    }
    held = [(kind.label, number) for kind, number in found["attached"]]
    held += [(names[key], number) for key, number in found["answered"].items()]
    return {
        "contents": found,
        "limit": call.lander_mass_kg,
        "groups": [
            (_("Cooperation level"), [(Level(k).label, n) for k, n in found["levels"] if k]),
            (_("Project type"), [(ProjectType(k).label, n) for k, n in found["types"] if k]),
            (
                _("Country or region of the lead agency"),
                [
                    # As `Agency.place` puts it.
                    (said or countries.name(code) or _("International organisation"), n)
                    for code, said, n in found["places"]
                ],
            ),
            (_("What the letters hold beyond what is required"), held),
        ],
    }
