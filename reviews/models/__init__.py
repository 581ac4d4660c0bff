"""What the panel knows. Each file holds one matter; the names are imported from here."""

from reviews.models.anonymity import NameSearch
from reviews.models.assignments import Assignment, AssignmentPlan
from reviews.models.conflicts import CompetingLetters, ConflictCheck
from reviews.models.discussion import Consensus, Contribution
from reviews.models.headcount import Headcount
from reviews.models.meeting import Absence, AgendaItem, Meeting, Minutes, Participant
from reviews.models.packs import CommitteePack
from reviews.models.practice import Practice
from reviews.models.rankings import RankedLetter, Ranking
from reviews.models.reviewers import Pledge, ReviewerInvitation, ReviewerProfile
from reviews.models.reviewing import MarkChange, Review, Score
from reviews.models.rubric import BEST_MARK, Criterion, RubricSeal, RubricVersion
from reviews.models.scoring import Aim, Scoreboard, ScoreboardLine, ScoringRun
from reviews.models.wishes import Wish

__all__ = [
    "BEST_MARK",
    "Absence",
    "AgendaItem",
    "Aim",
    "Assignment",
    "AssignmentPlan",
    "CommitteePack",
    "CompetingLetters",
    "ConflictCheck",
    "Consensus",
    "Contribution",
    "Criterion",
    "Headcount",
    "MarkChange",
    "Meeting",
    "Minutes",
    "NameSearch",
    "Participant",
    "Pledge",
    "Practice",
    "RankedLetter",
    "Ranking",
    "Review",
    "ReviewerInvitation",
    "ReviewerProfile",
    "RubricSeal",
    "RubricVersion",
    "Score",
    "Scoreboard",
    "ScoreboardLine",
    "ScoringRun",
    "Wish",
]
