"""The operator's room: agencies, the mail ledger, the calls.

It shows and does not move: letters, reviews, decisions and the audit record are not in it at all,
and what may be changed is changed by the same actions as everywhere else.
"""

from functools import wraps
from importlib import import_module

from django.conf import settings
from django.contrib import auth
from django.contrib.admin import AdminSite
from django.contrib.admin.apps import SimpleAdminConfig
from django.http import Http404
from django.shortcuts import redirect
from django.utils.module_loading import module_has_submodule
from django.utils.translation import gettext_lazy as _


class PortalAdminSite(AdminSite):
    """Django's admin, which for everybody but the operator is not there (404)."""

    site_header = site_title = _("Administration")
    index_title = _("Agencies, mail and calls")
    site_url = "/"

    def has_permission(self, request) -> bool:
        return request.user.is_active and request.user.is_staff

    def admin_view(self, view, cacheable=False):
        guarded = super().admin_view(view, cacheable)

        @wraps(guarded)
        def door(request, *args, **kwargs):
            if not self.has_permission(request):
                raise Http404
            return guarded(request, *args, **kwargs)

        return door

    def login(self, request, extra_context=None):
        """There is one log-in page, and it is not this one."""
        raise Http404

    def logout(self, request, extra_context=None):
        if request.method == "POST":
            auth.logout(request)
        return redirect(settings.ACCOUNT_LOGOUT_REDIRECT_URL)

    def password_change(self, request, extra_context=None):
        return redirect("account_change_password")


class AdminConfig(SimpleAdminConfig):
    """Takes in our own rooms' models and nobody else's.

    Other packages bring pages for groups, permissions and proved addresses: each a second way to a
    right, past the action that writes it down.
    """

    default_site = "chang_e8_portal.admin_site.PortalAdminSite"
    rooms = ("accounts", "notifications", "proposals")

    def ready(self):
        super().ready()
        for room in self.rooms:
            if module_has_submodule(import_module(room), "admin"):
                import_module(f"{room}.admin")
