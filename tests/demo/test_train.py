from __future__ import annotations

from pathlib import Path

import pytest
import torch

from demo import train as training
from demo.fit import Schedule
from demo.network import WIDTHS, build, load
from demo.train import RECIPES, Recipe, save_weights, train


@pytest.fixture
def short_recipe(monkeypatch: pytest.MonkeyPatch) -> None:
    recipe = Recipe(per_class=6, schedule=Schedule(epochs=1), seed=5)
    monkeypatch.setitem(RECIPES, "small", recipe)


def test_there_is_a_recipe_for_every_size() -> None:
    assert RECIPES.keys() == WIDTHS.keys()
    assert training.TRAINING_SIDE == 128


@pytest.mark.usefixtures("short_recipe")
@pytest.mark.slow
def test_a_trained_network_can_be_saved_and_loaded(tmp_path: Path) -> None:
    network = train("small")
    save_weights(network, tmp_path / "w.safetensors")
    loaded = load(tmp_path / "w.safetensors")
    for name, value in network.state_dict().items():
        assert torch.equal(value, loaded.state_dict()[name]), name
    torch.manual_seed(5)
    untrained = build("small").state_dict()
    assert not torch.equal(untrained["head.weight"], loaded.state_dict()["head.weight"])
    assert loaded.state_dict()["stem.1.num_batches_tracked"] == 6 * 24 // 64
