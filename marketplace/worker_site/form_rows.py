"""A QuestionForm as a page shows it: content and questions with what was filled in before."""

from __future__ import annotations

from collections.abc import Mapping

from marketplace.question_form import QuestionForm


def rows_of(
    form: QuestionForm, *, given: Mapping[str, list[str]], problems: Mapping[str, str]
) -> list[dict[str, object]]:
    """What the page shows, in order, with what was filled in before and what is amiss."""
    rows: list[dict[str, object]] = []
    for part in form.parts:
        if isinstance(part, tuple):
            rows.append({"blocks": part})
            continue
        values = given.get(part.field_name, [part.default_text])
        rows.append(
            {
                "question": part,
                "values": values,
                "value": values[-1] if values else "",
                "problem": problems.get(part.field_name, ""),
                "several": part.most_chosen > 1,
            }
        )
    return rows
