from django.urls import path

from operations import views

app_name = "operations"

# Without a namespace, beside the checks of load balancers.
metrics = [path("metrics", views.metrics, name="metrics")]

urlpatterns = [
    path("", views.home, name="home"),
    path("mails/", views.ledger, name="ledger"),
    path("mails/again/", views.several, name="several"),
    path("mails/<uuid:pk>/again/", views.mail, name="mail"),
    path("letters/<uuid:pk>/again/", views.again, {"kind": "letter"}, name="letter"),
    path("plans/<uuid:pk>/again/", views.again, {"kind": "plan"}, name="plan"),
    path("packs/<uuid:pk>/again/", views.again, {"kind": "pack"}, name="pack"),
    path("dossiers/<uuid:pk>/again/", views.again, {"kind": "dossier"}, name="dossier"),
]
