"""What the page of a review has so many of that templates of their own would be most of its time.

Everything anybody wrote passes through `escape`: what is handed back is safe.
"""

from html import escape

from django import template
from django.utils.safestring import mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from proposals.models.call import in_language

register = template.Library()


@register.simple_tag
def scale(field):
    """The marks of one criterion, to choose from."""
    last = len(field.field.choices) - 1
    return mark_safe(
        "".join(
            f'<div class="{"is-half" if ".5" in label else "is-apart" if at == last else ""}">'
            f'<input type="radio"{said}><label for="{key}">{label}</label></div>'
            for at, (key, said, label) in enumerate(_radios(field))
        )
    )


@register.simple_tag
def choice(field):
    """A choice between a few words, in one line."""
    return mark_safe(
        "".join(
            f'<div class="form-check"><input type="radio" class="form-check-input"{said}>'
            f' <label class="form-check-label" for="{key}">{label}</label></div>'
            for key, said, label in _radios(field)
        )
    )


@register.simple_tag
def criterion(line):
    """Name, weight and question of one line of the rubric, at the head of its fields."""
    weight = escape(_("weight %(weight)s %%") % {"weight": line.weight})
    return mark_safe(
        f'<legend>{escape(str(line))} <span class="criterion-weight">{weight}</span></legend>'
        f'<p class="criterion-question">{escape(in_language(line.question))}</p>'
    )


@register.simple_tag
def anchors(criterion):
    """What each whole mark means, as items of a list."""
    language = get_language()  # asked for once: a page has some forty of these texts
    return mark_safe(
        "".join(
            f'<li class="anchor-{mark}"><b>{mark}</b>'
            f" <span>{escape(in_language(text, language))}</span></li>"
            for mark, text in enumerate(criterion.anchors)
        )
    )


@register.simple_tag
def written(field, advice=None):
    """A text to be written: what is asked, how, what is wrong, and what is worth a second look."""
    explained = ""
    if field.help_text:
        explained = (
            f'<div class="form-text mt-0 mb-1" id="{escape(field.auto_id)}_helptext">'
            f"{escape(str(field.help_text))}</div>"
        )
    return mark_safe(
        f'<div class="mb-3"><label class="form-label" for="{escape(field.id_for_label)}">'
        f"{escape(str(field.label))}</label>{explained}{faults(field)}{field}"
        f"{'' if advice is None else advice_on(field, advice)}</div>"
    )


@register.simple_tag
def faults(field):
    """What is wrong with an answer, a paragraph a sentence."""
    return mark_safe(
        "".join(
            f'<p class="invalid-feedback d-block">{escape(str(sentence))}</p>'
            for sentence in field.errors
        )
    )


@register.simple_tag
def advice_on(field, advice):
    """What is worth a second look about one answer; advice.js fills it while one types."""
    sentences = "".join(f"<p>{escape(text)}</p>" for text in advice.get(field.html_name, ()))
    name = escape(field.html_name)
    return mark_safe(
        f'<div class="advice" aria-live="polite" data-advice="{name}">{sentences}</div>'
    )


def _radios(field):
    """Id, attributes and label of each radio button, all of them escaped."""
    name, group = escape(field.html_name), escape(field.auto_id)
    chosen = str(field.value() or "")
    for at, (value, label) in enumerate(field.field.choices):
        checked = " checked" if str(value) == chosen else ""
        key = f"{group}_{at}"
        said = f' name="{name}" value="{escape(str(value))}" id="{key}"{checked}'
        yield key, said, escape(str(label))
