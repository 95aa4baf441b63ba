"""A study small enough to count by hand: every verdict, every reason a vote does not count.

Ten shown images, all labelled 0; rule 4 of 5, window 1..60 s. Question (image, class):

| question | alpha | beta | votes that count | verdict |
| i4, 1 | wrong | right | 5 yes | accepted |
| i5, 1 | wrong | wrong | 4 yes, 1 no | accepted |
| i6, 1 | wrong | | 3 yes, 2 no | rejected |
| i6, 2 | | wrong | 5 no | rejected |
| i7, 1 | wrong | no prediction | 3 yes, 1 no, 1 unsure | undecided |
| i8, 1 | wrong | right | published, no vote | undecided |
| i9, 1 | wrong | right | never published | unasked |
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from studyapp.identity import center_crop_rendering, rendered_stimulus_hash
from studyapp.models import (
    HIT,
    Assignment,
    HITTrial,
    Image,
    ManualExclusion,
    Rater,
    Study,
    Trial,
    Vote,
)
from studyapp.vocabulary import AssignmentState, HITState, StudyState
from tests.factories.crowd import AssignmentFactory, HITFactory, RaterFactory
from tests.factories.dataset import (
    PredictionFactory,
    RealLabelFactory,
    ShownImageFactory,
    VisionModelFactory,
    label_class,
)
from tests.factories.study import QuestionFactory, StimulusFactory, StudyFactory, TrialFactory

START = datetime(2026, 1, 1, 12, tzinfo=UTC)
ALPHA = {"i4": 1, "i5": 1, "i6": 1, "i7": 1, "i8": 1, "i9": 1}
BETA = {"i5": 1, "i6": 2}
ANSWERS = {
    ("i4", 1): ["yes"] * 5,
    ("i5", 1): ["yes", "no", "yes", "yes", "yes"],
    ("i6", 1): ["yes", "no", "yes", "no", "yes"],
    ("i6", 2): ["no"] * 5,
    ("i7", 1): ["yes", "unsure", "yes", "no", "yes"],
}


@dataclass
class HandStudy:
    study: Study
    images: dict[str, Image]
    trials: dict[tuple[str, int], Trial]
    hit: HIT
    raters: list[Rater]
    assignments: list[Assignment] = field(default_factory=list)
    n_votes: int = 0

    def vote(
        self,
        image: str,
        label: int,
        answer: str,
        *,
        assignment: Assignment,
        sequence: int = 0,
        seconds: float | None = 5.0,
        active_seconds: float | None = None,
    ) -> Vote:
        self.n_votes += 1
        trial = self.trials[image, label]
        return Vote.objects.create(
            study=self.study,
            question=trial.question,
            trial=trial,
            rater=assignment.rater,
            assignment=assignment,
            answer=answer,
            answer_raw=answer,
            sequence=sequence,
            seconds=seconds,
            active_seconds=active_seconds,
            presented_at=START + timedelta(seconds=60 * self.n_votes - 5),
            submitted_at=START + timedelta(seconds=60 * self.n_votes),
            position=0,
        )

    def take(self, rater: Rater, **fields: object) -> Assignment:
        fields.setdefault("state", AssignmentState.APPROVED)
        return AssignmentFactory.create(hit=self.hit, rater=rater, **fields)


def hand_study(*, name: str = "hand") -> HandStudy:
    """The study with the votes that count."""
    study = StudyFactory.create(
        name=name,
        title="By hand",
        state=StudyState.LIVE,
        seconds_min=1,
        seconds_max=60,
        render_resize=64,
        render_crop=64,
    )
    images = {
        f"i{n}": ShownImageFactory.create(
            image_set=study.image_set, image_id=f"i{n}", number=1000 + n
        )
        for n in range(10)
    }
    _predictions(study, images)
    for image, index in (("i0", 0), ("i4", 0), ("i4", 1), ("i5", 1), ("i6", 0)):
        RealLabelFactory.create(
            image=images[image], label_class=label_class(study.image_set, index=index)
        )
    trials = {pair: _trial(study, images[pair[0]], pair[1]) for pair in (*ANSWERS, ("i8", 1))}
    hit = HITFactory.create(study=study, state=HITState.OPEN, hit_id=f"H{uuid.uuid4().hex}")
    for position, trial in enumerate(trials.values()):
        HITTrial.objects.create(hit=hit, trial=trial, position=position)
    made = HandStudy(study, images, trials, hit, RaterFactory.create_batch(5))
    made.assignments = [made.take(rater) for rater in made.raters]
    for pair, answers in ANSWERS.items():
        for assignment, answer in zip(made.assignments, answers, strict=True):
            made.vote(*pair, answer, assignment=assignment)
    return made


def add_votes_that_do_not_count(made: HandStudy) -> dict[str, list[Vote]]:
    """One or two votes for every reason; they leave every verdict as it is."""
    spare = RaterFactory.create_batch(5)
    tester = RaterFactory.create(is_test=True)
    again = made.take(made.raters[0])
    late = made.take(spare[3])
    undone = made.take(spare[4])
    votes = {
        "test_run": [
            made.vote("i6", 1, "yes", assignment=made.take(tester)),
            made.vote("i6", 1, "yes", assignment=made.take(spare[0], is_test=True)),
        ],
        "unconfirmed": [
            made.vote(
                "i6", 1, "yes", assignment=made.take(spare[1], state=AssignmentState.FINISHED)
            )
        ],
        "superseded": [made.vote("i6", 1, "yes", assignment=undone)],
        "duplicate": [made.vote("i6", 1, "yes", assignment=again)],
        "too_fast": [made.vote("i5", 1, "no", assignment=late, seconds=90, active_seconds=0.5)],
        "too_slow": [made.vote("i6", 1, "yes", assignment=late, seconds=61)],
        "manual": [made.vote("i4", 1, "no", assignment=late)],
        "surplus": [made.vote("i6", 1, "yes", assignment=undone, sequence=1)],
    }
    ManualExclusion.objects.create(vote=votes["manual"][0], note="pressed the wrong key, wrote us")
    return votes


def _predictions(study: Study, images: dict[str, Image]) -> None:
    for name, wrong in (("alpha", ALPHA), ("beta", BETA)):
        model = VisionModelFactory.create(name=name, class_list=study.image_set.class_list)
        study.vision_models.add(model)
        for image_id, image in images.items():
            if (name, image_id) == ("beta", "i7"):
                continue
            top1 = wrong.get(image_id, 0)
            PredictionFactory.create(
                vision_model=model,
                image=image,
                classes=[top1, 5],
                probabilities=[0.75, 0.125],
            )


def _trial(study: Study, image: Image, index: int) -> Trial:
    rendering = center_crop_rendering(resize=study.render_resize, crop=study.render_crop)
    stimulus = StimulusFactory.create(
        image=image,
        rendering=rendering,
        stimulus_hash=rendered_stimulus_hash(str(image.content_hash), rendering=rendering),
    )
    return TrialFactory.create(
        condition=study.conditions.get(),
        question=QuestionFactory.create(stimulus=stimulus, class_index=index),
    )
