"""/panel/: what the chair sees and does."""

from django.urls import path

from reviews.views import (
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

urlpatterns = [
    path("", panel.Home.as_view(), name="home"),
    path("criteria/", rubric.Rubric.as_view(), name="criteria"),
    path("criteria/edit/", rubric.edit_rubric, name="edit_criteria"),
    path("intake/", intake.Intake.as_view(), name="intake"),
    path("screening/", letters.ScreeningList.as_view(), name="screening"),
    path("letters.csv", exports.LettersCsv.as_view(), name="letters_csv"),
    path("letters.xlsx", exports.LettersXlsx.as_view(), name="letters_xlsx"),
    path("duplicates/", likeness.Duplicates.as_view(), name="duplicates"),
    path("duplicates/<uuid:pk>/<uuid:other>/", likeness.Compare.as_view(), name="compare"),
    path("letters/<uuid:pk>/", letters.PanelLetter.as_view(), name="letter"),
    path("letters/<uuid:pk>/question/", questions.AskAgency.as_view(), name="question"),
    path(
        "letters/<uuid:pk>/files/<slug:kind>/",
        letters.PanelLetterFile.as_view(),
        name="letter_file",
    ),
    path("reviewers/", pool.Pool.as_view(), name="reviewers"),
    path("reviewers.csv", pool.PoolTable.as_view(), name="reviewers_csv"),
    path("reviewers/invite/", invitations.Invite.as_view(), name="invite"),
    path("reviewers/invitations/", invitations.Invitations.as_view(), name="invitations"),
    path(
        "reviewers/invitations.csv", invitations.InvitationsTable.as_view(), name="invitations_csv"
    ),
    path("reviewers/roles/", invitations.GrantReviewers.as_view(), name="grant_reviewers"),
    path("conflicts/", register.Register.as_view(), name="conflicts"),
    path("conflicts.csv", register.RegisterTable.as_view(ending="csv"), name="conflicts_csv"),
    path("conflicts.xlsx", register.RegisterTable.as_view(ending="xlsx"), name="conflicts_xlsx"),
    path("conflicts/<int:pk>/", register.Ruling.as_view(), name="conflict"),
    path("conflicts/record/", register.Record.as_view(), name="record_conflict"),
    path("conflicts/competing/", competing.Competing.as_view(), name="competing"),
    path("conflicts/mine/", conflicts.ChairConflicts.as_view(), name="own_conflicts"),
    path("assignments/<uuid:pk>/", assignment.ChangeAssignment.as_view(), name="change"),
    # <slug> is a round: preliminary or final.
    path("<slug:slug>/assignment/", assignment.AssignmentList.as_view(), name="assignment"),
    path("<slug:slug>/assignment.csv", assignment.AssignmentTable.as_view(), name="assignment_csv"),
    path("<slug:slug>/assignment/<uuid:pk>/", assignment.AssignLetter.as_view(), name="assign"),
    path("<slug:slug>/assignment/plan/", planning.Plans.as_view(), name="plans"),
    path("<slug:slug>/assignment/plan/<uuid:pk>/", planning.PlanPage.as_view(), name="plan"),
    path(
        "<slug:slug>/assignment/plan/<uuid:pk>/state/",
        planning.PlanProgress.as_view(),
        name="plan_state",
    ),
    path(
        "<slug:slug>/assignment/plan/<uuid:pk>/apply/",
        planning.ApplyPlan.as_view(),
        name="apply_plan",
    ),
    path("<slug:slug>/progress/", progress.Progress.as_view(), name="progress"),
    path("<slug:slug>/reviews.csv", review_exports.ReviewsCsv.as_view(), name="reviews_csv"),
    path("<slug:slug>/reviews.xlsx", review_exports.ReviewsXlsx.as_view(), name="reviews_xlsx"),
    path("<slug:slug>/discussion/", discussions.Discussions.as_view(), name="discussions"),
    path("<slug:slug>/discussion/<uuid:pk>/", discussion.panel_discussion, name="discussion"),
    path(
        "<slug:slug>/discussion/<uuid:pk>/consensus/",
        discussion.panel_consensus,
        name="consensus",
    ),
    path("<slug:slug>/ranking/", ranking.RankingPage.as_view(), name="ranking"),
    path(
        "<slug:slug>/ranking.csv",
        downloads.RankingTable.as_view(ending="csv"),
        name="ranking_csv",
    ),
    path(
        "<slug:slug>/ranking.xlsx",
        downloads.RankingTable.as_view(ending="xlsx"),
        name="ranking_xlsx",
    ),
    path("<slug:slug>/ranking/intervals/", intervals.IntervalsPage.as_view(), name="intervals"),
    path("<slug:slug>/ranking/criteria/", criteria.CriteriaPage.as_view(), name="marks"),
    path(
        "<slug:slug>/ranking/criteria.csv",
        downloads.CriteriaTable.as_view(ending="csv"),
        name="marks_csv",
    ),
    path(
        "<slug:slug>/ranking/criteria.xlsx",
        downloads.CriteriaTable.as_view(ending="xlsx"),
        name="marks_xlsx",
    ),
    path("<slug:slug>/ranking/reviewers/", reviewers.ReviewersPage.as_view(), name="residuals"),
    path("<slug:slug>/ranking/severity/", severity.SeverityPage.as_view(), name="severity"),
    path("<slug:slug>/ranking/score/", asking.ScoreNow.as_view(), name="score"),
    path("<slug:slug>/ranking/aim/", asking.SetAim.as_view(), name="aim"),
    path("<slug:slug>/ranking/freeze/", freeze.Freeze.as_view(), name="freeze"),
]
