"""Events that the marketplace sends: proven ones name lots that are worth a look."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re

from studyapp.recruiters.mturk.endpoints import secret_key

_LOT_ID = re.compile(r"[A-Z0-9]{1,64}")


def is_proven(message: str, *, signature: str) -> bool:
    """Whether whoever sent it has our secret key: HMAC-SHA256 in base64. Raises RecruiterError."""
    made = hmac.new(secret_key().encode(), message.encode(), hashlib.sha256).digest()
    return hmac.compare_digest(base64.b64encode(made), signature.encode())


def lots_in(message: str) -> set[str]:
    """The recruiter's ids of the lots that a proven message is about; what else it says, we ask."""
    try:
        events = json.loads(message)["Events"]
        named = {str(event["HITId"]) for event in events}
    except (ValueError, KeyError, TypeError):
        return set()
    return {lot_id for lot_id in named if _LOT_ID.fullmatch(lot_id)}
