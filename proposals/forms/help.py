"""What each field asks for, and an example of an answer."""

from django.utils.translation import gettext_lazy as _

# Name of the field: (what to write, an example or "").
HELP = {
    "title": (_("What the project is, in a few words."), _("Dust sensor for the south pole")),
    "title_zh": (_("Leave it empty if you have none; we do not translate for you."), "月尘传感器"),
    "acronym": ("", "DUSTY"),
    "level": (_("Sections C and D follow this choice."), ""),
    "project_type": (_("The closest one."), ""),
    "priorities": (_("Tick at least one."), ""),
    "summary": (
        _("The whole project for a reader who reads nothing else: what, why, how, with whom."),
        _("A sensor of 2 kg on the lander counts dust grains that the lander and the Sun raise …"),
    ),
    "public_abstract": (
        _("Published if the project is selected, and not before. Leave out what must stay inside."),
        _("The sensor measures how moving dust settles on instruments near the south pole."),
    ),
    "pi_name": (_("Who leads the work. Family name and given names as on papers."), "A. Nakara"),
    "pi_position": ("", _("Head of the dust laboratory")),
    "pi_email": (_("We write here if the panel has a question."), "pi@example.org"),
    "pi_phone": (_("With the country code."), "+51 1 555 0100"),
    "co_investigators": (
        _("Up to 30 people who carry a part of the work."),
        _("B. Orland; Institute of Dust; Peru; calibration of the sensor"),
    ),
    "partners": (
        _(
            "Up to 30 organisations that take part, beside your agency. "
            "Each can be asked to confirm."
        ),
        _("Institute of Dust; Peru; power supply and its tests, about 20 %"),
    ),
    "representative_name": (
        _("Who may speak for your agency in this matter and signs off this letter."),
        "C. Palmar",
    ),
    "representative_function": ("", _("Director of international cooperation")),
    "objectives": (_("Tick every objective the project serves."), ""),
    "objective_other": (_("Name the objective in one line."), _("Test of a navigation beacon")),
    "goals": (
        _("What you want to know or show, and what will exist afterwards that did not before."),
        _("One year of dust counts, calibrated, with the raw data, open to all after six months."),
    ),
    "innovation_science": (
        _("What nobody has measured, seen or understood yet."),
        _("No dust flux has been measured south of 80° S."),
    ),
    "innovation_engineering": (
        _("What nobody has built or flown yet, and how far it has been tested."),
        _("The sensor works at −180 °C; a model ran for 40 days in a vacuum chamber."),
    ),
    "complement": (
        _("What the project adds to the payloads of the call, and what it may use from them."),
        _("Our counts explain the haze that the topography camera will see at sunrise."),
    ),
    "interaction": (
        _("Which craft meet, talk or work together, when, and over which link."),
        _("The orbiter passes every two hours and relays the rover's data for eight minutes."),
    ),
    "surface_operations": (
        _("What happens on the Moon from separation to the end, step by step."),
        _("Day 1: down the ramp. Days 2 to 10: drive 300 m north. Then one sample each day."),
    ),
    "mass_kg": (_("With adapters, cables and whatever stays on the lander."), "2.4"),
    "margin_percent": (_("What you keep in reserve on top of that mass."), "20"),
    "envelope_x_mm": (_("As stowed for the flight."), "300"),
    "envelope_y_mm": (_("As stowed for the flight."), "150"),
    "envelope_z_mm": (_("As stowed for the flight."), "150"),
    "power_average_w": (_("While it works, over one hour."), "4.5"),
    "power_peak_w": (_("The most it ever takes."), "9"),
    "own_power_source": (_("If it brings its own power."), ""),
    "own_power_note": (
        _("Size and endurance. For a radioisotope: which one, how much, and who licenses it."),
        _("Solar panel of 0.2 m², battery for three hours of shade"),
    ),
    "night_survival": (_("A night lasts about 14 days; no heat is provided."), ""),
    "operating_min_c": ("", "-20"),
    "operating_max_c": ("", "50"),
    "survival_min_c": (_("Switched off."), "-180"),
    "survival_max_c": (_("Switched off."), "80"),
    "data_mbit_per_day": (_("Sent to Earth in 24 hours."), "120"),
    "data_peak_kbps": (_("At the busiest moment."), "64"),
    "interface_wishes": (
        _("Place, view, connectors, voltage, commands. Nothing here is checked against a limit."),
        _("A free view to the north; 28 V; RS-422; two commands a day."),
    ),
    "separation_needed": (_("It leaves the lander after landing."), ""),
    "wireless_link": (_("To the lander, to another craft or to Earth."), ""),
    "lifetime_days": (_("How long it works after landing."), "365"),
    "hazards": (
        _("Pressure, springs, lasers, batteries, chemicals, radiation. Write “none” if so."),
        _("Lithium-ion cells of 40 Wh, sealed; a spring released by command."),
    ),
    "trl_now": (_("Of the whole, which is as ready as its least ready part."), ""),
    "trl_delivery": (_("When the flight model is handed over. 6 or more is expected."), ""),
    "heritage": (
        _("What it is built on, and where that has flown or been tested. Write “none” if so."),
        _("The same detector has flown on a cubesat since 2021; the housing is new."),
    ),
    "em_delivery": (_("Engineering model; leave it empty if there is none."), "2025-09-30"),
    "qm_delivery": (_("Qualification model; leave it empty if there is none."), "2026-03-31"),
    "fm_delivery": (
        _("Flight model. Twelve months before the launch leave time to build it in and test it."),
        "2026-12-15",
    ),
    "changes": (
        _("In figures, people, money or schedule since the letter. If nothing did, say so."),
        _("The mast is 1.2 kg heavier; the detector has passed its vibration test."),
    ),
    "risks": (
        _("Up to 20, the largest first, each with what you do about it."),
        _("The detector is late by six months; a second maker is under contract."),
    ),
    "shared_costs": (
        _("What you pay for, what you bring, and what you would need from others."),
        _("We pay for the sensor, its tests and three years of staff. We ask for the ride."),
    ),
    "budget_amount": (_("Your own money for the whole project, in full units."), "2400000"),
    "budget_currency": ("", ""),
    "budget_status": (_("How sure the money is."), ""),
    "budget_body": ("", _("Ministry of Science of Atlantis")),
    "expertise": (
        _("What your team knows that others may learn, and what it wants to learn from them."),
        _("We have built dust sensors for 20 years and will train two people of each partner."),
    ),
    "visibility": (
        _("Who will hear of the project, and how: schools, media, industry, parliament."),
        _("A yearly open day, lessons for 200 schools, data on an open server."),
    ),
    "relations": (
        _("What becomes possible between countries that is not today."),
        _("The first joint instrument of our two academies; students move both ways."),
    ),
    "planetary_protection": (
        _(
            "The category in COSPAR's policy. The landing site near the south pole means IIb by "
            "default: an inventory of organic materials is kept. IIa is for the rest of the Moon."
        ),
        "",
    ),
    "organics_over_1kg": (
        _("Plastics, lubricants, glues and propellant count. An inventory is asked for later."),
        "",
    ),
    "export_control": (
        _("Whether a law of yours limits the transfer of the hardware, software or knowledge."),
        "",
    ),
    "data_sharing": ("", ""),
    "peaceful_use": ("", ""),
    "consent_to_publish": (
        _("Nothing is published before the final selection, and nothing else of this letter."),
        "",
    ),
    "excluded_reviewers": (
        _("Up to 5 people who should not judge this letter. Reviewers do not see this answer."),
        _("D. Quill; Institute of Rivals; disputes the same patent"),
    ),
    "is_correct": ("", ""),
}
