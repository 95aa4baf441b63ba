"""Presets: the studies of the papers as files, each the start of a draft that can be changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from studyapp.errors import InputError

FOLDER = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Preset:
    """about: what the study finds out and where it comes from, in a sentence or two. needs: what
    has to be there first. values: keys of a study's file."""

    name: str
    about: str
    needs: str
    values: Mapping[str, Any]


@cache
def presets() -> tuple[Preset, ...]:
    """Every preset by name."""
    return tuple(_read(path) for path in sorted(FOLDER.glob("*.yaml")))


def preset_named(name: str) -> Preset:
    """The preset, or an error that names those there are."""
    for preset in presets():
        if preset.name == name:
            return preset
    known = ", ".join(preset.name for preset in presets())
    raise InputError("there is no such preset", item=f"preset {name!r}", remedy=f"Use {known}")


def _read(path: Path) -> Preset:
    loaded = yaml.safe_load(path.read_text(encoding="utf-8"))
    about, needs = (" ".join(str(loaded.pop(key)).split()) for key in ("about", "needs"))
    return Preset(path.stem, about=about, needs=needs, values=loaded)
