from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from demo import tour
from demo.site import ROOT


def _study(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((ROOT / "demo" / name).read_text(encoding="utf-8"))
    return loaded


def test_the_window_lies_between_the_simulated_raters_own_times() -> None:
    study = _study("study.yaml")
    assert 0 < study["seconds_min"] < tour.THINKING_S
    assert 20 * tour.THINKING_S < study["seconds_max"] < tour.TOO_LONG_S


@pytest.mark.parametrize("name", ["study.yaml", "study_for_you.yaml"])
def test_raters_of_the_demo_are_told_whom_to_ask(name: str) -> None:
    assert _study(name)["contact"]


def test_every_log_in_is_told_whether_the_demo_serves_or_ends(tmp_path: Path) -> None:
    accounts = tour.Accounts()
    told = tour.where_to_look(accounts)
    for name in ("researcher", "operator", "rater"):
        assert f"{name} / {getattr(accounts, name)}\n" in told
    hint = tour.how_to_serve(tmp_path, port=8123)
    for needed in ("BIND=127.0.0.1:8123", "QUORUM_URL=http://", "MARKETPLACE_URL=http://"):
        assert needed in hint
