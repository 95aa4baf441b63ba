"""What a command loads before it does anything: the process that tests fork theirs from.

Nothing here may open a connection or start a thread, for neither survives a fork.
"""

from __future__ import annotations

import django

django.setup()

import tests.processes  # noqa: E402, F401
