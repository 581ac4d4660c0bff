"""The results as everybody reads them: the same neutral answers for all until the final release."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation.trans_real import parse_accept_lang_header
from django.views.decorators.http import require_safe

from accounts.states import Language
from chang_e8_portal import clock
from decisions import actions, letter_facts, telling
from decisions import results as results_of
from decisions.rendering import wording
from decisions.telling import picture, table
from decisions.views.results_files import as_file, asked_for, kept, refuse
from proposals.models import Call
from proposals.models.call import in_language

_SIX = frozenset(Language.values)
# Any French is French to a reader, whatever country a browser names beside it.
_BY_FAMILY = {language.partition("-")[0]: language for language in Language.values}


@login_not_required
@require_safe
def page(request):
    """The results in one of six languages; before the release that there are none yet.

    Only what is told changes its language, the frame around it stays in the reader's own.
    """
    call = Call.objects.current()
    told = call and results_of.of(call)
    language = _language_of(request)
    words = wording.of(language)
    context = {
        # Whatever else stands in the address: the page is the same, and kept once for all of it.
        "way_back": f"{request.path}?lang={language}" if asked_language(request) else request.path,
        "said_call": call and in_language(call.title, language),
        "told_in": language,
        "tag": telling.tag_of(language),
        "direction": "rtl" if words.is_rtl else "ltr",
        "words": words.files["results"],
        "tongues": telling.TONGUES,
        "base_url": settings.BASE_URL,
    }
    if told is None:
        final = call and next((one for one in call.rounds.all() if one.is_final), None)
        context["announced_for"] = final and telling.announced_for(final, words)
        return render(request, "decisions/results_awaited.html", context)
    holds = telling.of(told, language)
    context |= {"said": holds.said, "days": holds.days, "digest": holds.digest}
    response = render(request, "decisions/results.html", context)
    response.is_signed = told.is_signed
    return response


@login_not_required
@require_safe
def csv(request):
    """One line a letter that goes forward."""
    asked = asked_for(request)
    if asked.refusal:
        return asked.refusal
    holds = telling.of(asked.told, asked.language)
    body = kept(f"csv:{holds.digest}", lambda: table.csv_of(holds.said))
    return as_file(request, body, kind="text/csv; charset=utf-8", **asked.labels("csv"))


@login_not_required
@require_safe
def pdf(request):
    """The printed results; whoever comes first after the release waits until they are set."""
    asked = asked_for(request)
    if asked.refusal:
        return asked.refusal
    try:
        body = actions.paper_of(asked.told, asked.language, at=clock.now())
    except actions.NotPrinted as refused:
        sentence = "The results cannot be printed at the moment."
        return refuse(503, "not_printed", sentence, again_in=refused.again_in)
    return as_file(request, body, kind="application/pdf", **asked.labels("pdf"))


@login_not_required
@require_safe
def og_picture(request):
    """What other sites show beside a link to the page; before the release the same for all."""
    call = Call.objects.current()
    told = call and results_of.of(call)
    language = request.GET.get("lang", "")
    if language not in Language.values or not picture.can_draw(language):
        language = Language.ENGLISH.value
    if told is None:
        said = wording.of(language).files["results"]
        title = in_language(call.title, language) if call else ""
        shown = {"call": title, "heading": said["title"], "lead": said["awaited"]}
    else:
        holds = telling.of(told, language)
        said = holds.said
        shown = {"call": said["call"], "heading": said["heading"], "lead": said["summary"]}
        shown["day"] = " ".join(holds.days[-1])
    body = kept(
        f"png:{letter_facts.digest([language, shown])}",
        lambda: picture.picture_of(language, **shown),
    )
    is_final = told is not None
    return as_file(request, body, kind="image/png", language=language, is_final=is_final)


def asked_language(request) -> str | None:
    """The one of the six that the address names."""
    asked = request.GET.get("lang")
    return asked if asked in _SIX else None


def language_of_stranger(request, frame) -> str:
    """Where the address names none: that of the pages (`frame`) if somebody chose it, else the
    first of the browser's that the results are told in.
    """
    if settings.LANGUAGE_COOKIE_NAME in request.COOKIES:
        return frame
    for spoken, _weight in parse_accept_lang_header(request.headers.get("Accept-Language", "")):
        if language := _BY_FAMILY.get(spoken.partition("-")[0]):
            return language
    return frame


def _language_of(request) -> str:
    if asked := asked_language(request):
        return asked
    if request.user.is_authenticated:
        return get_language()  # chosen in the account
    return language_of_stranger(request, get_language())
