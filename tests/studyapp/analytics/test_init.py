from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from studyapp import analytics

REPOSITORY = Path(__file__).resolve().parents[3]


def test_every_public_name_is_there_and_documented() -> None:
    for name in analytics.__all__:
        value = getattr(analytics, name)
        if callable(value):
            assert value.__doc__, name


@pytest.mark.slow
def test_plain_python_imports_it_without_django_or_anything_else_large() -> None:
    script = (
        "import sys, studyapp.analytics\n"
        "large = {'django', 'celery', 'torch', 'pandas', 'matplotlib', 'statsmodels'}\n"
        "sys.exit(' '.join(sorted(large & set(sys.modules))) or None)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=REPOSITORY, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
