from django.urls import path

from accounts.views import account, agencies, calendar, people, publishers, seats

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
    path("people/", people.everybody, name="everybody"),
    path("people.csv", people.everybody_csv, name="everybody_csv"),
    path("people/search/", people.search, name="search"),
    path("people/new/", people.enrol, name="enrol"),
    path("people/publishers/", publishers.publishers, name="publishers"),
    path("people/publishers/<uuid:pk>/approve/", publishers.approve, name="approve_publisher"),
    path("people/publishers/<uuid:pk>/end/", publishers.end, name="end_proposal"),
    path("people/<uuid:pk>/", people.person, name="person"),
    path("people/<uuid:pk>/roles/", people.roles, name="person_roles"),
    path("people/<uuid:pk>/second-factor/", people.factor, name="person_factor"),
    path("people/<uuid:pk>/account/", people.account, name="person_account"),
    path("accounts/sessions/<int:session>/end/", account.end_session, name="end_session"),
    path("accounts/whoami/", account.whoami, name="whoami"),
    path("accounts/home/", account.home, name="home"),
    path("accounts/tokens/", account.tokens, name="tokens"),
    path("accounts/tokens/<uuid:pk>/revoke/", account.revoke_token, name="revoke_token"),
    path("accounts/calendar/", calendar.address, name="calendar"),
    path("accounts/preferences/", account.preferences, name="preferences"),
]
