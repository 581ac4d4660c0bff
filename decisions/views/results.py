"""The results as everybody reads them: the same neutral answers for all until the final release."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation.trans_real import parse_accept_lang_header
from django.views.decorators.http import require_safe

from accounts.states import Language
from chang_e8_portal import clock
from decisions import actions, letter_facts, telling
from decisions import results as results_of
from decisions.rendering import wording
from decisions.telling import addresses, picture, table, text
from decisions.views.results_files import (
    as_file,
    asked_for,
    kept,
    not_published,
    refuse,
    told_of,
)
from proposals.models.call import in_language

_SIX = frozenset(Language.values)
# Any French is French to a reader, whatever country a browser names beside it.
_BY_FAMILY = {language.partition("-")[0]: language for language in Language.values}


@login_not_required
@require_safe
def page(request, code=""):
    """The results in one of six languages; before the release that there are none yet.

    Only what is told changes its language, the frame around it stays in the reader's own. A call
    that is named by its code has no page before its release, like one that does not exist.
    """
    call, told = told_of(code)
    context = {"others": results_of.others(call)}
    if code and told is None:
        # Whatever code stands in the address: not one byte of the page tells.
        context["way_back"] = reverse("results")
        return render(request, "decisions/results_nowhere.html", context, status=404)
    asked, language = asked_language(request), _language_of(request)
    words = wording.of(language)
    context |= {
        "named": bool(code),
        # Whatever else stands in the address: the page is the same, and kept once for all of it.
        "way_back": f"{request.path}?lang={asked}" if asked else request.path,
        "asked": asked,
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
        context["at"] = addresses.all_of()
        return render(request, "decisions/results_awaited.html", context)
    holds = telling.of(told, language)
    context |= {"said": holds.said, "days": holds.days, "digest": holds.digest}
    # What is told stays where it is when the next call is the present one.
    context |= {"code": call.code, "at": addresses.all_of(call.code)}
    response = render(request, "decisions/results.html", context)
    response.is_signed = told.is_signed
    return response


@login_not_required
@require_safe
def csv(request, code=""):
    """One line a letter that goes forward."""
    asked = asked_for(request, code)
    if asked.refusal:
        return asked.refusal
    holds = telling.of(asked.told, asked.language)
    body = kept(f"csv:{holds.digest}", lambda: table.csv_of(holds.said))
    return as_file(request, body, kind="text/csv; charset=utf-8", **asked.labels("csv"))


@login_not_required
@require_safe
def plain_text(request, code=""):
    """The text for the press, as publishers find it before the release."""
    asked = asked_for(request, code)
    if asked.refusal:
        return asked.refusal
    holds = telling.of(asked.told, asked.language)
    body = kept(
        f"text:{holds.digest}", lambda: text.text_of(asked.told.page, asked.language).encode()
    )
    return as_file(request, body, kind="text/plain; charset=utf-8", language=asked.language)


@login_not_required
@require_safe
def pdf(request, code=""):
    """The printed results; whoever comes first after the release waits until they are set."""
    asked = asked_for(request, code)
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
def og_picture(request, code=""):
    """What other sites show beside a link to the page; before the release the same for all."""
    call, told = told_of(code)
    if code and told is None:
        return not_published()
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
