"""The portal's addresses as they are in a demonstration."""

from django.urls import include, path

from chang_e8_portal.urls import urlpatterns as portal

urlpatterns = [*portal, path("demo/", include("chang_e8_portal.demo.urls"))]
