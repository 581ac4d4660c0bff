from datetime import timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from audit import chain
from proposals.models import CallRound
from reviews import scoreboards
from reviews.actions.refusal import Refused
from reviews.actions.rubric import seal_rubric
from reviews.grounds import Grounds, aim_of, fingerprint, grounds
from reviews.models import Aim, Ranking, RubricSeal, Scoreboard, ScoreboardLine, ScoringRun
from reviews.standings import standings

# Up to so many reviews a board is calculated while its reader waits (0.1 s); beyond it by a worker,
# which then keeps a pause: each run is kept for ever.
AT_ONCE = 600
PAUSE = timedelta(hours=1)
# After this long the worker that claimed a board is taken for dead.
LEASE = timedelta(minutes=5)


def score_owed(*, at) -> int:
    """Make the boards whose marks changed, of every call until it is archived: one may open while
    the letters of the one before are still being read. Returns how many were made.
    """
    made = 0
    rounds = CallRound.objects.filter(call__opens_at__lte=at, call__archived_at__isnull=True)
    for call_round in rounds.order_by("call__opens_at", "announced_for", "pk"):
        for board in _boards(call_round):
            if _is_owed(board, at=at) and _claim(board, at=at):
                made += _make(board, actor=None, at=at)
    return made


def ask_for_scores(call_round, *, actor, at) -> bool:
    """Make the board that `actor` reads anew, or leave it to a worker where that takes long.

    Returns whether it is made. A ranking that is frozen keeps the board it was frozen with.
    """
    without = scoreboards.barred_letters(actor, call_round.call_id)
    board = _board(call_round, without)
    ground = grounds(call_round)
    if ground.ranking and board.made_at:
        raise Refused(_("The ranking of this round is already frozen."), code="frozen")
    if fingerprint(ground, aim_of(call_round), without).reviews > AT_ONCE:
        Scoreboard.objects.filter(pk=board.pk).update(asked_at=at)
        return False
    return _make(board, actor=actor, at=at)


@transaction.atomic
def set_aim(call_round, *, top, threshold, actor, at) -> Aim:
    """Say how many letters are to be selected (None: a quarter), and which total passes."""
    call_round = CallRound.objects.select_for_update().get(pk=call_round.pk)
    if Ranking.objects.filter(round=call_round).exists():
        raise Refused(_("The ranking of this round is already frozen."), code="frozen")
    aim, _made = Aim.objects.update_or_create(
        round=call_round, defaults={"top": top, "threshold": threshold}
    )
    chain.append(
        "ranking.aimed",
        subject=f"round:{call_round.pk}",
        actor=str(actor.pk),
        at=at,
        data={"top": top, "threshold": str(threshold)},
    )
    return aim


def calculate(call_round, lines, aim) -> dict:
    """What a run of these standings is or would be: the columns of `ScoringRun`, not saved.

    A run that was made of the same marks in the same way is taken as it is. Empty where nobody has
    judged anything.
    """
    totals = [
        (str(line["letter"].pk), str(reviewer), float(total))
        for line in lines
        for reviewer, total in line["totals"].items()
        if total is not None
    ]
    if not totals:
        return {}
    # Inside, because it takes a second, and most that import this never calculate.
    from reviews.calibration import calibrate, run, table  # noqa: PLC0415

    letters = [str(line["letter"].pk) for line in lines]
    rateable = sum(len([t for t in ln["totals"].values() if t is not None]) > 1 for ln in lines)
    top = aim.top or max(1, round(run.TOP_SHARE * rateable))
    threshold = float(aim.threshold)
    known = ScoringRun.objects.filter(
        round=call_round,
        input_sha256=table.table(totals, letters).sha256(),
        code_version=run.CODE_VERSION,
        parameters__top=top,
        parameters__threshold=threshold,
        parameters__draws=run.DRAWS,
        parameters__seed=run.SEED,
    ).first()
    if known:
        return _columns(known.result)
    found = calibrate(totals, letters=letters, top=top, threshold=threshold)
    return _columns(found.as_dict())


def keep_run(call_round, found, *, actor, at) -> tuple[ScoringRun | None, bool]:
    """The run with these columns, written if it is not there yet, and whether it was.

    For a transaction that holds the round's row; whoever calls it logs a new run (`log_run`) after
    the last lock.
    """
    if not found:
        return None, False
    known = {key: found[key] for key in ("input_sha256", "code_version", "parameters")}
    sealed = RubricSeal.objects.filter(call=call_round.call_id).select_related("version").first()
    return ScoringRun.objects.get_or_create(
        round=call_round,
        **known,
        defaults={
            "result": found["result"],
            "rubric": sealed.version if sealed else None,
            "made_by": actor,
            "made_at": at,
        },
    )


def log_run(run, *, actor, at):
    chain.append(
        "scoring.made",
        subject=f"round:{run.round_id}",
        actor=str(actor.pk) if actor else "",
        at=at,
        data={
            "run": str(run.pk),
            "input_sha256": run.input_sha256,
            "code_version": run.code_version,
            "rubric_sha256": run.rubric.sha256 if run.rubric else None,
            "reviews": len(run.result["reviews"]),
        },
    )


def fill_board(call_round, without, run, lines, ground: Grounds, aim, marks, *, at) -> Scoreboard:
    """Put standings and run on the board, in place of what it held.

    For a transaction that holds the round's row.
    """
    board = _board(call_round, without)
    board = Scoreboard.objects.select_for_update().get(pk=board.pk)
    result = run.result if run else None
    board.run, board.marks, board.made_at = run, marks, at
    board.asked_at = board.claimed_at = None
    board.summary = scoreboards.summary(result) if result else {}
    board.save(update_fields=["run", "marks", "made_at", "asked_at", "claimed_at", "summary"])
    board.lines.all().delete()
    ScoreboardLine.objects.bulk_create(
        scoreboards.lines_of(board, lines, result, rubric=ground.rubric, threshold=aim.threshold),
        batch_size=1000,
    )
    return board


def _make(board, *, actor, at) -> bool:
    """Calculate outside of any lock, then write; False if the ranking was frozen meanwhile."""
    call_round, without = board.round, board.without
    seal_rubric(call_round.call, at=at)
    ground, aim = grounds(call_round), aim_of(call_round)
    # Before the marks are read: what changes between the two is seen as a change.
    marks = fingerprint(ground, aim, without).sha256
    lines = standings(ground, without)
    found = calculate(call_round, lines, aim)
    with transaction.atomic():
        call_round = CallRound.objects.select_for_update().get(pk=call_round.pk)
        frozen = Ranking.objects.filter(round=call_round).exists()
        if frozen != (ground.ranking is not None):
            Scoreboard.objects.filter(pk=board.pk).update(claimed_at=None)
            return False
        run, new = keep_run(call_round, found, actor=actor, at=at)
        fill_board(call_round, without, run, lines, ground, aim, marks, at=at)
        if new:
            log_run(run, actor=actor, at=at)
    return True


def _boards(call_round) -> list[Scoreboard]:
    """A board for every set of eyes; those that nobody needs any more are taken away."""
    wanted = scoreboards.eyes(call_round.call_id)
    scopes = {scoreboards.scope_of(without): without for without in wanted}
    boards = Scoreboard.objects.filter(round=call_round)
    boards.exclude(scope__in=scopes).delete()
    known = {board.scope for board in boards}
    for scope, without in scopes.items():
        if scope not in known:
            _board(call_round, without)
    return list(boards.select_related("round", "run").defer("run__result").order_by("scope"))


def _board(call_round, without) -> Scoreboard:
    scope = scoreboards.scope_of(without)
    board, _made = Scoreboard.objects.get_or_create(
        round=call_round, scope=scope, defaults={"without": list(without)}
    )
    return board


def _is_owed(board, *, at) -> bool:
    now = fingerprint(grounds(board.round), aim_of(board.round), board.without)
    if board.marks == now.sha256 or not (now.letters or board.made_at):
        return False
    rested = board.made_at is None or at - board.made_at >= PAUSE
    return rested or board.asked_at is not None or now.reviews <= AT_ONCE


def _claim(board, *, at) -> bool:
    free = Scoreboard.objects.free_at(at - LEASE).filter(pk=board.pk)
    return free.update(claimed_at=at) == 1


def _columns(result) -> dict:
    return {
        "input_sha256": result["input_sha256"],
        "code_version": result["code_version"],
        "parameters": result["parameters"],
        "result": result,
    }
