"""The service description botocore ships, the one source of names and shapes here."""

from __future__ import annotations

from functools import cache

from botocore.loaders import Loader
from botocore.model import OperationModel, ServiceModel

from marketplace.errors import ProtocolError

SERVICE = "mturk"
API_VERSION = "2017-01-17"


@cache
def service_model() -> ServiceModel:
    """The Mechanical Turk service of the only version there is."""
    description = Loader().load_service_model(SERVICE, "service-2", API_VERSION)
    return ServiceModel(description, SERVICE)


def operation_for(target: str) -> OperationModel:
    """The operation an X-Amz-Target header names."""
    model = service_model()
    prefix, _, name = target.rpartition(".")
    if prefix != model.metadata["targetPrefix"] or name not in model.operation_names:
        raise ProtocolError("UnknownOperationException", f"Unknown operation {target!r:.120}.")
    return model.operation_model(name)
