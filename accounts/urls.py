from django.urls import path

from accounts.views import account, agencies, calendar, seats

app_name = "accounts"

urlpatterns = [
    path("agency/", agencies.agency, name="agency"),
    path("agency/new/", agencies.found, name="found"),
    path("agency/invitations/<uuid:invitation>/", agencies.answer, name="answer"),
    path("agency/<uuid:pk>/", agencies.detail, name="detail"),
    path("agency/<uuid:pk>/edit/", agencies.edit, name="edit"),
    path("agency/<uuid:pk>/members/", agencies.members, name="members"),
    path(
        "agency/<uuid:pk>/invitations/<uuid:invitation>/withdraw/",
        agencies.withdraw,
        name="withdraw",
    ),
    path("agency/<uuid:pk>/members/<int:seat>/", seats.member, name="member"),
    path("agency/<uuid:pk>/leave/", seats.leave, name="leave"),
    path("agency/<uuid:pk>/hand-over/", seats.hand_over, name="hand_over"),
    path("accounts/sessions/<int:session>/end/", account.end_session, name="end_session"),
    path("accounts/whoami/", account.whoami, name="whoami"),
    path("accounts/home/", account.home, name="home"),
    path("accounts/tokens/", account.tokens, name="tokens"),
    path("accounts/tokens/<uuid:pk>/revoke/", account.revoke_token, name="revoke_token"),
    path("accounts/calendar/", calendar.address, name="calendar"),
    path("accounts/preferences/", account.preferences, name="preferences"),
]
