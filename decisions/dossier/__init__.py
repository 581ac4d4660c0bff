"""All that the portal knows of one letter of intent, as one file that proves itself: docs/audit.md.

`scope` says who is given what; `filed`, `panel`, `decided` and `record` gather it as plain values;
`page` puts it into words; `bundle` makes one signed file of it; `making` does all of it in order.
"""

from decisions.dossier.making import make
from decisions.dossier.scope import Scope, scope_of

__all__ = ["Scope", "make", "scope_of"]
