"""Can the account pay for a study? Asked before a launch, refused only at publication."""

from __future__ import annotations

from studyapp.cost import Cost, Costs
from studyapp.errors import RecruiterError
from studyapp.recruiters.connect import connect


def funds_warnings(environment: str, *, cost: Cost | Costs) -> tuple[str, ...]:
    """What a person should know about the money; empty where it is enough."""
    try:
        balance = connect(environment, attempts=1).balance()
    except RecruiterError as error:
        return (f"the balance is not known: {str(error).rstrip('.')}",)
    if balance is not None and balance < cost.total:
        return (
            (
                f"the account has {balance:,.2f} USD and the study costs {cost.total:,.2f} USD: "
                "put money into it before you publish"
            ),
        )
    return ()
