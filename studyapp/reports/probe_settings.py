"""The settings a probe was made with: answers under different ones are never counted together."""

from __future__ import annotations

from collections.abc import Mapping

from django.db.models import Count, Max, QuerySet

from studyapp.models import ProbeResult


def of_one_setting(rows: QuerySet[ProbeResult]) -> QuerySet[ProbeResult]:
    """Those of the settings most images were probed with, the newest of equals: a trial of other
    settings on a few images does not take their place."""
    found = (
        rows.order_by()
        .values("parameters_hash")
        .annotate(n_images=Count("image", distinct=True), last=Max("pk"))
    )
    most = max(found, key=lambda each: (each["n_images"], each["last"]), default=None)
    return rows.filter(parameters_hash=most["parameters_hash"]) if most else rows.none()


def settings_words(parameters: Mapping[str, object]) -> str:
    """The settings that were given, in words; what was pasted in is told elsewhere."""
    given = {name: value for name, value in sorted(parameters.items()) if name != "inserted"}
    told = (
        f"{name.replace('_', ' ')} "
        + (" to ".join(map(str, value)) if isinstance(value, list | tuple) else str(value))
        for name, value in given.items()
    )
    return ", ".join(told) or "usual"
