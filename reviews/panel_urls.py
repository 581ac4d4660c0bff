"""/panel/: what the chair sees and does."""

from django.urls import include, path

from reviews.views import (
    anonymity,
    archive,
    assignment,
    competing,
    conflicts,
    discussion,
    discussions,
    exports,
    intake,
    invitations,
    letters,
    likeness,
    meeting,
    meeting_consensus,
    meeting_minutes,
    meetings,
    moving_due,
    packs,
    panel,
    planning,
    pool,
    progress,
    questions,
    register,
    review_exports,
    rubric,
)
from reviews.views.ranking import (
    asking,
    criteria,
    downloads,
    freeze,
    intervals,
    reviewers,
    severity,
)
from reviews.views.ranking import table as ranking

app_name = "panel"

# About all of a call.
_OF_A_CALL = [
    path("", panel.Home.as_view(), name="home"),
    path("criteria/", rubric.Rubric.as_view(), name="criteria"),
    path("criteria/edit/", rubric.edit_rubric, name="edit_criteria"),
    path("intake/", intake.Intake.as_view(), name="intake"),
    path("screening/", letters.ScreeningList.as_view(), name="screening"),
    path("letters.csv", exports.LettersCsv.as_view(), name="letters_csv"),
    path("letters.xlsx", exports.LettersXlsx.as_view(), name="letters_xlsx"),
    path("duplicates/", likeness.Duplicates.as_view(), name="duplicates"),
    path("duplicates/<uuid:pk>/<uuid:other>/", likeness.Compare.as_view(), name="compare"),
    path("reviewers/", pool.Pool.as_view(), name="reviewers"),
    path("reviewers.csv", pool.PoolTable.as_view(), name="reviewers_csv"),
    path("reviewers.xlsx", pool.PoolTable.as_view(ending="xlsx"), name="reviewers_xlsx"),
    path("reviewers/invite/", invitations.Invite.as_view(), name="invite"),
    path("reviewers/invitations/", invitations.Invitations.as_view(), name="invitations"),
    path(
        "reviewers/invitations.csv", invitations.InvitationsTable.as_view(), name="invitations_csv"
    ),
    path(
        "reviewers/invitations.xlsx",
        invitations.InvitationsTable.as_view(ending="xlsx"),
        name="invitations_xlsx",
    ),
    path("conflicts/", register.Register.as_view(), name="conflicts"),
    path("conflicts.csv", register.RegisterTable.as_view(ending="csv"), name="conflicts_csv"),
    path("conflicts.xlsx", register.RegisterTable.as_view(ending="xlsx"), name="conflicts_xlsx"),
    path("conflicts/<int:pk>/", register.Ruling.as_view(), name="conflict"),
    path("conflicts/record/", register.Record.as_view(), name="record_conflict"),
    path("conflicts/competing/", competing.Competing.as_view(), name="competing"),
    path("conflicts/mine/", conflicts.ChairConflicts.as_view(), name="own_conflicts"),
]

urlpatterns = [
    *_OF_A_CALL,
    path("archive/", archive.Archive.as_view(), name="archive"),
    path("archive/<uuid:pk>/", archive.ArchivedLetter.as_view(), name="archived"),
    path("letters/<uuid:pk>/", letters.PanelLetter.as_view(), name="letter"),
    path("letters/<uuid:pk>/question/", questions.AskAgency.as_view(), name="question"),
    path(
        "letters/<uuid:pk>/files/<slug:kind>/",
        letters.PanelLetterFile.as_view(),
        name="letter_file",
    ),
    path("reviewers/roles/", invitations.GrantReviewers.as_view(), name="grant_reviewers"),
    path("assignments/<uuid:pk>/", assignment.ChangeAssignment.as_view(), name="change"),
    # A round of the present call, or with its code before it of another one.
    path("<round:slug>/assignment/", assignment.AssignmentList.as_view(), name="assignment"),
    path(
        "<round:slug>/assignment.csv", assignment.AssignmentTable.as_view(), name="assignment_csv"
    ),
    path(
        "<round:slug>/assignment.xlsx",
        assignment.AssignmentTable.as_view(ending="xlsx"),
        name="assignment_xlsx",
    ),
    path("<round:slug>/assignment/<uuid:pk>/", assignment.AssignLetter.as_view(), name="assign"),
    path("<round:slug>/assignment/plan/", planning.Plans.as_view(), name="plans"),
    path("<round:slug>/assignment/plan/<uuid:pk>/", planning.PlanPage.as_view(), name="plan"),
    path(
        "<round:slug>/assignment/plan/<uuid:pk>/state/",
        planning.PlanProgress.as_view(),
        name="plan_state",
    ),
    path(
        "<round:slug>/assignment/plan/<uuid:pk>/apply/",
        planning.ApplyPlan.as_view(),
        name="apply_plan",
    ),
    path("<round:slug>/anonymity/", anonymity.Anonymity.as_view(), name="anonymity"),
    path("<round:slug>/progress/", progress.Progress.as_view(), name="progress"),
    path("<round:slug>/progress.csv", progress.ProgressTable.as_view(), name="progress_csv"),
    path(
        "<round:slug>/progress.xlsx",
        progress.ProgressTable.as_view(ending="xlsx"),
        name="progress_xlsx",
    ),
    path("<round:slug>/reviews.csv", review_exports.ReviewsCsv.as_view(), name="reviews_csv"),
    path("<round:slug>/reviews.xlsx", review_exports.ReviewsXlsx.as_view(), name="reviews_xlsx"),
    path("<round:slug>/fuller-due/", moving_due.fuller_due, name="fuller_due"),
    path("<round:slug>/pack/", packs.Packs.as_view(), name="packs"),
    path("<round:slug>/pack/<uuid:pk>/state/", packs.PackProgress.as_view(), name="pack_state"),
    path("<round:slug>/pack/<uuid:pk>/file/", packs.pack_file, name="pack_file"),
    path("<round:slug>/marks.csv", review_exports.MarksCsv.as_view(), name="mark_lines_csv"),
    path("<round:slug>/marks.xlsx", review_exports.MarksXlsx.as_view(), name="mark_lines_xlsx"),
    path("<round:slug>/discussion/", discussions.Discussions.as_view(), name="discussions"),
    path(
        "<round:slug>/discussion.csv",
        discussions.DiscussionsTable.as_view(),
        name="discussions_csv",
    ),
    path(
        "<round:slug>/discussion.xlsx",
        discussions.DiscussionsTable.as_view(ending="xlsx"),
        name="discussions_xlsx",
    ),
    path("<round:slug>/discussion/<uuid:pk>/", discussion.panel_discussion, name="discussion"),
    path(
        "<round:slug>/discussion/<uuid:pk>/consensus/",
        discussion.panel_consensus,
        name="consensus",
    ),
    path("<round:slug>/meetings/", meetings.Meetings.as_view(), name="meetings"),
    path("<round:slug>/meeting/<uuid:pk>/", meeting.MeetingPage.as_view(), name="meeting"),
    path(
        "<round:slug>/meeting/<uuid:pk>/screen/",
        meeting.MeetingScreen.as_view(),
        name="meeting_screen",
    ),
    path(
        "<round:slug>/meeting/<uuid:pk>/change/",
        meetings.ChangeMeeting.as_view(),
        name="meeting_change",
    ),
    path(
        "<round:slug>/meeting/<uuid:pk>/people/",
        meetings.MeetingPeople.as_view(),
        name="meeting_people",
    ),
    path(
        "<round:slug>/meeting/<uuid:pk>/agenda/", meetings.Agenda.as_view(), name="meeting_agenda"
    ),
    path(
        "<round:slug>/meeting/<uuid:pk>/items/<uuid:item>/consensus/",
        meeting_consensus.panel_consensus,
        name="meeting_consensus",
    ),
    path(
        "<round:slug>/meeting/<uuid:pk>/minutes/",
        meeting_minutes.PanelMinutes.as_view(),
        name="meeting_minutes",
    ),
    path(
        "<round:slug>/meeting/<uuid:pk>/minutes.pdf",
        meeting_minutes.PanelMinutesPdf.as_view(),
        name="meeting_minutes_pdf",
    ),
    path("<round:slug>/ranking/", ranking.RankingPage.as_view(), name="ranking"),
    path(
        "<round:slug>/ranking.csv",
        downloads.RankingTable.as_view(ending="csv"),
        name="ranking_csv",
    ),
    path(
        "<round:slug>/ranking.xlsx",
        downloads.RankingTable.as_view(ending="xlsx"),
        name="ranking_xlsx",
    ),
    path("<round:slug>/ranking/intervals/", intervals.IntervalsPage.as_view(), name="intervals"),
    path("<round:slug>/ranking/criteria/", criteria.CriteriaPage.as_view(), name="marks"),
    path(
        "<round:slug>/ranking/criteria.csv",
        downloads.CriteriaTable.as_view(ending="csv"),
        name="marks_csv",
    ),
    path(
        "<round:slug>/ranking/criteria.xlsx",
        downloads.CriteriaTable.as_view(ending="xlsx"),
        name="marks_xlsx",
    ),
    path("<round:slug>/ranking/reviewers/", reviewers.ReviewersPage.as_view(), name="residuals"),
    path("<round:slug>/ranking/severity/", severity.SeverityPage.as_view(), name="severity"),
    path("<round:slug>/ranking/score/", asking.ScoreNow.as_view(), name="score"),
    path("<round:slug>/ranking/one-more/", asking.WantOneMore.as_view(), name="one_more"),
    path("<round:slug>/ranking/aim/", asking.SetAim.as_view(), name="aim"),
    path("<round:slug>/ranking/freeze/", freeze.Freeze.as_view(), name="freeze"),
    # The same about a call that is not the present one.
    path("<str:code>/", include(_OF_A_CALL)),
]
