"""Make a draft study from a YAML file or a mapping, or bring a draft up to date with a file."""

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
from django.db import IntegrityError, transaction

from studyapp import audit
from studyapp.asking import question_type
from studyapp.errors import InputError, StudyError
from studyapp.ingest.bounded import read_bounded
from studyapp.lifecycle import refuse_when_frozen, unreview
from studyapp.models import ImageSet, Study, VisionModel
from studyapp.plurals import counted
from studyapp.presets import Preset
from studyapp.study_conditions import read_conditions, store_conditions, written_conditions
from studyapp.study_link import link_of
from studyapp.vocabulary import Environment, QuestionKind

LARGEST_BYTES = 1_000_000
#: The file's keys that are the study's own fields, by the same name.
FIELDS = (
    "name",
    "title",
    "description",
    "keywords",
    "question",
    "question_kind",
    "population",
    "allocation",
    "cooldown_hours",
    "launch_gap_hours",
    "launches_by_itself",
    "cooldown_studies",
    "masters_only",
    "approved_percent",
    "approved_number",
    "countries",
    "qualifications",
    "instructions",
    "consent_text",
    "contact",
    "render_resize",
    "render_crop",
    "raters_per_trial",
    "accept_at",
    "unsure",
    "vote_groups",
    "complete_share",
    "most_raters_per_hit",
    "gold_per_hit",
    "most_votes_per_rater",
    "seconds_min",
    "seconds_max",
    "planned_contrasts",
    "plan_note",
    "environment",
    "reward",
    "trials_per_hit",
    "assignment_minutes",
    "lifetime_days",
    "auto_approval_hours",
    "seed",
)
#: Fields of several lines or words, which a file may give as a list.
_LISTED = {"cooldown_studies": "\n", "countries": " ", "qualifications": "\n"}
KEYS = (*FIELDS, "selection", "gold", "set", "models", "conditions")
#: What a draft says to raters in the words of its question type where the file is silent.
_TEXTS = ("title", "description", "question", "instructions")
#: Fields with cents or thousandths: what each is, and an example.
_DECIMALS = {"reward": ("an amount", "0.10"), "complete_share": ("a share", "0.1")}
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
            models = counted(len(self.models), "model")
            done = f"{self.study} is a draft now, asking about {models}."
        elif self.changed:
            done = f"{self.study} was a draft before; changed: {', '.join(self.changed)}."
        else:
            done = f"{self.study} is a draft already and says the same."
        return [done, f"Next: manage.py review {self.study}"]


def new_study(
    path: Path | None = None,
    *,
    preset: Preset | None = None,
    values: Mapping[str, Any] | None = None,
    owner: User | None = None,
    actor: AbstractBaseUser | None = None,
) -> NewStudySummary:
    """Make the study the file describes, or change the draft of that name.

    What the file leaves out is as the preset says, and else has its default. `values` go before
    both. A study that was launched is never changed.
    """
    item = str(path) if path else f"preset {preset.name}" if preset else "study"
    wanted = {
        **(preset.values if preset else {}),
        **(_read(path) if path else {}),
        **(values or {}),
    }
    return _draft(wanted, item=item, owner=owner, actor=actor, may_change=True)


def new_study_from(wanted: Mapping[str, Any], *, owner: User) -> NewStudySummary:
    """Make the study that the mapping describes, in the keys of the file.

    A name that is in use is refused, whoever has it: a draft may be somebody else's.
    """
    for key in wanted:
        if key not in KEYS:
            raise _unknown(str(key), known=KEYS, what="key", item="study")
    item = f"study {wanted.get('name', '')}".rstrip()
    try:
        return _draft(wanted, item=item, owner=owner, actor=owner, may_change=False)
    except IntegrityError as error:
        # Somebody else took the name between the look and the writing.
        raise _taken(item) from error


def _draft(
    wanted: Mapping[str, Any],
    *,
    item: str,
    owner: User | None,
    actor: AbstractBaseUser | None,
    may_change: bool,
) -> NewStudySummary:
    models = _models(wanted, item=item)
    conditions = read_conditions(wanted.get("conditions"), item=item)
    with transaction.atomic():
        named = Study.objects.filter(name=str(wanted.get("name", "")))
        study = named.select_for_update(no_key=True).first()
        before = _values(study) if study else {}
        if study is not None:
            if not may_change:
                raise _taken(item)
            _refuse_foreign(study)
        fresh = _filled(study, wanted=wanted, item=item)
        fresh.owner = fresh.owner or owner
        unreview(fresh)
        fresh.save()
        fresh.vision_models.set(models)
        store_conditions(fresh, conditions)
        if fresh.environment == Environment.LINK:
            link_of(fresh)
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


def _taken(item: str) -> StudyError:
    return StudyError(
        "there is a study of this name already", item=item, remedy="Choose another name"
    )


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
    content = read_bounded(path, most=LARGEST_BYTES, wanted="Give the path of a YAML file")
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
            raise _unknown(str(key), known=KEYS, what="key", item=str(path))
    return loaded


class _Loader(yaml.SafeLoader):
    """Safe YAML in which a key may be given once only."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        for key in keys:
            if keys.count(key) > 1:
                raise ValueError(f"the key {key} is given twice")
        return super().construct_mapping(node, deep=deep)


def _unknown(name: str, *, known: tuple[str, ...], what: str, item: str) -> InputError:
    close = difflib.get_close_matches(name, known, n=3)
    some = ", ".join(close or known[:30])
    ask = f"Did you mean {some}?" if close else f"There are: {some or 'none yet'}"
    return InputError(f"there is no {what} “{name}”", item=item, remedy=ask)


def _models(wanted: Mapping[str, Any], *, item: str) -> list[VisionModel]:
    given = wanted.get("models") or []
    names = [given] if isinstance(given, str) else given
    if not isinstance(names, list) or not all(isinstance(name, str | int) for name in names):
        raise InputError(
            "models is not a list of names", item=item, remedy="Write models: [NAME, NAME]"
        )
    found = []
    for name in dict.fromkeys(map(str, names)):
        model = VisionModel.objects.filter(name=name).first()
        if model is None:
            known = tuple(VisionModel.objects.order_by("name").values_list("name", flat=True))
            raise _unknown(name, known=known, what="model", item=item)
        found.append(model)
    image_set = _image_set(wanted, item=item)
    for model in found:
        if model.class_list_id != image_set.class_list_id:
            raise InputError(
                f"model {model.name} has other classes than the image set {image_set.name}",
                item=item,
                remedy="Choose models whose predictions were made on this set",
            )
    return found


def _image_set(wanted: Mapping[str, Any], *, item: str) -> ImageSet:
    name = str(wanted.get("set") or "")
    if not name:
        raise InputError("the key set is missing", item=item, remedy="Name an image set")
    image_set = ImageSet.objects.filter(name=name).first()
    if image_set is None:
        known = tuple(ImageSet.objects.order_by("name").values_list("name", flat=True))
        raise _unknown(name, known=known, what="image set", item=item)
    return image_set


def _filled(study: Study | None, *, wanted: Mapping[str, Any], item: str) -> Study:
    """A study with the file's values and defaults elsewhere, found valid."""
    filled = study or Study()
    filled.image_set = _image_set(wanted, item=item)
    texts = _texts(wanted)
    for name in FIELDS:
        model_field = Study._meta.get_field(name)
        default = model_field.get_default()  # type: ignore[union-attr]
        value: object = texts.get(name, default)
        if wanted.get(name) is not None:
            value = _value(name, given=wanted[name], item=item)
        setattr(filled, name, value)
    filled.selection = wanted.get("selection") or {}
    filled.gold = wanted.get("gold") or []
    try:
        filled.full_clean()
    except ValidationError as error:
        raise _invalid(error, item=item) from error
    return filled


def _texts(wanted: Mapping[str, Any]) -> dict[str, str]:
    """The words of the question type; of an unknown one, which is refused later, none."""
    kind = str(wanted.get("question_kind") or QuestionKind.RELEVANCE)
    if kind not in QuestionKind.values:
        return {"title": question_type(QuestionKind.RELEVANCE).texts.title}
    texts = question_type(kind).texts
    return {name: getattr(texts, name) for name in _TEXTS}


def _value(name: str, *, given: object, item: str) -> object:
    if name in ("unsure", "masters_only", "launches_by_itself") and isinstance(given, bool):
        return _UNSURE_WORDS[given] if name == "unsure" else given
    if name in _LISTED and isinstance(given, list):
        return _LISTED[name].join(map(str, given))
    if isinstance(given, bool | list | dict):
        raise InputError(
            f"{name}: {given!r} is not a single value", item=item, remedy="Give one value"
        )
    if name in _DECIMALS:
        try:
            return Decimal(str(given))
        except InvalidOperation as error:
            what, example = _DECIMALS[name]
            raise InputError(
                f"{name}: {given!r} is not {what}", item=item, remedy=f"Write {example}"
            ) from error
    return given


def _invalid(error: ValidationError, *, item: str) -> InputError:
    told = []
    for name, messages in error.message_dict.items():
        label = "" if name == "__all__" else f"{name}: "
        told += [f"{label}{message.rstrip('.')}" for message in messages]
    return InputError("; ".join(told), item=item, remedy="Correct these and run it again")


def _values(study: Study) -> dict[str, object]:
    """The study in the file's keys, for comparison."""
    values = {name: getattr(study, name) for name in FIELDS}
    models = sorted(study.vision_models.values_list("name", flat=True))
    return {
        **values,
        "selection": study.selection,
        "gold": study.gold,
        "set": study.image_set.name,
        "models": models,
        "conditions": written_conditions(study),
    }
