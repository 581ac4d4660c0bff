"""How conflicts are weighed: two letters compete, one conflict is soft, one chair steps back."""

from accounts.states import Role
from chang_e8_portal import clock
from chang_e8_portal.demo import content
from chang_e8_portal.demo.story import who_and_when
from proposals.models import LetterOfIntent
from reviews import actions as panel
from reviews.guest_list import Guest
from reviews.models import ConflictCheck

# Keys of letters in the data: two that want the same place, and one of a friend of a chair.
_COMPETING = ("fibre-seismic", "active-hammer")
_OF_A_FRIEND = "penglai-moss"


def weigh(call_round) -> None:
    """Name the pair, soften one conflict, and let the second chair declare one of her own."""
    chair, second = who_and_when.all_with(Role.CHAIR)[:2]
    letters = {
        who_and_when.key_of(letter): letter
        for letter in LetterOfIntent.objects.in_round(call_round).order_by("reference")
    }
    if all(key in letters for key in _COMPETING):
        panel.name_competitors(
            *(letters[key] for key in _COMPETING),
            reason="Both listen to the same ground; there is mass for one.",
            actor=chair,
            at=clock.now(),
        )
    hard = ConflictCheck.objects.conflicted().of_reviewers().filter(letter__in=letters.values())
    if check := hard.order_by("letter__reference", "reviewer__email").first():
        panel.soften_conflict(
            check,
            reason="Same country, and no tie of any other kind.",
            actor=chair,
            at=clock.now(),
        )
    if _OF_A_FRIEND in letters:
        answer = {letters[_OF_A_FRIEND].pk: ("COLLABORATOR", "A paper together in 2022.")}
        panel.answer_conflicts(second, answer, at=clock.now())
    for person in (chair, second):
        asked = ConflictCheck.objects.filter(reviewer=person).unanswered()
        rest = dict.fromkeys(asked.values_list("letter_id", flat=True))
        panel.answer_conflicts(person, rest, at=clock.now())


def invite(call_round) -> None:
    """The chair invites more people; some answer, and one waits for the role."""
    chair = who_and_when.first_with(Role.CHAIR)
    rows = content.people()["invited"]
    made = panel.invite_reviewers(
        call_round,
        [Guest(row["name"], row["email"]) for row in rows],
        letters=5,
        due_at=call_round.reviews_due_at,
        language="en",
        actor=chair,
        at=clock.now(),
    )
    for row, invitation in zip(rows, made, strict=True):
        if row["answer"]:
            panel.answer_reviewer_invitation(
                invitation, accept=row["answer"] == "yes", note=row["note"], at=clock.now()
            )
