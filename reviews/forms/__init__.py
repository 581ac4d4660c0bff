"""Forms of the panel's rooms. They check what was typed; what it means is the actions' business."""

from reviews.forms import offline, typed, versions
from reviews.forms.aim import AimForm
from reviews.forms.anonymity import LowerForm, NamesForm, NoteForm
from reviews.forms.conflicts import CONFLICT, NO_CONFLICT, ConflictAnswersForm
from reviews.forms.discussing import ConsensusForm, ContributionForm, consensus_values
from reviews.forms.meeting import DecisionForm, MeetingForm, SubjectForm, decision_values
from reviews.forms.moving_due import MoveDueForm
from reviews.forms.packing import PackForm
from reviews.forms.panel import DueForm, MoreTimeForm, QuestionForm, ReasonForm, ScreeningForm
from reviews.forms.people import AnswerForm, InviteForm, PledgeForm, ProfileForm
from reviews.forms.planning import KEEP, NEVER, HeadcountForm, PairsForm, PlanForm
from reviews.forms.practice import PracticeForm
from reviews.forms.register import PairForm, RecordForm, RulingForm
from reviews.forms.review import CANNOT_JUDGE, ReviewForm, mark_text, review_values
from reviews.forms.rubric import RubricForm, rubric_values
from reviews.forms.wishes import WishesForm

__all__ = [
    "CANNOT_JUDGE",
    "CONFLICT",
    "KEEP",
    "NEVER",
    "NO_CONFLICT",
    "AimForm",
    "AnswerForm",
    "ConflictAnswersForm",
    "ConsensusForm",
    "ContributionForm",
    "DecisionForm",
    "DueForm",
    "HeadcountForm",
    "InviteForm",
    "LowerForm",
    "MeetingForm",
    "MoreTimeForm",
    "MoveDueForm",
    "NamesForm",
    "NoteForm",
    "PackForm",
    "PairForm",
    "PairsForm",
    "PlanForm",
    "PledgeForm",
    "PracticeForm",
    "ProfileForm",
    "QuestionForm",
    "ReasonForm",
    "RecordForm",
    "ReviewForm",
    "RubricForm",
    "RulingForm",
    "ScreeningForm",
    "SubjectForm",
    "WishesForm",
    "consensus_values",
    "decision_values",
    "mark_text",
    "offline",
    "review_values",
    "rubric_values",
    "typed",
    "versions",
]
