from __future__ import annotations

from botocore.model import StructureShape

from marketplace import clock
from marketplace.counters import counters_of
from marketplace.models import Requester
from marketplace.operations.documents import assignment_document, hit_document
from marketplace.protocol.service_model import service_model
from marketplace.protocol.shapes import checked_parameters
from tests.marketplace.factories import a_hit, a_submitted


def test_documents_keep_every_rule_of_the_service_description(requester: Requester) -> None:
    hit = a_hit(requester)
    assignment = a_submitted(hit)
    documents = {
        "HIT": hit_document(hit, counters=counters_of(hit, at=clock.now())),
        "Assignment": assignment_document(assignment),
    }
    for name, document in documents.items():
        shape = service_model().shape_for(name)
        assert isinstance(shape, StructureShape)
        assert set(checked_parameters(document, shape=shape)) == set(document)
    assert documents["HIT"]["HITId"] == documents["Assignment"]["HITId"]
