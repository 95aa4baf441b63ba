"""From the environment a study names to its recruiter."""

from __future__ import annotations

from studyapp.recruiters.contract import ATTEMPTS, Recruiter
from studyapp.recruiters.link import LinkRecruiter
from studyapp.recruiters.mturk.endpoints import endpoint_for
from studyapp.vocabulary import Environment


def connect(environment: Environment | str, *, attempts: int = ATTEMPTS) -> Recruiter:
    """The recruiter of this environment. Nothing is sent yet.

    `attempts` is how often one call is tried before it counts as not answered.
    """
    if environment == Environment.LINK:
        return LinkRecruiter()
    # Only who speaks to a marketplace pays for boto3, which takes longer to load than most
    # commands take to run.
    from studyapp.recruiters.mturk.gateway import MTurkGateway

    return MTurkGateway(endpoint_for(Environment(environment)), attempts=attempts)
