from django.urls import path

from accounts import views

app_name = "accounts"

urlpatterns = [
    path("agency/", views.agency, name="agency"),
    path("agency/new/", views.found, name="found"),
    path("agency/invitations/<uuid:invitation>/", views.answer, name="answer"),
    path("agency/<uuid:pk>/", views.detail, name="detail"),
    path("agency/<uuid:pk>/edit/", views.edit, name="edit"),
    path("agency/<uuid:pk>/members/", views.members, name="members"),
    path(
        "agency/<uuid:pk>/invitations/<uuid:invitation>/withdraw/", views.withdraw, name="withdraw"
    ),
    path("accounts/whoami/", views.whoami, name="whoami"),
    path("accounts/home/", views.home, name="home"),
    path("accounts/tokens/", views.tokens, name="tokens"),
    path("accounts/tokens/<uuid:pk>/revoke/", views.revoke_token, name="revoke_token"),
    path("accounts/preferences/", views.preferences, name="preferences"),
]
