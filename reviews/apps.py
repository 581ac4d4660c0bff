from django.apps import AppConfig
from django.urls import register_converter
from django.utils.translation import gettext_lazy as _

from reviews.addresses import RoundConverter


class ReviewsConfig(AppConfig):
    name = "reviews"
    verbose_name = _("Reviews")

    def ready(self):
        # Once, for the addresses of this room and of the decisions'.
        register_converter(RoundConverter, "round")
