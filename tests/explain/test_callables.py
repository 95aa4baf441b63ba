from __future__ import annotations

from pathlib import Path

import pytest
from torch import nn

from explain import callables
from explain.errors import ModelError
from tests.explain.tiny_models import Channels, Declared

TINY = "tests.explain.tiny_models"


def test_the_callable_gets_the_path(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "mine_for_this_test.py").write_text(
        "from torch import nn\n"
        "def model(weights):\n"
        "    module = nn.Identity()\n"
        "    module.got = weights\n"
        "    return module\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    path = tmp_path / "w.pth"
    assert callables.build("mine_for_this_test:model", weights=path).got == path
    assert callables.build("mine_for_this_test:model", weights=None).got is None


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ("no_such_module:model", "'no_such_module' cannot be imported .*ModuleNotFoundError"),
        (f"{TINY}:nobody", "has no 'nobody'"),
        (f"{TINY}:", "has no ''"),
        (":model", "'' cannot be imported"),
        (f"{TINY}:fails", "calling it with None failed .KeyError: 'layer7'"),
        (f"{TINY}:not_a_module", "returned object, not a torch module"),
        (f"{TINY}:__name__", "calling it with None failed .TypeError"),
    ],
)
def test_what_is_wrong_is_named(spec: str, message: str) -> None:
    with pytest.raises(ModelError, match=message):
        callables.build(spec, weights=None)


def test_a_module_that_does_not_parse_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "broken_for_this_test.py").write_text("def model(:\n")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ModelError, match="SyntaxError"):
        callables.build("broken_for_this_test:model", weights=None)


def test_input_size_is_what_the_module_says() -> None:
    assert callables.input_size(Channels(), item="model") == 4


@pytest.mark.parametrize(
    ("declared", "message"),
    [(None, "no attribute input_size"), ("224", "'224'"), (0, "is 0"), (True, "is True")],
)
def test_an_input_size_that_is_no_size_is_refused(declared: object, message: str) -> None:
    module = nn.Identity() if declared is None else Declared(nn.Identity(), input_size=declared)
    with pytest.raises(ModelError, match=message):
        callables.input_size(module, item="model 'm:f'")
