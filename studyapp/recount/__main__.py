"""`python -m studyapp.recount DIR`, without Django."""

from __future__ import annotations

import sys

from studyapp.recount.command import main

sys.exit(main())
