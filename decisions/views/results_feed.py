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
from decisions.telling import addresses
from decisions.views.results_files import as_file, kept, not_published, told_of
from proposals.models import Call
from proposals.models.call import in_language


@dataclass(frozen=True)
class _Subject:
    """The call and what it was told, one entry after the other, the newest first."""

    call: Call
    code: str  # as the address names the call; empty, it is the present one
    is_told: bool
    language: str
    entries: list["_Entry"]


@dataclass(frozen=True)
class _Entry:
    """What was told at one instant; `title` says that it is a correction if it is one."""

    key: str
    title: str
    said: dict
    at: datetime
    link: str


class _Atom(Atom1Feed):
    def latest_post_date(self):
        """Without an entry the day the call opened: the same whenever somebody asks."""
        return max((item["updateddate"] for item in self.items), default=self.feed["since"])


class ResultsFeed(Feed):
    feed_type = _Atom

    def get_object(self, request, *, call, code, told):
        language = translation.get_language()
        entries = _entries(told, language) if told else []
        return _Subject(call, code, told is not None, language, entries)

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
        code = subject.call.code if subject.is_told else ""
        return addresses.page_of(code, language=subject.language)

    def feed_url(self, subject):
        path = addresses.all_of(subject.code)["feed"]
        return f"{settings.BASE_URL}{path}?lang={subject.language}"

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
        return entry.link

    def item_guid(self, entry):
        return f"urn:uuid:{entry.key}"

    def item_pubdate(self, entry):
        return entry.at

    item_updateddate = item_pubdate


_feed, _KIND = ResultsFeed(), Atom1Feed.content_type


@login_not_required
@require_safe
def feed(request, code=""):
    """The feed in one language, English unless another of the six is asked for."""
    call, told = told_of(code)
    if code and told is None:
        return not_published()
    if call is None:
        raise Http404
    language = request.GET.get("lang", "")
    if language not in Language.values:
        language = Language.ENGLISH.value

    def made() -> bytes:
        with translation.override(language):
            return _feed(request, call=call, code=code, told=told).content

    if told is None:
        return as_file(request, made(), kind=_KIND, language=language, is_final=False)
    last = told.corrected_at or told.released_at
    # It says which address it has: another one for each.
    key = f"feed:{language}:{code}:{told.publication.pk}:{last.timestamp()}"
    return as_file(request, kept(key, made), kind=_KIND, language=language)


def _entries(told, language):
    publication = told.publication
    call = publication.round.call
    link = addresses.page_of(call.code, language=language)
    said = telling.tell(publication.page or told.page, language)
    entries = [_Entry(publication.pk, said["heading"], said, told.released_at, link)]
    words = wording.of(language)
    for correction in results_of.corrections_of(publication):
        day = words.long_date(correction.released_at.astimezone(call.tzinfo).date())
        entries.insert(
            0,
            _Entry(
                correction.pk,
                f"{said['heading']} – {said['words']['corrected']} {day}",
                telling.tell(correction.page or told.page, language),
                correction.released_at,
                link,
            ),
        )
    return entries
