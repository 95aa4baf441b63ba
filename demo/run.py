"""`make demo`: a whole study on the toy world, from drawn pictures to a table."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from demo.errors import DemoError
from demo.site import ROOT, free_port


def main() -> None:
    var = Path(os.environ.get("QUORUM_VAR", ROOT / "var" / "demo")).resolve()
    try:
        port = free_port(int(os.environ.get("DEMO_PORT", "8000")))
    except (DemoError, ValueError) as error:
        sys.exit(f"The demo cannot start: {error}")
    _prepare(var, port=port)
    # A process of its own, since settings are read from the environment as it starts.
    os.execv(sys.executable, [sys.executable, "-m", "demo.tour"])


def _prepare(var: Path, *, port: int) -> None:
    """A fresh place for this run; drawn pictures of an earlier one are kept, as they are equal."""
    var.mkdir(parents=True, exist_ok=True)
    for path in var.iterdir():
        if path.name != "world":
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    # Two hosts, as in real life: the rater page lies in a frame of somebody else's site.
    os.environ.update(
        {
            "DEMO_PORT": str(port),
            "OMP_WAIT_POLICY": "PASSIVE",
            "DJANGO_SETTINGS_MODULE": "studyapp.settings",
            "QUORUM_VAR": str(var),
            "QUORUM_URL": f"http://127.0.0.1:{port}",
            "MARKETPLACE_URL": f"http://localhost:{port}",
        }
    )
    for name in (
        "DATABASE_URL",
        "CELERY_BROKER_URL",
        "AWS_ENDPOINT_URL_MTURK",
        "AWS_ACCESS_KEY_ID",
    ):
        os.environ.pop(name, None)


if __name__ == "__main__":
    main()
