"""What a letter's numbers make one ask. Advice warns and never blocks."""

from django.utils.translation import gettext as _

from proposals.content import plain_number


def on(letter) -> dict[str, list[str]]:
    """Section key to sentences worth reading before the letter is submitted."""
    return {"d": [*_power(letter), *_temperatures(letter)]}


def _power(letter):
    most = letter.call.payload_power_w
    if any(watts and watts > most for watts in (letter.power_average_w, letter.power_peak_w)):
        yield _(
            "About %(watts)s W for one payload was reported, not published. "
            "Please confirm with the agency that more is possible."
        ) % {"watts": plain_number(most)}
    if _reversed(letter.power_peak_w, letter.power_average_w):
        yield _("The peak power is lower than the average power. Please check both numbers.")


def _temperatures(letter):
    if _reversed(letter.operating_max_c, letter.operating_min_c):
        yield _("The highest operating temperature is lower than the lowest one.")
    if _reversed(letter.survival_max_c, letter.survival_min_c):
        yield _("The highest survival temperature is lower than the lowest one.")


def _reversed(upper, lower) -> bool:
    return upper is not None and lower is not None and upper < lower
