"""Every change in the room where decisions are made and told."""

from decisions.actions.deciding import decide
from decisions.actions.publishing import propose, release
from decisions.actions.refusal import Refused
from decisions.actions.rendering import render_letter

__all__ = ["Refused", "decide", "propose", "release", "render_letter"]
