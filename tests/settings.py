"""The project's settings for tests: everything a test writes goes to a folder of its own."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from pathlib import Path

_var = Path(tempfile.mkdtemp(prefix="quorum-test-"))
atexit.register(shutil.rmtree, _var, ignore_errors=True)
os.environ["QUORUM_VAR"] = str(_var)
os.environ["JOB_SEND"] = "0"
for _name in ("AWS_ENDPOINT_URL_MTURK", "AWS_ENDPOINT_URL", "AWS_PROFILE", "QUORUM_URL"):
    os.environ.pop(_name, None)

from studyapp.settings import *  # noqa: E402, F403
from studyapp.settings import DATABASES  # noqa: E402

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # A file, not memory: live servers and threads open connections of their own.
    DATABASES["default"]["TEST"] = {"NAME": str(_var / "test.sqlite3")}
