from django.urls import path

from chang_e8_portal.demo import views

app_name = "demo"

urlpatterns = [
    path("", views.guide, name="guide"),
    path("mail/", views.mail, name="mail"),
    path("travel/", views.travel, name="travel"),
    path("progress/", views.progress, name="progress"),
]
