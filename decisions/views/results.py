"""The results as everybody reads them: the same neutral answers for all until the final release."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation.trans_real import parse_accept_lang_header
from django.views.decorators.http import require_safe

from accounts.states import LetterLanguage
from decisions import letter_facts, telling
from decisions import results as results_of
from decisions.rendering import wording
from proposals.models import Call
from proposals.models.call import in_language

# Any French is French to a reader, whatever country a browser names beside it.
_BY_FAMILY = {language.partition("-")[0]: language for language in LetterLanguage.values}


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
    call_round = call and next((one for one in call.rounds.all() if one.is_final), None)
    context = {
        "said_call": call and in_language(call.title, language),
        "told_in": language,
        "tag": telling.tag_of(language),
        "direction": "rtl" if words.is_rtl else "ltr",
        "words": words.files["results"],
        "tongues": telling.TONGUES,
    }
    if told is None:
        context["announced_for"] = call_round and telling.announced_for(call_round, words)
        return render(request, "decisions/results_awaited.html", context)
    said = telling.tell(told.page, language)
    days = telling.days(told, call_round, words, call.tzinfo)
    context |= {"said": said, "days": days, "digest": letter_facts.digest([said, days])}
    return render(request, "decisions/results.html", context)


def _language_of(request) -> str:
    """The language asked for, else that of the reader's pages if somebody chose it, else the first
    of the browser's that the results are told in.
    """
    asked = request.GET.get("lang")
    if asked in LetterLanguage.values:
        return asked
    if request.user.is_authenticated or settings.LANGUAGE_COOKIE_NAME in request.COOKIES:
        return get_language()
    for spoken, _weight in parse_accept_lang_header(request.headers.get("Accept-Language", "")):
        if language := _BY_FAMILY.get(spoken.partition("-")[0]):
            return language
    return get_language()
