"""What a reviewer says about herself or himself, and pledges."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from accounts.refusal import Refused
from chang_e8_portal import clock
from proposals.models import Call
from reviews import actions, pledges
from reviews.forms import PledgeForm, ProfileForm
from reviews.models import Pledge, ReviewerProfile
from reviews.views.access import ReviewerPage


class Profile(ReviewerPage):
    """One's own profile; the chair reads it, and nobody else."""

    def get(self, request):
        return self.page(ProfileForm(instance=self.own()))

    def post(self, request):
        form = ProfileForm(request.POST, instance=self.own())
        if not form.is_valid():
            return self.page(form, status=422)
        try:
            actions.save_profile(request.user, changes=form.cleaned_data, at=clock.now())
        except Refused as refusal:
            form.add_error(None, str(refusal))
            return self.page(form, status=409)
        messages.success(request, _("Your profile is saved."))
        return redirect("reviews:profile")

    def own(self):
        return ReviewerProfile.objects.filter(user=self.request.user).first()

    def page(self, form, status=200):
        pledged = Pledge.objects.filter(user=self.request.user).select_related("call")
        context = {"form": form, "pledged": pledged.order_by("accepted_at")}
        return render(self.request, "reviews/profile.html", context, status=status)


class PledgePage(ReviewerPage):
    """The words of the pledge, and accepting them; without it no conflict question opens."""

    def get(self, request):
        call, text = self.find()
        start = {"version": text.version, "sha256": text.sha256}
        return self.page(call, text, PledgeForm(initial=start))

    def post(self, request):
        call, text = self.find()
        form = PledgeForm(request.POST)
        if not form.is_valid():
            return self.page(call, text, form, status=422)
        try:
            actions.accept_pledge(
                request.user,
                call,
                version=form.cleaned_data["version"],
                sha256=form.cleaned_data["sha256"],
                at=clock.now(),
            )
        except Refused as refusal:
            # With the words and the hash of today, to be read again.
            form = PledgeForm(initial={"version": text.version, "sha256": text.sha256})
            messages.error(request, str(refusal))
            return self.page(call, text, form, status=409)
        messages.success(request, _("Thank you. Your pledge is recorded."))
        return redirect("reviews:conflicts")

    def find(self):
        """The pledge that is owed, else that of the current call; 404 where none is asked."""
        call = pledges.owed_by(self.request.user, pledges.asked_calls(self.request.user))
        call = call or Call.objects.current()
        text = call and pledges.text_of(call)
        if not text:
            raise Http404
        return call, text

    def page(self, call, text, form, status=200):
        context = {
            "call": call,
            "text": text,
            "form": form,
            "given": pledges.accepted(self.request.user, call, text),
        }
        return render(self.request, "reviews/pledge.html", context, status=status)
