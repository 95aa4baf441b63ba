"""What compute workers do. Only they have torch; everybody else sends work here by name."""

from __future__ import annotations

from studyapp import queue
from studyapp.celery import app
from studyapp.compute.explain import explain
from studyapp.compute.predict import predict
from studyapp.explanation import ExplainRequest
from studyapp.model_code import refuse_unknown_code
from studyapp.models import ImageSet, Job
from studyapp.progress import Progress
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


VERBS: dict[str, queue.Verb] = {"predict": _predict, "explain": _explain}


@app.task(name=queue.COMPUTE_TASK)
def run_job(job_id: int) -> None:
    queue.run(job_id, verbs=VERBS)
