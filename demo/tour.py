"""The steps of the demo, each the command a researcher would type."""

from __future__ import annotations

import os
import secrets
import shutil
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread

import django
from django.conf import settings
from django.core.management import CommandError, call_command
from tqdm import tqdm

from demo.errors import DemoError, WorldError
from demo.oracle import Oracle
from demo.site import ROOT, run_everything, served
from demo.truth import Truth, true_rectified_error
from demo.world.write import write_world

django.setup()

from django.contrib.auth.models import User  # noqa: E402

from marketplace.actions.enrol import create_worker  # noqa: E402
from marketplace.robots import (  # noqa: E402
    AlwaysYes,
    Careful,
    Hasty,
    Rater,
    Robot,
    RobotResult,
    StimulusFacts,
    TooSlow,
    run_crowd,
)
from studyapp.models import Prediction, Study  # noqa: E402
from studyapp.people import make_researcher  # noqa: E402
from studyapp.plurals import counted  # noqa: E402
from studyapp.reports import build_report  # noqa: E402
from studyapp.selectors.study_progress import study_progress  # noqa: E402

SEED = 1
PER_CLASS = 40
ERROR_RATE = 0.03
THINKING_S = 0.1
TOO_LONG_S = 2.4
MODELS = {"toy-net": "weights.safetensors", "toy-net-small": "weights_small.safetensors"}


@dataclass(frozen=True)
class Accounts:
    """Log-ins made for this run."""

    researcher: str = field(default_factory=lambda: secrets.token_urlsafe(6))
    operator: str = field(default_factory=lambda: secrets.token_urlsafe(6))
    robots: str = field(default_factory=lambda: secrets.token_urlsafe(12))
    rater: str = field(default_factory=lambda: secrets.token_urlsafe(6))


def main() -> int:
    began = time.monotonic()
    var, port = settings.QUORUM_VAR, int(os.environ["DEMO_PORT"])
    try:
        accounts = prepare(var)
        with served(port):
            study(var, accounts=accounts)
        report(var)
    except DemoError as error:
        sys.stderr.write(f"\nThe demo stopped: {error}\n")
        return 1
    sys.stdout.write(f"\nAll of it took {time.monotonic() - began:.0f} seconds.\n")
    if os.environ.get("DEMO_SERVE", "1") == "0":
        sys.stdout.write(how_to_serve(var, port=port) + where_to_look(accounts))
        return 0
    sys.stdout.write(f"The site is at {settings.QUORUM_URL}/ (Ctrl-C ends it).\n")
    sys.stdout.write(where_to_look(accounts))
    sys.stdout.flush()
    run_everything(port)
    return 0


def say(text: str) -> None:
    sys.stdout.write(f"\n== {text}\n")
    sys.stdout.flush()


def tell(lines: list[str]) -> None:
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    sys.stdout.flush()


def command(name: str, *arguments: str, **options: object) -> None:
    """Show the command, then run it."""
    shown = " ".join([name, *(str(argument) for argument in arguments)])
    sys.stdout.write(f"$ manage.py {shown}\n")
    sys.stdout.flush()
    try:
        call_command(name, *arguments, **options)
    except CommandError as error:
        raise DemoError(f"{name}: {error}") from error


def prepare(var: Path) -> Accounts:
    """Database, pictures, predictions, accounts."""
    accounts = Accounts()
    say("A database, and a marketplace with an account of 500 dollars that are not real")
    command("migrate", verbosity=0)
    make_researcher("researcher", password=accounts.researcher)
    User.objects.create_superuser("operator", password=accounts.operator)
    command("marketplace_requester", "quorum", "--deposit", "500", "--reference", "demo")

    say("A toy world: drawn pictures whose true content is known (and kept away from the study)")
    world = var / "world"
    try:
        _draw(world)
    except WorldError:
        # A world of an earlier recipe lies there.
        shutil.rmtree(world)
        _draw(world)
    command(
        "import_images",
        *("--set", "toy", str(world / "images"), "--labels", str(world / "labels.csv")),
        *("--classes", str(world / "classes.csv"), "--boxes", str(world / "boxes.csv")),
    )

    say("Two small networks say what they see")
    for name, weights in MODELS.items():
        command(
            "predict",
            *("--set", "toy", "--model", "demo.network:load", "--name", name),
            *("--weights", str(ROOT / "demo" / weights)),
        )
    return accounts


def _draw(world: Path) -> None:
    with tqdm(desc="draw", unit=" pictures", disable=None) as bar:
        write_world(
            world,
            seed=SEED,
            per_class=PER_CLASS,
            progress=lambda done, total: _advance(bar, done=done, total=total),
        )


def study(var: Path, *, accounts: Accounts) -> None:
    """From a study's file to collected votes; the site is up meanwhile."""
    say("A study: every picture a network got wrong, shown to five people")
    command("new_study", str(ROOT / "demo" / "study.yaml"), "--owner", "researcher")
    command("review", "toy")
    command("launch", "toy")

    say("Published with boto3, over HTTP, to the marketplace")
    command("publish", "toy")

    say("Simulated raters sign in, look at the served pictures, answer and submit")
    _simulate(var, accounts=accounts)

    say("Votes are collected, work is paid, times outside the window do not count")
    command("collect_votes", "toy")
    command("filter_votes", "toy")

    say("A second study is left open for you to rate yourself")
    own = ROOT / "demo" / "study_for_you.yaml"
    command("new_study", str(own), "--owner", "researcher")
    command("launch", "try-it")
    command("publish", "try-it")
    create_worker("rater", password=accounts.rater)


def _simulate(var: Path, *, accounts: Accounts) -> None:
    truth = Truth.load(var / "world" / "truth.json")
    oracle = Oracle(truth, folder=var / "world" / "images")

    def look(facts: StimulusFacts) -> str:
        return oracle.answer(facts.image_bytes, class_name=facts.class_name)

    careful = Careful(look, error_rate=ERROR_RATE, delay_s=THINKING_S)
    people: list[tuple[Rater, int | None]] = [
        *[(careful, None)] * 10,
        (Hasty(), 4),
        (AlwaysYes(delay_s=THINKING_S), 4),
        (TooSlow(look, delay_s=TOO_LONG_S), 1),
    ]
    robots, pictures = [], dict[str, bytes]()
    for number, (rater, most_hits) in enumerate(people):
        name = f"simulated-{number:02d}"
        create_worker(name, password=accounts.robots)
        robots.append(
            Robot(
                name,
                password=accounts.robots,
                marketplace_url=settings.MARKETPLACE_URL,
                rater=rater,
                seed=number,
                most_hits=most_hits,
                tells_time=True,
                pictures=pictures,
            )
        )
    results: list[RobotResult] = []
    crowd = Thread(target=lambda: results.extend(run_crowd(robots)))
    crowd.start()
    _watch(crowd)
    for kind in dict.fromkeys(result.kind for result in results):
        of_kind = [result for result in results if result.kind == kind]
        answers = sum(result.n_answers for result in of_kind)
        sys.stdout.write(f"{kind}: {counted(len(of_kind), 'rater')}, {answers:,} answers\n")
    if problems := [problem for result in results for problem in result.problems]:
        raise DemoError(f"{len(problems)} simulated raters got stuck, the first one: {problems[0]}")


def _watch(crowd: Thread) -> None:
    """A bar over the votes as they arrive in the database."""
    toy = Study.objects.get(name="toy")
    progress = study_progress(toy)
    total = progress.trials * toy.raters_per_trial
    with tqdm(desc="votes", unit=" votes", total=total, disable=None) as bar:
        while crowd.is_alive():
            crowd.join(timeout=1)
            bar.update(study_progress(toy).votes - bar.n)


def report(var: Path) -> None:
    """The table, the export, and the only line that looks at the truth."""
    say("What the study found")
    command("analyse", "toy")
    command("export", "toy", "--out", str(var / "export"))

    say("What is true (read from the drawing, for these lines only)")
    truth = Truth.load(var / "world" / "truth.json")
    found = {model.model: model for model in build_report(Study.objects.get(name="toy")).models}
    for name in MODELS:
        predictions = Prediction.objects.filter(vision_model__name=name)
        rows = predictions.values_list("image__image_id", "image__label__index", "top1__index")
        true = true_rectified_error(
            truth, {row[0]: row[1] for row in rows}, {row[0]: row[2] for row in rows}
        )
        model = found[name]
        sys.stdout.write(
            f"{name}: top-1 error {true.top1_error:.2%}; rectified: found "
            f"{model.rectified_top1_error:.2%} [{model.ci_low:.2%}, {model.ci_high:.2%}], "
            f"true {true.rectified_top1_error:.2%}\n"
        )


def where_to_look(accounts: Accounts) -> str:
    """Addresses and log-ins."""
    site, marketplace = settings.QUORUM_URL, settings.MARKETPLACE_URL
    rows = (
        ("the study's report", f"{site}/studies/toy/", f"researcher / {accounts.researcher}"),
        ("the researcher's desk", f"{site}/admin/", "the same"),
        ("everything, as who runs the site", f"{site}/admin/", f"operator / {accounts.operator}"),
        ("rate pictures yourself", f"{marketplace}/marketplace/", f"rater / {accounts.rater}"),
    )
    return "\n" + "".join(f"  {what:<32}  {where:<37}  {who}\n" for what, where, who in rows) + "\n"


def how_to_serve(var: Path, *, port: int) -> str:
    """For a run that ends: the same site, as its HITs know it, can be looked at later."""
    ahead = settings.MARKETPLACE_CLOCK_OFFSET_S
    clock = f"MARKETPLACE_CLOCK_OFFSET_S={ahead} " if ahead else ""
    return (
        f"To look at it: QUORUM_VAR={var} BIND=127.0.0.1:{port} QUORUM_URL={settings.QUORUM_URL} "
        f"MARKETPLACE_URL={settings.MARKETPLACE_URL} {clock}make run\n"
    )


def _advance(bar: tqdm, *, done: int, total: int) -> None:  # type: ignore[type-arg]  # no row type
    bar.total = total
    bar.update(done - bar.n)


if __name__ == "__main__":
    sys.exit(main())
