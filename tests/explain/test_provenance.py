from __future__ import annotations

import json
from dataclasses import asdict, replace

import torch

from explain import classifiers, provenance


def test_a_record_is_plain_values_and_names_everything_that_moves_a_result() -> None:
    classifier = classifiers.load("tests.explain.tiny_models:channels")
    record = provenance.record(
        classifier, method="m", parameters={"k": 8, "background": "black"}, seed=3, layer="conv"
    )
    read = json.loads(json.dumps(asdict(record)))
    assert read["method"] == "m"
    assert read["parameters"] == {"k": 8, "background": "black"}
    assert (read["seed"], read["layer"]) == (3, "conv")
    assert read["weights_sha256"] == classifier.weights_sha256
    assert read["versions"]["torch"] == torch.__version__


def test_the_last_stage_is_named_as_the_module_names_it() -> None:
    assert provenance.layer_name(classifiers.load("tests.explain.tiny_models:channels")) == "conv"
    assert provenance.layer_name(classifiers.load("tests.explain.tiny_models:tokens")) is None


def test_a_result_of_several_machines_names_them_all() -> None:
    classifier = classifiers.load("tests.explain.tiny_models:channels")
    one = provenance.record(classifier, method="m", parameters={"k": 8}, versions={"scipy": "1"})
    assert provenance.combined([one, one]) is one
    other = replace(one, device="cuda:0", versions={**one.versions, "torch": "2.11.0"})
    bare = {name: number for name, number in one.versions.items() if name != "scipy"}
    both = provenance.combined([one, other, one, replace(one, versions=bare)])
    assert both.device == "cpu | cuda:0"
    assert both.versions["torch"] == " | ".join(sorted(["2.11.0", torch.__version__]))
    assert both.versions["scipy"] == "1 | none"
    assert replace(both, device=one.device, versions=one.versions) == one
