"""Boards: for whose eyes each is, and its rows out of standings and a scoring run."""

import hashlib
from collections import defaultdict
from decimal import Decimal

from accounts.models import User
from accounts.states import Role
from reviews.models import ConflictCheck, Scoreboard, ScoreboardLine
from reviews.standings import places

# What a run says of one letter, as the row keeps it.
_OF_THE_RUN = (
    *("merit", "merit_error", "place", "group", "expected_rank"),
    *("rank_5", "rank_25", "rank_75", "rank_95", "p_top", "disagreement"),
)


def barred_letters(user, call_id) -> tuple[str, ...]:
    """Ids of the call's letters that `user` may know nothing of, in order."""
    barred = ConflictCheck.objects.conflicted().filter(reviewer=user, letter__call=call_id)
    return _in_order(barred.values_list("letter", flat=True))


def eyes(call_id) -> set[tuple[str, ...]]:
    """What is left out for each of those who may see a ranking; always somebody sees it all."""
    readers = User.objects.active().with_role(Role.CHAIR) | User.objects.active().with_role(
        Role.PUBLISHER
    )
    barred = defaultdict(list)
    pairs = ConflictCheck.objects.conflicted().filter(
        reviewer__in=readers.values("pk"), letter__call=call_id
    )
    for reader, letter in pairs.values_list("reviewer", "letter"):
        barred[reader].append(letter)
    return {(), *map(_in_order, barred.values())}


def scope_of(without) -> str:
    """The name of a board by the letters left out; empty where none is."""
    if not without:
        return ""
    return hashlib.sha256(",".join(without).encode()).hexdigest()


def board_of(user, call_round) -> Scoreboard | None:
    """The board made for what `user` may see of the round, or None if none was made yet."""
    return _board(call_round, barred_letters(user, call_round.call_id))


def whole_board(call_round) -> Scoreboard | None:
    """The board that leaves no letter out: for a check of what all of the panel decided."""
    return _board(call_round, ())


def _board(call_round, without):
    boards = Scoreboard.objects.filter(
        round=call_round, scope=scope_of(without), made_at__isnull=False
    )
    return boards.select_related("run__rubric").defer("run__result", "run__rubric__content").first()


def lines_of(board, standings, result, *, rubric, threshold) -> list[ScoreboardLine]:
    """The rows of a board, not saved: standings, and what the run says where there is one."""
    positions = places(standings)
    scored = {line["letter"]: line for line in result["letters"]} if result else {}
    hinges = _hinges(result) if result else set()
    lowest = {line["code"]: line.get("threshold") for line in rubric}
    rows = []
    for line in standings:
        key = str(line["letter"].pk)
        found = scored.get(key, {})
        rows.append(
            ScoreboardLine(
                board=board,
                letter=line["letter"],
                reviews=line["reviews"],
                total=line["total"],
                position=positions.get(line["letter"].pk),
                means={c: None if m is None else str(m) for c, m in line["means"].items()},
                spread=line["spread"],
                totals_apart=line["totals_apart"],
                marks_apart=line["marks_apart"],
                apart=line["totals_apart"] or bool(line["marks_apart"]),
                below=_is_below(line, lowest, threshold),
                crosses=bool(found.get("crosses_threshold")),
                hinges=key in hinges,
                **{name: found[name] for name in _OF_THE_RUN if name in found},
            )
        )
    return rows


def summary(result) -> dict:
    """What a run says of the round as a whole: how it was made, and what must be known before."""
    rateable = sum(1 for line in result["letters"] if line["status"] == "rated")
    return {
        "notices": [notice["code"] for notice in result["warnings"]],
        "reason": result["correction"]["reason"],
        "evidence": result["correction"]["evidence"],
        "top": result["parameters"]["top"],
        "threshold": result["parameters"]["threshold"],
        "groups": [len(group["letters"]) for group in result["groups"]],
        "bridges": len(result["bridges"]),
        "rateable": rateable,
        "not_rateable": len(result["letters"]) - rateable,
        "reviews": len(result["reviews"]),
        "reviewers": len(result["reviewers"]),
        "sd_letters": _root(result["variance_letters"]),
        "sd_reviewers": _root(result["variance_reviewers"]),
        "sd_noise": _root(result["variance_noise"]),
    }


def _is_below(line, lowest, threshold) -> bool:
    if line["total"] is not None and line["total"] < threshold:
        return True
    return any(
        mean is not None and lowest.get(code) is not None and mean < Decimal(lowest[code])
        for code, mean in line["means"].items()
    )


def _hinges(result) -> set[str]:
    """Letters that one reviewer's removal moves into the best or out of them."""
    return {letter for line in result["reviewers"] for letter in (*line["leave"], *line["enter"])}


def _in_order(letters) -> tuple[str, ...]:
    return tuple(sorted(map(str, letters)))


def _root(variance):
    return None if variance is None else round(variance**0.5, 3)
