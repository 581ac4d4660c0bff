"""Run as a program: from decisions to a told world, measured in the process.

python -m bench.inside_telling decide ROUND    freeze, decide everything, propose; how many letters
python -m bench.inside_telling press COUNT     set so many letters, and the same pages bare
python -m bench.inside_telling release ROUND   set all letters by a press of no cost, and release
python -m bench.inside_telling mails           wait until the workers have sent what is owed
python -m bench.inside_telling results COUNT   the results page
"""

import io
import json
import logging
import os
import sys
import time

import django
import pikepdf

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chang_e8_portal.settings")
django.setup()

from django.db.models import Max  # noqa: E402
from django.test import Client  # noqa: E402

from accounts.models import Agency, User  # noqa: E402
from accounts.states import Language, Role  # noqa: E402
from bench.inside import expect, measured  # noqa: E402
from chang_e8_portal import clock, collector  # noqa: E402
from decisions import actions, exceptions, letter_facts, rendering  # noqa: E402
from decisions.actions import publishing  # noqa: E402
from decisions.models import DecisionLetter, Publication  # noqa: E402
from decisions.rendering import letter as letter_page  # noqa: E402
from decisions.rendering import press  # noqa: E402
from decisions.states import Outcome, RenderState  # noqa: E402
from notifications.models import Message  # noqa: E402
from notifications.states import MessageState  # noqa: E402
from proposals.models import Call, LetterOfIntent  # noqa: E402
from proposals.printing import press as bare_press  # noqa: E402
from proposals.states import RoundKind  # noqa: E402
from reviews import actions as panel  # noqa: E402
from reviews.models import RankedLetter, Ranking  # noqa: E402

REASON = "The panel found the project of high value and asks the team to go on."
SHORTLISTED, SELECTED = 30, 10
# Chinese beside English for every other agency: the costliest fonts.
SECOND = Language.CHINESE
PATIENCE = 600  # seconds
LETTER_BYTES = 125_000  # between a letter in English and one in Chinese


def decide(kind) -> dict:
    call_round = _round(kind)
    chair, publisher = _people(Role.CHAIR)[0], _people(Role.PUBLISHER)[0]
    agencies = Agency.objects.order_by("pk").values_list("pk", flat=True)
    Agency.objects.filter(pk__in=agencies[::2]).update(letter_language=SECOND)
    ranked = list(LetterOfIntent.objects.to_decide_in(call_round).order_by("reference"))
    if call_round.is_final:
        yes, no = Outcome.SELECTED, Outcome.NOT_SELECTED
        _freeze_as_before(call_round, ranked, chair)
        forward = ranked[:SELECTED]
        # So light that the lander takes all of them.
        LetterOfIntent.objects.filter(pk__in=[one.pk for one in ranked]).update(mass_kg=1)
    else:
        yes, no = Outcome.SHORTLISTED, Outcome.NOT_SHORTLISTED
        panel.freeze_ranking(call_round, actor=chair, at=clock.now())
        forward = ranked[:SHORTLISTED]
    for outcome, letters in ((yes, forward), (no, ranked[len(forward) :])):
        actions.decide_several(
            call_round, letters, outcome=outcome, reason=REASON, actor=chair, at=clock.now()
        )
    _grant(call_round, chair, publisher)
    publication = actions.propose(call_round, actor=publisher, at=clock.now())
    return {"letters": publication.letters.count(), "decisions": len(ranked)}


def _freeze_as_before(call_round, letters, chair):
    """The ranking of a round that nobody reviewed: what is measured comes after it."""
    first = Ranking.objects.get(round=_round(RoundKind.PRELIMINARY))
    ranking = Ranking.objects.create(
        round=call_round, frozen_at=clock.now(), frozen_by=chair, rubric=first.rubric
    )
    rows = {row.letter_id: row for row in RankedLetter.objects.filter(ranking=first)}
    for position, letter in enumerate(letters, 1):
        row = rows[letter.pk]
        row.pk, row.ranking, row.position = None, ranking, position
        row.save(force_insert=True)


def _grant(call_round, chair, publisher):
    """Whoever goes forward against the rules does so by two people."""
    for case in exceptions.of(call_round):
        asked = actions.ask_exception(
            call_round,
            kind=case.kind,
            letter=case.decision and case.decision.letter,
            reason=REASON,
            actor=chair,
            at=clock.now(),
        )
        actions.answer_exception(asked, agrees=True, actor=publisher, at=clock.now())


def press_rate(count) -> dict:
    """Seconds for `count` letters in each language: whole, and the same pages with nothing else."""
    logging.getLogger("weasyprint").setLevel(logging.WARNING)
    figures = {}
    for language in (Language.ENGLISH, SECOND):
        rows = DecisionLetter.objects.filter(language=language).order_by("number")[:count]
        told = [letter_facts.from_json(row.facts) for row in rows]
        pages = [letter_page.html_of(facts) for facts in told]
        rendering.render(told[0])
        bare_press.pdf_from(pages[0], press.STYLE)
        began = time.perf_counter()
        sizes = [len(rendering.render(facts)) for facts in told]
        whole, began = time.perf_counter() - began, time.perf_counter()
        for page in pages:
            bare_press.pdf_from(page, press.STYLE)
        figures[str(language)] = {
            "letters": len(told),
            "seconds": whole,
            "bare_seconds": time.perf_counter() - began,
            "largest": max(sizes),
            "press_mb": _resident(press._press._child.pid) / 1e6,
        }
    return figures


def release(kind) -> dict:
    """The second key, after letters that cost nothing; the readers ask meanwhile."""
    rendering.render = _empty_page
    rendering.findings = lambda pdf, facts, **options: []
    publication = Publication.objects.get(round=_round(kind))
    for letter in publication.letters.values_list("pk", flat=True):
        actions.render_letter(letter, at=clock.now())
    # A worker of the portal may have one in hand.
    while publication.letters.exclude(state=RenderState.READY).exists():
        time.sleep(0.2)
    collector.settle()  # as a web worker did when it started
    reading, read = [], publishing.whole_files

    def timed(of):
        began = time.perf_counter()
        whole = read(of)
        reading.append(time.perf_counter() - began)
        return whole

    publishing.whole_files = timed
    began = time.perf_counter()
    actions.release(
        publication,
        confirmed_count=publication.positive_count,
        actor=_people(Role.PUBLISHER)[1],
        at=clock.now(),
    )
    return {
        "seconds": time.perf_counter() - began - sum(reading),
        "reading": sum(reading),
        "letters": publication.letters.count(),
    }


def _empty_page(facts) -> bytes:
    """What a press of no cost makes: a PDF of its own for each letter, which can be signed and
    weighs what a letter weighs.
    """
    made = io.BytesIO()
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        pdf.Root["/PieceInfo"] = pdf.make_stream(os.urandom(LETTER_BYTES))
        pdf.docinfo["/Title"] = facts.letter_number
        pdf.save(made)
    return made.getvalue()


def mails() -> dict:
    """How fast the workers sent what the first release owed, by what the ledger says."""
    owed = Message.objects.filter(state__in=[MessageState.QUEUED, MessageState.SENDING])
    began = time.perf_counter()
    while Publication.objects.unmailed().exists() or owed.exists():
        if time.perf_counter() - began > PATIENCE:
            raise SystemExit(f"{owed.count()} mails are still owed")
        time.sleep(0.5)
    released = Publication.objects.get(round=_round(RoundKind.PRELIMINARY)).released_at
    told = Message.objects.filter(queued_at__gte=released)
    last = told.aggregate(last=Max("sent_at"))["last"]
    return {
        "mails": told.count(),
        "seconds": (last - released).total_seconds(),
        "not_sent": told.exclude(state=MessageState.SENT).count(),
    }


def results(count) -> dict:
    anybody = Client()
    return measured(lambda _number: expect(anybody.get("/results/"), 200), count)


def _round(kind):
    return Call.objects.current().rounds.get(kind=kind)


def _people(role):
    return list(User.objects.with_role(role).active().order_by("email"))


def _resident(pid) -> int:
    """Resident memory of a process, in bytes."""
    with open(f"/proc/{pid}/statm") as numbers:
        return int(numbers.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


if __name__ == "__main__":
    does = {"decide": decide, "press": press_rate, "release": release, "mails": mails}
    does["results"] = results
    words = [int(word) if word.isdigit() else word for word in sys.argv[2:]]
    print(json.dumps(does[sys.argv[1]](*words)))
