from __future__ import annotations

from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from studyapp.models import Prediction
from tests.factories.dataset import ImageFactory, ImageSetFactory

pytestmark = pytest.mark.django_db


def test_named_model_and_errors(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ImageFactory.create(image_set=ImageSetFactory.create(name="pets"), image_id="a")
    file = tmp_path / "p.csv"
    file.write_text("image_id,class_1,prob_1\na,3,0.5\n")
    call_command("import_predictions", "--set", "pets", "--name", "net", str(file))
    assert "net: 1 prediction added" in capsys.readouterr().out
    assert Prediction.objects.get().vision_model.name == "net"
    with pytest.raises(CommandError, match="Name the model with --name"):
        call_command("import_predictions", "--set", "pets", str(file))
    with pytest.raises(CommandError, match="no such image set"):
        call_command("import_predictions", "--set", "none", str(file))
