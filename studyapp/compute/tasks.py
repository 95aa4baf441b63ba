"""What compute workers do. Only they have torch; everybody else sends work here by name."""

from __future__ import annotations

from studyapp import queue
from studyapp.celery import app
from studyapp.compute.explain import explain
from studyapp.compute.predict import predict
from studyapp.compute.probe import probe
from studyapp.compute.robustness import robustness
from studyapp.compute.select_examples import prepare_examples, select_examples
from studyapp.explanation import ExplainRequest
from studyapp.model_code import refuse_unknown_code
from studyapp.models import ImageSet, Job
from studyapp.probing import ProbeRequest
from studyapp.progress import Progress
from studyapp.selection import SelectionRequest
from studyapp.selectors.explanations import model_named


def _predict(job: Job, progress: Progress) -> str:
    arguments = job.arguments
    # Whoever wrote the row, it was not the owner of this machine at its terminal.
    refuse_unknown_code(arguments["model"])
    summary = predict(
        ImageSet.objects.get(name=arguments["set"]),
        model=arguments["model"],
        weights=arguments.get("weights") or None,
        name=arguments.get("name") or None,
        actor=job.requested_by,
        progress=progress,
    )
    return "\n".join(summary.lines())


def _explain(job: Job, progress: Progress) -> str:
    """One part of a set; a person reads of it only what went wrong, the whole says the rest."""
    request = ExplainRequest.from_arguments(job.arguments)
    refuse_unknown_code(model_named(request.model).source)
    summary = explain(request, images=job.arguments["images"], progress=progress)
    return "\n".join(summary.problems())


def _select_examples(job: Job, progress: Progress) -> str:
    request = SelectionRequest.from_arguments(job.arguments)
    if request.model is not None:
        refuse_unknown_code(model_named(request.model).source)
    if "images" in job.arguments:
        prepare_examples(request, images=job.arguments["images"], progress=progress)
        return ""
    found = select_examples(request, actor=job.requested_by, progress=_only_alive(progress))
    return "\n".join(found.lines())


def _robustness(job: Job, progress: Progress) -> str:
    request = ExplainRequest.from_arguments(job.arguments)
    if "images" in job.arguments:
        robustness(request, images=job.arguments["images"], progress=progress)
        return ""
    found = robustness(request, actor=job.requested_by, progress=_only_alive(progress))
    return "\n".join(found.lines())


def _probe(job: Job, progress: Progress) -> str:
    request = ProbeRequest.from_arguments(job.arguments)
    refuse_unknown_code(model_named(request.model).source)
    if "images" in job.arguments:
        probe(request, images=job.arguments["images"], progress=progress)
        return ""
    found = probe(request, actor=job.requested_by, progress=_only_alive(progress))
    return "\n".join(found.lines())


def _only_alive(progress: Progress) -> Progress:
    """For a last part: its images were counted by the others."""

    return lambda done, total=None, message="": progress(0)  # noqa: ARG005  # what counts is when


VERBS: dict[str, queue.Verb] = {
    "predict": _predict,
    "explain": _explain,
    "select_examples": _select_examples,
    "robustness": _robustness,
    "probe": _probe,
}


@app.task(name=queue.COMPUTE_TASK)
def run_job(job_id: int) -> None:
    queue.run(job_id, verbs=VERBS)
