"""Published tables, from the file to the page: the figures of the published ones to the digit."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client
from django.urls import reverse

from studyapp.models import AuditEntry, ClassList, ClassScoreTable
from studyapp.people import make_researcher
from tests.factories.dataset import ImageSetFactory

pytestmark = pytest.mark.django_db

#: Table, model, method, and how many classes are below 0.2, 0.3 and 0.4.
TABLES = {
    "ResNet_152__GradCAMpp": ("ResNet-152", "Grad-CAM++", (8, 27, 54)),
    "ResNet_152__SmoothGradCAMpp": ("ResNet-152", "Smooth Grad-CAM++", (8, 27, 58)),
    "AlexNet__GradCAMpp": ("AlexNet", "Grad-CAM++", (19, 50, 103)),
}
#: Shared with the first among the lowest 20 and 100, and Spearman's correlation over all.
SHARED = {
    "ResNet_152__SmoothGradCAMpp": (18, 95, "0.9983"),
    "AlexNet__GradCAMpp": (16, 88, "0.9740"),
}


def load(file: Path, *, name: str = "t", **options: object) -> str:
    out = io.StringIO()
    call_command("import_class_scores", str(file), name=name, stdout=out, **options)
    return out.getvalue()


def test_the_published_tables_on_the_page(shared_data: Path, client: Client) -> None:
    for name, (model, method, below) in TABLES.items():
        file = shared_data / "robustness_scores" / f"{name}.csv"
        told = load(file, name=name, model=model, method=method, accuracy=5)
        assert "crs: {} below 0.2, {} below 0.3, {} below 0.4.".format(*below) in told
        assert "was there already" in load(file, name=name, accuracy=5)
    assert ClassList.objects.count() == 1, "tables of the same classes share their list"
    assert AuditEntry.objects.filter(verb="import_class_scores").count() == 3
    client.force_login(make_researcher("mara", password="x"))
    base = "ResNet_152__GradCAMpp"
    page = client.get(reverse("robustness"), {"base": base})
    text = page.content.decode()
    for other, (of_20, of_100, rho) in SHARED.items():
        for depth, size in ((20, of_20), (100, of_100)):
            row = f'<th scope="row">{other}</th><td class="number">{depth}</td>'
            assert f'{row}<td class="number">1,000</td><td class="number">{size}</td>' in text
        assert f'<td class="number">{rho}</td>' in text
    class_list = ClassList.objects.get().pk
    files = {
        table: list(
            csv.DictReader(
                io.StringIO(
                    client.get(
                        reverse("robustness-csv", args=[class_list, table]), {"base": base}
                    ).content.decode()
                )
            )
        )
        for table in ("ranking", "rankings", "comparisons")
    }
    assert len(files["ranking"]) == 1000
    assert float(files["ranking"][0]["crs"]) <= float(files["ranking"][1]["crs"])
    assert files["ranking"][0]["top5_accuracy"] != ""
    assert {
        row["ranking"]: tuple(int(row[f"below_0{n}"]) for n in (2, 3, 4))
        for row in files["rankings"]
    } == {name: below for name, (_, _, below) in TABLES.items()}
    smallest = {
        row["other"]: float(row["log10_p"]) for row in files["comparisons"] if row["k"] == "20"
    }
    assert smallest["ResNet_152__SmoothGradCAMpp"] == pytest.approx(-33.57, abs=0.01)
    out = io.StringIO()
    call_command("rankings", base=base, stdout=out)
    assert "8 below 0.2, 27 below 0.3, 54 below 0.4" in out.getvalue()


def test_bad_tables_name_the_line(tmp_path: Path) -> None:
    for text, told in (
        ("a;b\n1;2\n", "its first line is 'a;b'"),
        ("id;acc;crs;name\n0;0.5;0.5;a\n0;0.5;0.5;b\n", "line 3: class 0 has a row already"),
        ("id;acc;crs;name\n0;0.5;1.5;a\n", "line 2: crs is '1.5'"),
        ("id;acc;crs;name\nx;0.5;0.5;a\n", "line 2: the index of the class is 'x'"),
        ("id;acc;crs;name\n0;0.5;;a\n", "line 2: crs is empty"),
        ("id;crs\n0;0.5\n", "does not name every class"),
        ("id;acc;crs;name\n", "it has no row"),
        ("id;acc;crs;name\n0;0.5;0.5;a\0b\n", "line 2: the name is"),
    ):
        file = tmp_path / "t.csv"
        file.write_text(text, encoding="utf-8")
        with pytest.raises(CommandError, match=told.replace("(", r"\(")):
            load(file)
    assert not ClassScoreTable.objects.exists()


def test_a_name_keeps_its_content(tmp_path: Path) -> None:
    file = tmp_path / "t.csv"
    file.write_text("id;acc;crs;name\n0;0.5;0.5;a\n1;;0.25;b___c_d\n", encoding="utf-8")
    load(file)
    assert ClassScoreTable.objects.get().scores == [[0, 0.5, 0.5], [1, 0.25, None]]
    assert list(ClassList.objects.get().classes.values_list("name", flat=True)) == ["a", "b"]
    file.write_text("id;acc;crs;name\n0;0.5;0.75;a\n1;;0.25;b___c_d\n", encoding="utf-8")
    with pytest.raises(CommandError, match="another content"):
        load(file)


def test_what_is_said_of_a_table_is_what_is_stored(tmp_path: Path) -> None:
    file = tmp_path / "t.csv"
    file.write_text("id;acc;crs\n0;0.5;0.5\n1;;0.25\n", encoding="utf-8")
    image_set = ImageSetFactory.create(name="birds")
    load(file, set="birds", method="Grad-CAM++")
    assert "was there already" in load(file, set="birds")
    # An accuracy that is told later would be left out without a word.
    with pytest.raises(CommandError, match=r"--accuracy is 5, and .* has none"):
        load(file, set="birds", accuracy=5)
    with pytest.raises(CommandError, match=r"--method is 'LIME'.* has 'Grad-CAM\+\+'"):
        load(file, set="birds", method="LIME")
    with pytest.raises(CommandError, match="1 to 150 printable characters"):
        load(file, set="birds", name="x" * 151)
    # Rows numbered in another order than the list would compare each class with another one.
    first, second, *_ = image_set.class_list.classes.values_list("name", flat=True)
    file.write_text(f"id;crs;name\n0;0.5;{second}___x\n1;0.2;{first}\n", encoding="utf-8")
    with pytest.raises(CommandError, match="2 of 2 names stand elsewhere"):
        load(file, set="birds", name="other")
    assert ClassScoreTable.objects.count() == 1


def test_rankings_are_for_those_who_may_see_scores(client: Client) -> None:
    client.force_login(User.objects.create_user("rater"))
    assert client.get(reverse("robustness")).status_code == 403
    assert client.get(reverse("probes")).status_code == 403
    client.force_login(make_researcher("mara", password="x"))
    assert "There is no ranking yet" in client.get(reverse("robustness")).content.decode()
    assert "No model was probed yet" in client.get(reverse("probes")).content.decode()
    assert client.get(reverse("robustness-ranking", args=[1])).status_code == 404
