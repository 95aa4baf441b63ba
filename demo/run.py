"""`make demo`: a study on the toy world, from drawn pictures to a table; `--all`: every preset."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from demo.errors import DemoError
from demo.site import ROOT, free_port


def main() -> None:
    var = demo_var()
    try:
        port = free_port(int(os.environ.get("DEMO_PORT", "8000")))
    except (DemoError, ValueError) as error:
        sys.exit(f"The demo cannot start: {error}")
    _prepare(var, port=port)
    module = "demo.all" if "--all" in sys.argv else "demo.tour"
    # A process of its own, since settings are read from the environment as it starts.
    os.execv(sys.executable, [sys.executable, "-m", module])


def demo_var() -> Path:
    """A folder of the demo's own below QUORUM_VAR, as it is emptied at every run."""
    return (Path(os.environ.get("QUORUM_VAR") or ROOT / "var") / "demo").resolve()


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
            "MODEL_CALLABLES": "demo.network:load",
            "DJANGO_SETTINGS_MODULE": "studyapp.settings",
            "QUORUM_VAR": str(var),
            "QUORUM_URL": f"http://127.0.0.1:{port}",
            "MARKETPLACE_URL": f"http://localhost:{port}",
        }
    )
    # Set, not unset: a .env file fills in what is unset, and names the user's own database.
    os.environ["DATABASE_URL"] = f"sqlite:///{var / 'quorum.sqlite3'}"
    os.environ["CELERY_BROKER_URL"] = "filesystem://"
    os.environ["MARKETPLACE_CREDENTIALS"] = str(var / "marketplace.credentials")
    for name in ("AWS_ENDPOINT_URL_MTURK", "AWS_ENDPOINT_URL", "AWS_ACCESS_KEY_ID"):
        os.environ[name] = ""


if __name__ == "__main__":
    main()
