"""What an agency declares by ticking a box: the exact words, on the form and in what was filed."""

from django.utils.translation import gettext_lazy as _

# Names of boxes that have to be ticked, or say more than a label can.
STATEMENTS = {
    "organics_over_1kg": _("The project carries more than 1 kg of organic materials to the Moon."),
    "data_sharing": _(
        "We accept that the data of this project are shared with the agency and with the other "
        "partners, on terms that an agreement will set down."
    ),
    "peaceful_use": _("The project serves peaceful purposes only."),
    "consent_to_publish": _(
        "If the project is selected, its title, its organisations with their country or region, "
        "its cooperation level and its public abstract may be published."
    ),
    "is_correct": _("To the best of our knowledge, everything in this letter is correct."),
}
