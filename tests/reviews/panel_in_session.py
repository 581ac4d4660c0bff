"""A round whose panel meets: three letters, three reviewers, two chairs, one person in conflict."""

from datetime import timedelta
from decimal import Decimal

from accounts.states import Role
from reviews import actions
from reviews.models import Meeting
from tests import make

DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)


class Session:
    """`first` is read by `ana` and `ben`, who differ, `second` by `ana` and `cleo`, who agree.

    `cleo` is in hard conflict with `first`, and so is the chair `deputy`. `third` has no review.
    """

    def __init__(self):
        self.call = make.call()
        self.round = make.first_round(self.call)
        make.rubric(self.call)
        self.chair = make.user(Role.CHAIR, name="Chao Chair")
        self.deputy = make.user(Role.CHAIR, name="Dora Deputy")
        self.ana, self.ben, self.cleo = (
            make.reviewer(name=name) for name in ("Ana Reader", "Ben Reader", "Cleo Reader")
        )
        self.first, self.second, self.third = (
            make.eligible_letter(
                call=self.call, chair=self.chair, title=title, agency=make.agency(name=agency)
            )
            for title, agency in (
                ("Ice drill", "Agency of Atlantis"),
                ("Dust counter", "Agency of Lemuria"),
                ("Radio mast", "Agency of Mu"),
            )
        )
        make.check(self.cleo, self.first, conflicted=True)
        make.check(self.deputy, self.first, conflicted=True)
        make.check(self.ben, self.second)
        for reader in (self.ana, self.ben, self.cleo):
            make.check(reader, self.third)
        low = dict.fromkeys(("science", "feasibility"), Decimal(1))
        self.given = {}
        for letter, reader, marks in (
            (self.first, self.ana, None),
            (self.first, self.ben, low),
            (self.second, self.ana, None),
            (self.second, self.cleo, None),
        ):
            own = make.assignment(letter=letter, reviewer=reader, assigned_by=self.chair)
            make.review(of=own, marks=marks)
            self.given[letter.pk, reader.pk] = own
        self.at = self.call.closes_at + 30 * DAY
        self.people = [self.chair, self.deputy, self.ana, self.ben, self.cleo]

    def planned(self, *, invited=None) -> Meeting:
        """A meeting of tomorrow with all three letters on its agenda, `first` first."""
        meeting = actions.make_meeting(
            self.round,
            title="Panel meeting",
            place="Room 5",
            starts_at=self.at + DAY,
            actor=self.chair,
            at=self.at,
        )
        people = self.people if invited is None else invited
        if people:
            actions.invite_to_meeting(meeting, people, actor=self.chair, at=self.at)
        for letter in (self.first, self.second, self.third):
            actions.add_letters(meeting, [letter], actor=self.chair)
        return meeting

    def held(self, *, present=None, **fields) -> Meeting:
        meeting = self.planned(**fields)
        present = self.people if present is None else present
        who = {one.pk for one in present}
        return actions.start_meeting(meeting, who, actor=self.chair, at=self.at + DAY)

    def item(self, meeting, letter):
        return meeting.items.get(letter=letter)

    def called(self, meeting, letter, *, actor=None, at=None):
        """The item of `letter` is on the screens; whoever must leave for it is still there."""
        meeting.refresh_from_db()
        return actions.call_item(
            meeting,
            self.item(meeting, letter),
            seen=meeting.current_id,
            actor=actor or self.chair,
            at=at or self.at + DAY + MINUTE,
        )

    def opened(self, meeting, letter, *, actor=None, at=None):
        """The same, with everybody out who had to go, and open."""
        actor, at = actor or self.chair, at or self.at + DAY + MINUTE
        item = self.called(meeting, letter, actor=actor, at=at)
        if item.state == "CALLED":
            ids = {one.pk for one in self.people}
            actions.confirm_left(meeting, item, ids, actor=actor, at=at)
            item = actions.open_item(meeting, item, actor=actor, at=at)
        return item

    def settled(self, meeting, letter, *, actor=None, decision="SCORED", at=None, **recorded):
        """The same, decided and over."""
        actor, at = actor or self.chair, at or self.at + DAY + MINUTE
        item = self.opened(meeting, letter, actor=actor, at=at)
        recorded = {"more": 0, "reason": "", "note": "", **recorded}
        return actions.record_item(
            meeting, item, decision=decision, ends=True, actor=actor, at=at + MINUTE, **recorded
        )

    def agreed(self, letter, text="Take it."):
        return actions.write_consensus(
            self.round,
            letter,
            changes={"text": text, "minority_view": "Too heavy, says one."},
            marks={"science": "3.5"},
            revision=0,
            actor=self.chair,
        )
