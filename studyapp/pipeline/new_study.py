"""Make a draft study from a YAML file, or bring a draft up to date with it."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import yaml
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction

from studyapp import audit
from studyapp.errors import InputError
from studyapp.lifecycle import refuse_when_frozen, unreview
from studyapp.models import Condition, ImageSet, Study, VisionModel

LARGEST_BYTES = 1_000_000
DEFAULT_TITLE = "Does the word fit the picture?"
#: The file's keys that are the study's own fields, by the same name.
FIELDS = (
    "name",
    "title",
    "description",
    "keywords",
    "question",
    "question_kind",
    "instructions",
    "consent_text",
    "contact",
    "render_resize",
    "render_crop",
    "raters_per_trial",
    "accept_at",
    "unsure",
    "seconds_min",
    "seconds_max",
    "environment",
    "reward",
    "trials_per_hit",
    "assignment_minutes",
    "lifetime_days",
    "auto_approval_hours",
    "seed",
)
KEYS = (*FIELDS, "set", "models")
#: YAML reads these words as truth values.
_UNSURE_WORDS = {True: "yes", False: "no"}


@dataclass(frozen=True)
class NewStudySummary:
    study: str
    created: bool
    changed: tuple[str, ...]
    models: tuple[str, ...]

    def lines(self) -> list[str]:
        if self.created:
            done = f"{self.study} is a draft now, asking about {len(self.models)} models."
        elif self.changed:
            done = f"{self.study} was a draft before; changed: {', '.join(self.changed)}."
        else:
            done = f"{self.study} is a draft already and says the same."
        return [done, f"Next: manage.py build_trials {self.study}"]


def new_study(
    path: Path, *, owner: User | None = None, actor: AbstractBaseUser | None = None
) -> NewStudySummary:
    """Make the study the file describes, with its one condition, or change the draft of that name.

    What the file leaves out has its default. A study that was launched is never changed.
    """
    wanted = _read(path)
    models = _models(wanted, path=path)
    with transaction.atomic():
        study = Study.objects.select_for_update().filter(name=str(wanted.get("name", ""))).first()
        before = _values(study) if study else {}
        if study is not None:
            _refuse_foreign(study)
        fresh = _filled(study, wanted=wanted, path=path)
        fresh.owner = fresh.owner or owner
        unreview(fresh)
        fresh.save()
        fresh.vision_models.set(models)
        Condition.objects.get_or_create(study=fresh, name="whole")
        after = _values(fresh)
        changed = tuple(key for key in KEYS if before and before[key] != after[key])
        if not before or changed:
            audit.record(
                "new_study",
                study=fresh,
                actor=actor,
                summary={"created": not before, "changed": list(changed)},
            )
    names = tuple(model.name for model in models)
    return NewStudySummary(fresh.name, created=not before, changed=changed, models=names)


def _refuse_foreign(study: Study) -> None:
    refuse_when_frozen(study)
    if study.imported:
        raise InputError(
            "a study of imported votes has this name",
            item=study.name,
            remedy="Choose another name",
        )


def _read(path: Path) -> dict[str, Any]:
    """The file as a mapping whose keys are all known."""
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST_BYTES + 1)
    except OSError as error:
        raise InputError(
            f"the file cannot be read ({error.strerror})",
            item=str(path),
            remedy="Give the path of a YAML file",
        ) from error
    if len(content) > LARGEST_BYTES:
        raise InputError(f"more than {LARGEST_BYTES} bytes", item=str(path))
    try:
        loaded = yaml.load(content, Loader=_Loader)  # noqa: S506, a SafeLoader
    except (yaml.YAMLError, UnicodeDecodeError, ValueError) as error:
        raise InputError(
            f"not YAML: {' '.join(str(error).split())}",
            item=str(path),
            remedy="Write one “key: value” a line",
        ) from error
    if not isinstance(loaded, dict):
        raise InputError(
            "not a mapping of keys to values",
            item=str(path),
            remedy=f"Write one “key: value” a line; keys are: {', '.join(KEYS)}",
        )
    for key in loaded:
        if key not in KEYS:
            raise _unknown(str(key), known=KEYS, what="key", path=path)
    return loaded


class _Loader(yaml.SafeLoader):
    """Safe YAML in which a key may be given once only."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        for key in keys:
            if keys.count(key) > 1:
                raise ValueError(f"the key {key} is given twice")
        return super().construct_mapping(node, deep=deep)


def _unknown(name: str, *, known: tuple[str, ...], what: str, path: Path) -> InputError:
    close = difflib.get_close_matches(name, known, n=3)
    some = ", ".join(close or known[:30])
    ask = f"Did you mean {some}?" if close else f"There are: {some or 'none yet'}"
    return InputError(f"there is no {what} “{name}”", item=str(path), remedy=ask)


def _models(wanted: Mapping[str, Any], *, path: Path) -> list[VisionModel]:
    given = wanted.get("models") or []
    names = [given] if isinstance(given, str) else given
    if not isinstance(names, list) or not all(isinstance(name, str | int) for name in names):
        raise InputError(
            "models is not a list of names", item=str(path), remedy="Write models: [NAME, NAME]"
        )
    found = []
    for name in dict.fromkeys(map(str, names)):
        model = VisionModel.objects.filter(name=name).first()
        if model is None:
            known = tuple(VisionModel.objects.order_by("name").values_list("name", flat=True))
            raise _unknown(name, known=known, what="model", path=path)
        found.append(model)
    image_set = _image_set(wanted, path=path)
    for model in found:
        if model.class_list_id != image_set.class_list_id:
            raise InputError(
                f"model {model.name} has other classes than the image set {image_set.name}",
                item=str(path),
                remedy="Choose models whose predictions were made on this set",
            )
    return found


def _image_set(wanted: Mapping[str, Any], *, path: Path) -> ImageSet:
    name = str(wanted.get("set") or "")
    if not name:
        raise InputError("the key set is missing", item=str(path), remedy="Name an image set")
    image_set = ImageSet.objects.filter(name=name).first()
    if image_set is None:
        known = tuple(ImageSet.objects.order_by("name").values_list("name", flat=True))
        raise _unknown(name, known=known, what="image set", path=path)
    return image_set


def _filled(study: Study | None, *, wanted: Mapping[str, Any], path: Path) -> Study:
    """A study with the file's values and defaults elsewhere, found valid."""
    filled = study or Study()
    filled.image_set = _image_set(wanted, path=path)
    for name in FIELDS:
        model_field = Study._meta.get_field(name)
        value = model_field.get_default()  # type: ignore[union-attr]
        if name == "title":
            value = DEFAULT_TITLE
        if wanted.get(name) is not None:
            value = _value(name, given=wanted[name], path=path)
        setattr(filled, name, value)
    try:
        filled.full_clean()
    except ValidationError as error:
        raise _invalid(error, path=path) from error
    return filled


def _value(name: str, *, given: object, path: Path) -> object:
    if name == "unsure" and isinstance(given, bool):
        return _UNSURE_WORDS[given]
    if isinstance(given, bool | list | dict):
        raise InputError(
            f"{name}: {given!r} is not a single value", item=str(path), remedy="Give one value"
        )
    if name == "reward":
        try:
            return Decimal(str(given))
        except InvalidOperation as error:
            raise InputError(
                f"reward: {given!r} is not an amount", item=str(path), remedy="Write 0.10"
            ) from error
    return given


def _invalid(error: ValidationError, *, path: Path) -> InputError:
    told = []
    for name, messages in error.message_dict.items():
        label = "" if name == "__all__" else f"{name}: "
        told += [f"{label}{message.rstrip('.')}" for message in messages]
    return InputError("; ".join(told), item=str(path), remedy="Correct these and run it again")


def _values(study: Study) -> dict[str, object]:
    """The study in the file's keys, for comparison."""
    values = {name: getattr(study, name) for name in FIELDS}
    models = sorted(study.vision_models.values_list("name", flat=True))
    return {**values, "set": study.image_set.name, "models": models}
