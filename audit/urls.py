from django.urls import path

from audit import views

app_name = "audit"

# Open to everybody, without a namespace.
public = [path("verify/heads.txt", views.heads, name="chain_heads")]

urlpatterns = [
    path("", views.log, name="log"),
    path("verify/", views.verify, name="verify"),
    path("export.csv", views.export, name="export"),
]
