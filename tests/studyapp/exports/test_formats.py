"""The same table in every format: same columns, types and nulls."""

from __future__ import annotations

import csv
import importlib
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from studyapp.errors import InputError
from studyapp.exports import export_study, formats_of
from studyapp.exports.columns import Cell
from studyapp.exports.latex import escaped
from studyapp.exports.tables import plain_cell
from studyapp.pipeline.name_analysis import name_analysis
from tests.factories.dataset import VisionModelFactory
from tests.studyapp.reports.hand_study import HandStudy, add_votes_that_do_not_count, hand_study

ALL = ("csv", "json", "parquet", "latex")
TABLES = {
    "votes", "questions", "predictions", "models", "raters", "agreement", "sensitivity",
    "contrasts", "analyses", "flow", "conditions",
}  # fmt: skip
PRINTED = TABLES - {"votes", "questions", "predictions", "raters"}

pytestmark = pytest.mark.django_db


@pytest.fixture
def made() -> HandStudy:
    made = hand_study()
    add_votes_that_do_not_count(made)
    name_analysis(made.study, name="three", accept=3, note='=why, "so"')
    return made


def read_csv(path: Path) -> tuple[list[str], list[list[str]]]:
    with path.open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    return header, rows


@pytest.mark.slow
def test_which_files_there_are(made: HandStudy, tmp_path: Path) -> None:
    export_study(made.study, out=tmp_path / "out", formats=ALL)
    files = {path.name for path in (tmp_path / "out").iterdir()}
    assert files >= {
        f"{name}{suffix}" for name in TABLES for suffix in (".csv", ".parquet", ".json")
    }
    assert {name for name in files if name.endswith(".tex")} == {f"{name}.tex" for name in PRINTED}
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text("utf-8"))
    assert {file["name"] for file in manifest["files"]} == files - {"manifest.json"}


@pytest.mark.slow
def test_csv_parquet_and_json_hold_the_same(made: HandStudy, tmp_path: Path) -> None:
    made.study.vision_models.add(
        VisionModelFactory.create(name="=late()", class_list=made.study.image_set.class_list)
    )
    export_study(made.study, out=tmp_path / "out", formats=ALL)
    for name in sorted(TABLES):
        header, rows = read_csv(tmp_path / "out" / f"{name}.csv")
        arrow = pq.read_table(tmp_path / "out" / f"{name}.parquet")
        assert arrow.column_names == header
        cells = [list(row.values()) for row in arrow.to_pylist()]
        assert [[str(plain_cell(cell)) for cell in row] for row in cells] == rows
        assert rows, name
        if name == "agreement":
            continue
        data = json.loads((tmp_path / "out" / f"{name}.json").read_text("utf-8"))
        assert (data["schema_version"], data["study"]) == (1, "hand")
        assert [list(row) for row in data[name][:1]] == [header]
        assert data[name] == [dict(zip(header, map(_json, row), strict=True)) for row in cells]


def _json(cell: Cell) -> Any:
    return plain_cell(cell) if isinstance(cell, datetime) else cell


@pytest.mark.slow
def test_types_of_parquet(made: HandStudy, tmp_path: Path) -> None:
    export_study(made.study, out=tmp_path / "out", formats=("csv", "parquet"))
    schema = pq.read_table(tmp_path / "out" / "votes.parquet").schema
    assert schema.field("submitted_at").type == pa.timestamp("us", tz="UTC")
    assert schema.field("is_valid").type == pa.bool_()
    assert schema.field("question_id").type == pa.int64()
    assert schema.field("seconds").type == pa.float64()
    first = pq.read_table(tmp_path / "out" / "votes.parquet").to_pylist()[0]
    assert first["submitted_at"] == datetime(2026, 1, 1, 12, 1, tzinfo=UTC)
    assert first["exclusion_reason"] is None


@pytest.mark.slow
def test_the_same_rows_give_the_same_bytes_in_every_format(made: HandStudy, tmp_path: Path) -> None:
    for out in ("a", "b"):
        export_study(made.study, out=tmp_path / out, formats=ALL)
    for path in (tmp_path / "a").iterdir():
        assert path.read_bytes() == (tmp_path / "b" / path.name).read_bytes(), path.name


@pytest.mark.slow
def test_a_table_for_a_paper(made: HandStudy, tmp_path: Path) -> None:
    made.study.vision_models.add(
        VisionModelFactory.create(name="a_b & 50%", class_list=made.study.image_set.class_list)
    )
    export_study(made.study, out=tmp_path / "out", formats=("csv", "latex"))
    text = (tmp_path / "out" / "models.tex").read_text("utf-8")
    assert r"alpha & 10 & 6 & 60.00 & 5 & 2 & 2 & 40.00 & 16.82 & 68.73 & 20.00 & 40.00 \\" in text
    assert r"a\_b \& 50\% & 0 & 0 & -- & 0" in text
    assert "accepted at 4 yes of 5 votes, unsure votes left out, votes of 1 to 60 s; 25 of" in text
    assert r"Wilson's at 95 \%" in text
    assert text.count(r"\toprule") == text.count(r"\bottomrule") == 1
    # Behind the end of a row these would be a star or a distance.
    assert [escaped(name) for name in ("[sic]", "*", "a[b]*")] == ["{[}sic]", "{*}", "a[b]*"]


def test_a_format_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    assert formats_of("latex, csv") == ("csv", "latex")
    assert formats_of("json") == ("csv", "json")
    with pytest.raises(InputError, match=r"xls: there is no such format\. Use some of csv, json"):
        formats_of("csv,xls")

    def missing(name: str) -> None:
        raise ImportError(name)

    monkeypatch.setattr(importlib, "import_module", missing)
    with pytest.raises(InputError, match=r"pyarrow is not installed.*requirements/parquet\.txt"):
        formats_of("parquet")


@pytest.mark.slow
def test_figures_counted_by_hand(made: HandStudy, tmp_path: Path) -> None:
    export_study(made.study, out=tmp_path / "out")

    def rows(name: str) -> list[dict[str, str]]:
        header, cells = read_csv(tmp_path / "out" / f"{name}.csv")
        return [dict(zip(header, row, strict=True)) for row in cells]

    flow = {row["step"]: int(row["n_votes"]) for row in rows("flow")}
    assert (flow["given"], flow["valid"], flow["test_run"], flow["manual"]) == (34, 25, 2, 1)
    [condition] = rows("conditions")
    assert (condition["n"], condition["successes"], condition["mean"]) == ("24", "15", "0.625")
    raters = rows("raters")
    assert sum(int(row["n_votes"]) for row in raters) == 34
    assert sum(int(row["n_valid"]) for row in raters) == 25
    # 25 valid votes, five on each of five questions, one of them unsure and so compared with none:
    # four others for each of 20, three for each of 4.
    assert sum(int(row["peer_pairs"]) for row in raters) == 92
    agreeing = sum(
        int(row["peer_n"]) * float(row["peer_agreement"]) for row in raters if row["peer_agreement"]
    )
    # Per vote the share of the others' that equal it: 5 x 1, 4 x 3/4, 3 x 2/4 + 2 x 1/4, 5 x 1,
    # and 3 x 2/3 where one of five is unsure.
    assert agreeing == pytest.approx(17)
    assert sum(row["excluded"] == "true" for row in raters) == 5
    standard, rectified = rows("contrasts")
    # On nine shared images: alpha has five wrong and beta two, both i6; people leave alpha i6, i8
    # and i9 wrong, and beta i6 alone.
    assert [standard["correctness"], rectified["correctness"]] == ["standard", "rectified"]
    found = (rectified["n_images"], rectified["only_first"], rectified["only_second"])
    assert found == ("9", "0", "2")
    assert float(rectified["estimate"]) == pytest.approx(-2 / 9)
    assert rectified["p_holm"] == rectified["p_raw"] == "0.5"
    [planned] = [
        row for row in rows("sensitivity") if (row["model"], row["planned"]) == ("alpha", "true")
    ]
    assert (planned["accept_at"], planned["unsure"], planned["extra"]) == ("4", "missing", "first")
    assert (planned["window"], planned["window_low"]) == ("planned", "1.0")
    assert (planned["n_accepted"], planned["rectified_top1_error"]) == ("2", "0.4")


@pytest.mark.slow
def test_tables_are_those_of_the_report(made: HandStudy, tmp_path: Path) -> None:
    """A table and report.json must never tell a figure in two ways."""
    export_study(made.study, out=tmp_path / "out")
    report = json.loads((tmp_path / "out" / "report.json").read_text(encoding="utf-8"))
    for name, told in (("sensitivity", report["sensitivity"]), ("contrasts", _flat(report))):
        header, cells = read_csv(tmp_path / "out" / f"{name}.csv")
        assert cells == [[_cell(row[column]) for column in header] for row in told]


def _flat(report: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {
            **{key: pair[key] for key in ("first", "second", "n_images")},
            **{key: pair[kind]["n"][key] for key in ("only_first", "only_second")},
            "correctness": kind,
            "estimate": pair[kind]["estimate"],
            "ci_low": pair[kind]["low"],
            "ci_high": pair[kind]["high"],
            "ci_method": pair[kind]["interval_method"],
            "ci_level": pair[kind]["level"],
            "p_raw": pair[kind]["p"],
            "p_holm": pair[f"{kind}_p_holm"],
            "test": pair[kind]["method"],
            "planned": pair["planned"],
            "n_family": pair["n_family"],
        }
        for pair in report["comparisons"]
        for kind in ("standard", "rectified")
    ]


def _cell(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value)
