"""The results as an Atom feed: one entry for the release, one for each correction of it.

Before the release it is there and empty, so that one can subscribe; and the same for everybody.
"""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.contrib.syndication.views import Feed
from django.http import Http404
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.feedgenerator import Atom1Feed
from django.views.decorators.http import require_safe

from accounts.states import Language
from decisions import results as results_of
from decisions import telling
from decisions.rendering import wording
from decisions.views.results_files import as_file, kept
from proposals.models import Call
from proposals.models.call import in_language


@dataclass(frozen=True)
class _Subject:
    """The call and what it was told, one entry after the other, the newest first."""

    call: Call
    language: str
    entries: list["_Entry"]


@dataclass(frozen=True)
class _Entry:
    """What was told at one instant; `title` says that it is a correction if it is one."""

    key: str
    title: str
    said: dict
    at: datetime


class _Atom(Atom1Feed):
    def latest_post_date(self):
        """Without an entry the day the call opened: the same whenever somebody asks."""
        return max((item["updateddate"] for item in self.items), default=self.feed["since"])


class ResultsFeed(Feed):
    feed_type = _Atom

    def get_object(self, request, *, call, told):
        language = translation.get_language()
        return _Subject(call, language, _entries(told, language) if told else [])

    def title(self, subject):
        words = wording.of(subject.language).files["results"]
        return f"{in_language(subject.call.title, subject.language)} – {words['title']}"

    def author_name(self, subject):
        """Who called for letters; a feed must name an author."""
        call = subject.call
        return in_language(call.issuer, subject.language) or in_language(
            call.title, subject.language
        )

    def link(self, subject):
        return _address(subject.language)

    def feed_url(self, subject):
        return f"{settings.BASE_URL}/results/feed/?lang={subject.language}"

    def feed_guid(self, subject):
        return self.feed_url(subject)

    def feed_extra_kwargs(self, subject):
        return {"since": subject.call.opens_at}

    def items(self, subject):
        return subject.entries

    def item_title(self, entry):
        return entry.title

    def item_description(self, entry):
        return render_to_string("decisions/results_entry.html", {"said": entry.said})

    def item_link(self, entry):
        return _address(entry.said["language"])

    def item_guid(self, entry):
        return f"urn:uuid:{entry.key}"

    def item_pubdate(self, entry):
        return entry.at

    item_updateddate = item_pubdate


_feed, _KIND = ResultsFeed(), Atom1Feed.content_type


@login_not_required
@require_safe
def feed(request):
    """The feed in one language, English unless another of the six is asked for."""
    language = request.GET.get("lang", "")
    if language not in Language.values:
        language = Language.ENGLISH.value
    call = Call.objects.current()
    if call is None:
        raise Http404
    told = results_of.of(call)

    def made() -> bytes:
        with translation.override(language):
            return _feed(request, call=call, told=told).content

    if told is None:
        return as_file(request, made(), kind=_KIND, language=language, is_final=False)
    last = told.corrected_at or told.released_at
    body = kept(f"feed:{language}:{told.publication.pk}:{last.timestamp()}", made)
    return as_file(request, body, kind=_KIND, language=language)


def _entries(told, language):
    publication = told.publication
    said = telling.tell(publication.page or told.page, language)
    entries = [_Entry(publication.pk, said["heading"], said, told.released_at)]
    words, zone = wording.of(language), publication.round.call.tzinfo
    for correction in results_of.corrections_of(publication):
        day = words.long_date(correction.released_at.astimezone(zone).date())
        entries.insert(
            0,
            _Entry(
                correction.pk,
                f"{said['heading']} – {said['words']['corrected']} {day}",
                telling.tell(correction.page or told.page, language),
                correction.released_at,
            ),
        )
    return entries


def _address(language) -> str:
    return f"{settings.BASE_URL}/results/?lang={language}"
