"""The chair's first page."""

from django.db.models import Sum
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from chang_e8_portal import clock
from proposals.models import Call, LetterOfIntent
from proposals.models.call import CallSeal
from reviews import actions, headcount, permissions
from reviews.addresses import named
from reviews.models import Assignment, ConflictCheck, Ranking
from reviews.states import ReviewState
from reviews.views.access import PanelPage

DONE, NOW, NEXT = "done", "now", "next"


class Home(PanelPage):
    """What waits for the chair: the steps of each round, in order, with how far they are."""

    def get(self, request):
        if self.call is None:
            return render(request, "panel/home.html", {"call": None})
        at = clock.now()
        opened = self.call.is_opened()
        sealed = opened or CallSeal.objects.filter(call=self.call).exists()
        filed = self.call.letters.filed().count()
        own = permissions.presided_by(request.user, self.call.letters.filed())
        presided, screened = own.count(), own.filter(screening__isnull=False).count()
        rounds = []
        for call_round in self.rounds:
            steps = steps_of(
                call_round,
                request.user,
                filed=presided,
                screened=screened,
                opened=opened,
                screening_url=self.address("panel:screening"),
                at=at,
            )
            reviews = next(step for step in steps if step["key"] == "reviews")
            rounds.append({"round": call_round, "steps": in_order(steps), "reviews": reviews})
        return render(
            request,
            "panel/home.html",
            {
                "call": self.call,
                "filed": filed,
                "screened": screened,
                "sealed": sealed,
                "opened": opened,
                "may_count": opened or permissions.can(request.user, "count"),
                "open": self.call.is_open_at(at),
                "now": at,
                "rounds": rounds,
                # From the page of an earlier one the way leads back to the present one.
                "is_earlier": bool(request.call_code),
                "earlier": [] if request.call_code else Call.objects.earlier(),
            },
        )


def steps_of(call_round, user, *, filed, screened, opened, screening_url, at) -> list[dict]:
    """The steps of one round with what is done of how much; `ready` says whether it has begun.

    Counted over the letters `user` presides over: that a review came in shows in a count.
    """
    slug = named(call_round)
    letters = permissions.presided_by(user, LetterOfIntent.objects.in_round(call_round))
    count = letters.count()
    checks = ConflictCheck.objects.of_reviewers().filter(letter__in=letters.values("pk"))
    asked, answered = checks.count(), checks.filter(answered_at__isnull=False).count()
    active = Assignment.objects.active().filter(round=call_round, letter__in=letters.values("pk"))
    given, out = active.count(), active.pending().count()
    read = active.filter(review__state=ReviewState.SUBMITTED).values("letter")
    unread = letters.exclude(pk__in=read).exists()
    numbers = letters.annotate(needed=headcount.needed(call_round))
    wanted = numbers.aggregate(sum=Sum("needed"))["sum"] or 0
    frozen = Ranking.objects.filter(round=call_round).exists()
    steps = []
    if not call_round.is_final:
        steps.append(
            _step(
                "screening",
                _("Screen the letters"),
                screening_url,
                done=screened,
                of=filed,
                ready=opened,
                waits=_("Begins when two publishers have opened the letters."),
            )
        )
    if call_round.asks_fuller:
        steps.append(_fuller_step(call_round, user, letters, count, at=at))
    steps += [
        _step(
            "conflicts",
            _("Ask about conflicts of interest"),
            reverse("panel:assignment", args=[slug]),
            done=answered,
            of=asked,
            ready=count > 0,
            waits=_("Begins when letters have entered the round."),
        ),
        _step(
            "assignment",
            _("Assign reviewers"),
            reverse("panel:assignment", args=[slug]),
            done=given,
            of=max(wanted, given),
            ready=asked > 0,
            waits=_("Begins when reviewers were asked about conflicts."),
        ),
        _step(
            "reviews",
            _("Reviews come in"),
            reverse("panel:progress", args=[slug]),
            done=given - out,
            of=given,
            ready=given > 0,
            waits=_("Begins when letters are assigned."),
        ),
        _step(
            "ranking",
            _("Freeze the ranking"),
            reverse("panel:ranking", args=[slug]),
            done=int(frozen),
            of=1,
            ready=given > 0 and not out and not unread,
            waits=_("Possible when every review is in or waived, and every letter has one."),
        ),
        _step(
            "decisions",
            _("Decide"),
            _decisions_url(),
            done=0,
            of=0,
            ready=frozen,
            waits=_("Begins when the ranking is frozen."),
        ),
    ]
    return steps


def _fuller_step(call_round, user, letters, count, *, at) -> dict:
    awaited = LetterOfIntent.objects.awaited_in(call_round).values("pk")
    there = count - letters.filter(pk__in=awaited).count()
    # Whoever filed none by the due instant is judged by the letter; nothing waits for them.
    over = at >= call_round.proposals_due_at
    moves = permissions.can(user, "move_due")
    return _step(
        "fuller",
        _("Fuller proposals come in"),
        _decisions_url(),
        done=max(there, 1) if over else there,
        of=max(there, 1) if over else count,
        ready=count > 0,
        waits=_("Begins when the shortlist is published."),
        until=call_round.call.in_words(call_round.proposals_due_at),
        until_url=reverse("panel:fuller_due", args=[call_round.kind.lower()]) if moves else "",
        can_move=not actions.due_fixed_because(call_round, at),
    )


def in_order(steps) -> list[dict]:
    """Each step as done, now (it can be worked on) or next."""
    for step in steps:
        if step["of"] and step["done"] >= step["of"]:
            step["state"] = DONE
        else:
            step["state"] = NOW if step["ready"] else NEXT
    keys = [step["key"] for step in steps]
    frozen = keys.index("ranking")
    if steps[frozen]["state"] == DONE:
        # Questions nobody needs answered any more are not work that waits.
        for step in steps[:frozen]:
            step["state"] = DONE
    return steps


def _step(key, title, url, **how_far):
    return {"key": key, "title": title, "url": url, **how_far}


def _decisions_url():
    """The room above: known by the name of its address only."""
    try:
        return reverse("decisions:home")
    except NoReverseMatch:
        return ""
