"""/reviews/: what a reviewer reads and writes."""

from django.urls import path

from reviews import api
from reviews.views import (
    conflicts,
    discussion,
    files,
    invitations,
    marks,
    meeting_consensus,
    meeting_minutes,
    names,
    offline,
    others,
    own,
    own_meetings,
    practice,
    queue,
    review,
    team,
    wishes,
)

app_name = "reviews"

calls = api.router

urlpatterns = [
    path("", queue.Queue.as_view(), name="queue"),
    path("conflicts/", conflicts.Conflicts.as_view(), name="conflicts"),
    path("conflicts/names/", names.ConflictsByName.as_view(), name="names"),
    path("invitation/<str:secret>/", invitations.answer, name="invitation"),
    path("profile/", own.Profile.as_view(), name="profile"),
    path("pledge/", own.PledgePage.as_view(), name="pledge"),
    path("practice/", practice.PracticeLetter.as_view(), name="practice"),
    path("wishes/", wishes.Wishes.as_view(), name="wishes"),
    path("marks/", marks.MyMarks.as_view(), name="marks"),
    path("thanks/", marks.Thanks.as_view(), name="thanks"),
    path("offline/", offline.Offline.as_view(), name="offline"),
    path("offline/take/", offline.Take.as_view(), name="offline_take"),
    path("offline.csv", offline.OfflineCsv.as_view(), name="offline_csv"),
    path("offline.xlsx", offline.OfflineXlsx.as_view(), name="offline_xlsx"),
    path("meetings/", own_meetings.OwnMeetings.as_view(), name="meetings"),
    path("meetings/<uuid:pk>/", own_meetings.OwnMeetingPage.as_view(), name="meeting"),
    path(
        "meetings/<uuid:pk>/screen/",
        own_meetings.OwnMeetingScreen.as_view(),
        name="meeting_screen",
    ),
    path(
        "meetings/<uuid:pk>/items/<uuid:item>/consensus/",
        meeting_consensus.write_consensus,
        name="meeting_consensus",
    ),
    path(
        "meetings/<uuid:pk>/minutes/", meeting_minutes.OwnMinutes.as_view(), name="meeting_minutes"
    ),
    path(
        "meetings/<uuid:pk>/minutes.pdf",
        meeting_minutes.OwnMinutesPdf.as_view(),
        name="meeting_minutes_pdf",
    ),
    path("<uuid:pk>/", review.review_page, name="review"),
    path("<uuid:pk>/next/", queue.NextLetter.as_view(), name="next"),
    path("<uuid:pk>/reopen/", review.Reopen.as_view(), name="reopen"),
    path("<uuid:pk>/others/", others.Others.as_view(), name="others"),
    path("<uuid:pk>/discussion/", discussion.discussion, name="discussion"),
    path("<uuid:pk>/consensus/", discussion.write_consensus, name="consensus"),
    path("<uuid:pk>/team/", team.Team.as_view(), name="team"),
    path("<uuid:pk>/team/<slug:kind>/", team.TeamFile.as_view(), name="team_file"),
    path("<uuid:pk>/letter.pdf", files.LetterPdf.as_view(), name="letter_pdf"),
    path("<uuid:pk>/files/<slug:kind>/", files.LetterFile.as_view(), name="letter_file"),
]
