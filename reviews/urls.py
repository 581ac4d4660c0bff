"""/reviews/: what a reviewer reads and writes."""

from django.urls import path

from reviews import api
from reviews.views import conflicts, queue, review

app_name = "reviews"

calls = api.router

urlpatterns = [
    path("", queue.Queue.as_view(), name="queue"),
    path("conflicts/", conflicts.Conflicts.as_view(), name="conflicts"),
    path("<uuid:pk>/", review.ReviewPage.as_view(), name="review"),
    path("<uuid:pk>/reopen/", review.Reopen.as_view(), name="reopen"),
    path("<uuid:pk>/files/<slug:kind>/", review.LetterFile.as_view(), name="letter_file"),
]
