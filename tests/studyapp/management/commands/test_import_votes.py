from __future__ import annotations

from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from studyapp.models import Study, Vote
from tests.factories.dataset import ImageFactory, ImageSetFactory

pytestmark = pytest.mark.django_db


def test_votes_come_in_and_errors_are_readable(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ImageFactory.create(image_set=ImageSetFactory.create(name="pets"), image_id="a")
    file = tmp_path / "v.csv"
    file.write_text("image_id,class_index,rater_id,answer\na,1,W1,maybe\n")
    call_command("import_votes", "--set", "pets", "--study", "crowd", str(file))
    out = capsys.readouterr().out
    assert "crowd: 1 votes added of 1 rows; 1 questions, 1 raters." in out
    assert "W1" not in out
    assert (Study.objects.get().name, Vote.objects.count()) == ("crowd", 1)
    file.write_text("image_id,class_index,rater_id,answer\na,1,W1,dunno\n")
    with pytest.raises(CommandError, match=r"v\.csv, line 2: answer is 'dunno'"):
        call_command("import_votes", "--set", "pets", "--study", "crowd", str(file))


def test_columns_and_answers_are_named_by_options(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ImageFactory.create(image_set=ImageSetFactory.create(name="pets"), image_id="a")
    file = tmp_path / "v.csv"
    file.write_text("photo,rater_id,fits\na,W1,Relevant\na,W2,Beside it\n")
    command = ("import_votes", "--set", "pets", "--study", "crowd", str(file))
    mapped = (
        "--column",
        "image_id=photo",
        "--column",
        "answer=fits",
        "--constant",
        "class_index=2",
    )
    with pytest.raises(CommandError, match=r"answer is 'Relevant'.*--answer yes=Relevant"):
        call_command(*command, *mapped)
    with pytest.raises(CommandError, match=r"--answer: 'oui=Relevant' is not understood"):
        call_command(*command, *mapped, "--answer", "oui=Relevant")
    answers = ("--answer", "yes=Relevant", "--answer", "no=Beside it")
    call_command(*command, *mapped, *answers)
    assert "crowd: 2 votes added" in capsys.readouterr().out
    assert list(Vote.objects.order_by("pk").values_list("answer", "answer_raw")) == [
        ("yes", "Relevant"),
        ("no", "Beside it"),
    ]
