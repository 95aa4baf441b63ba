#!/usr/bin/env python
"""Quorum's command line: `python manage.py help` lists the commands."""

from __future__ import annotations

import os
import sys

from studyapp.management.terminal import execute

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "studyapp.settings")
    # Threads of a forward pass that wait by spinning take the cores from those that decode images.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    execute(sys.argv)
