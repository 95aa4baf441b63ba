"""`make demo-all`: the demo's study, then every other preset, each with what is true beside it."""

from __future__ import annotations

import os
import sys
import time
from functools import partial
from pathlib import Path

from django.conf import settings

from demo import causes, tour
from demo.coders import Coder
from demo.errors import DemoError
from demo.looker import Looker
from demo.oracle import Oracle
from demo.preset_truths import audit_lines, match_lines, top5_lines, under_attack_lines
from demo.site import Site, served
from demo.truth import Truth
from marketplace.actions.enrol import create_worker
from marketplace.robots import Careful, Robot, run_crowd
from studyapp.models import HIT, LabelClass, Study
from studyapp.recruiters.launch_gap import held_back
from studyapp.vocabulary import HITState

#: As many as the widest HIT takes: two for each of seven conditions, and a few who come late.
CROWD = 16
MODEL = "toy-net"
#: Simulated people think for a twentieth of a second; with real ones the presets' windows hold.
QUICK = "seconds_min: 0\nseconds_max: 60\ncontact: whoever runs this demo\n"
#: A larger step than the papers', so that what flips still flips in a file of 8 bits.
ATTACK = ("--step", "0.004", "--max-steps", "10")
#: Classes whose adversarial images people see: enough for a table within minutes.
FEW_CLASSES = 6
EXAMPLES = (
    "adversarial", "adversarial+criticisms", "mmd", "mmd+criticisms", "confidence",
    "confidence+criticisms",
)  # fmt: skip


def main() -> int:
    began = time.monotonic()
    var, port = settings.QUORUM_VAR, int(os.environ["DEMO_PORT"])
    try:
        accounts = tour.prepare(var)
        with served(port) as site:
            tour.study(var, accounts=accounts)
            tour.report(var)
            everything(var, accounts=accounts, site=site)
    except DemoError as error:
        sys.stderr.write(f"\nThe demo stopped: {error}\n")
        return 1
    sys.stdout.write(f"\nAll of it took {time.monotonic() - began:.0f} seconds.\n")
    sys.stdout.write(tour.how_to_serve(var, port=port) + tour.where_to_look(accounts))
    return 0


Crowd = list[tuple[str, str, Careful]]


def everything(var: Path, *, accounts: tour.Accounts, site: Site) -> None:
    """The presets beside misclassification, with robots that look at what they are served."""
    truth = Truth.load(var / "world" / "truth.json")
    crowd = new_crowd(truth, var=var, password=accounts.robots)
    audit(truth, var=var, crowd=crowd)
    top5(truth, var=var, crowd=crowd)
    attack(truth, var=var, crowd=crowd, site=site)
    matching(var=var, crowd=crowd)
    run = partial(_run, var=var, crowd=crowd)
    causes.bias(truth, run=run, of_model=_of_model(), attack=ATTACK)
    causes.robustness(truth, var=var, run=run, of_model=_of_model())
    causes.reasons(truth, var=var, run=run, of_model=_of_model())


def audit(truth: Truth, *, var: Path, crowd: Crowd) -> None:
    tour.say("Both sides of the error: right predictions and decoys among the mistakes")
    more = "selection: {correct: 60, decoys: 30}\n"
    _run("two_sided_audit", name="audit", var=var, crowd=crowd, more=more)
    tour.tell(audit_lines("audit", truth=truth))


def top5(truth: Truth, *, var: Path, crowd: Crowd) -> None:
    tour.say("Top-5: is any of the five predictions in the picture? One answer, then five")
    for preset, name, more in (
        ("top5_a", "top5", ""),
        ("top5_five", "top5-five", "population: top5_mistakes\n"),
    ):
        _run(preset, name=name, var=var, crowd=crowd, more=more)
        tour.tell(top5_lines(name, truth=truth))


def attack(truth: Truth, *, var: Path, crowd: Crowd, site: Site) -> None:
    tour.say("An attack, what the model looks at in its pictures, and what people accept")
    tour.command("explain", *_of_model(), "--kind", "adversarial", *ATTACK)
    tour.command(
        "explain", *_of_model(), "--kind", "attention", "--among", "attacked",
        *("--n-samples", "100", "--top-k", "4"),
        *(f"--class={index}" for index in range(FEW_CLASSES)),
    )  # fmt: skip
    classes = ", ".join(
        LabelClass.objects.filter(class_list__image_sets__name="toy", index__lt=FEW_CLASSES)
        .order_by("index")
        .values_list("wnid", flat=True)
    )
    more = f"selection: {{classes: [{classes}]}}\n"
    _run("adversarial_attention", name="attacked", var=var, crowd=crowd, more=more, site=site)
    tour.tell(under_attack_lines("attacked", truth=truth))


def matching(*, var: Path, crowd: Crowd) -> None:
    tour.say("Which pictures explain a class? Seven ways to choose them, matched by eye")
    for condition in EXAMPLES:
        more = ATTACK if condition.startswith("adversarial") else ()
        tour.command("select_examples", *_of_model(), "--condition", condition, *more)
    tour.command("select_examples", "--set", "toy", "--condition", "uniform")
    _run(
        "prototypes_criticisms", name="matching", var=var, crowd=crowd,
        more="raters_per_trial: 2\naccept_at: 1\ntrials_per_hit: 12\nselection: {rounds: 24}\n",
    )  # fmt: skip
    tour.tell(match_lines("matching"))


def _of_model() -> tuple[str, ...]:
    return ("--set", "toy", "--model", MODEL)


def new_crowd(truth: Truth, *, var: Path, password: str) -> Crowd:
    """Simulated raters with accounts on the marketplace."""
    oracle = Oracle(truth, folder=var / "world" / "images")
    looker = Looker(oracle, Coder(oracle, truth))
    people = []
    for number in range(CROWD):
        name = f"looker-{number:02d}"
        create_worker(name, password=password)
        people.append((name, password, Careful(looker, error_rate=tour.ERROR_RATE)))
    return people


def _run(
    preset: str,
    *,
    name: str,
    var: Path,
    crowd: Crowd,
    more: str = "",
    models: tuple[str, ...] = (),
    site: Site | None = None,
) -> None:
    """From the preset to its table; `models` besides the usual one.

    Conditions that are launched later wait for their day at `site`.
    """
    file = var / f"{name}.yaml"
    file.write_text(QUICK + more, encoding="utf-8")
    tour.command(
        "new_study", str(file), "--preset", preset, "--name", name, *_of_model(),
        *(text for model in models for text in ("--model", model)), "--owner", "researcher",
    )  # fmt: skip
    tour.command("launch", name)
    tour.command("publish", name)
    _let_rate(name, crowd=crowd)
    tour.command("collect_votes", name)
    study = Study.objects.get(name=name)
    while site is not None and held_back(study):
        tour.say(f"{study.launch_gap_hours} hours pass for everybody")
        site.let_pass(study.launch_gap_hours + 1)
        # Who waited is free again, and the next condition can go out.
        tour.command("collect_votes", name)
        tour.command("publish", name)
        _let_rate(name, crowd=crowd)
        tour.command("collect_votes", name)
    for verb in ("filter_votes", "analyse"):
        tour.command(verb, name)
    tour.command("export", name, "--out", str(var / f"export-{name}"))


def _let_rate(name: str, *, crowd: Crowd) -> None:
    """Let the crowd work at what was published last."""
    lots = HIT.objects.filter(study__name=name, state=HITState.OPEN).order_by("-lot")
    group = lots.values_list("hit_type_id", flat=True).first()
    pictures: dict[str, bytes] = {}
    robots = [
        Robot(
            worker,
            password=password,
            marketplace_url=settings.MARKETPLACE_URL,
            rater=rater,
            seed=number,
            hit_type_id=group,
            tells_time=True,
            pictures=pictures,
        )
        for number, (worker, password, rater) in enumerate(crowd)
    ]
    results = run_crowd(robots, at_once=8)
    if problems := [problem for result in results for problem in result.problems]:
        raise DemoError(f"{len(problems)} simulated raters got stuck, the first one: {problems[0]}")


if __name__ == "__main__":
    sys.exit(main())
