from __future__ import annotations

import re

from marketplace.ids import new_access_key_id, new_entity_id, new_worker_id
from marketplace.protocol.service_model import service_model


def test_ids_look_as_on_the_wire() -> None:
    ids = {new_entity_id() for _ in range(200)}
    assert len(ids) == 200
    assert all(re.fullmatch("3[A-Z0-9]{29}", found) for found in ids)
    assert re.fullmatch("A[A-Z0-9]{13}", new_worker_id())
    assert re.fullmatch("[A-Z0-9]{20}", new_access_key_id())


def test_ids_satisfy_the_service_description() -> None:
    for shape, made in (("EntityId", new_entity_id()), ("CustomerId", new_worker_id())):
        rules = service_model().shape_for(shape).metadata
        assert re.fullmatch(rules["pattern"], made)
        assert len(made) <= rules["max"]
