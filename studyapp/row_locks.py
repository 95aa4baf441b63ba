"""Row locks, and the one order in which a transaction takes them, so that nobody waits in a circle.

1 assignment; 2 rater, several by their keys; 3 lot of a link, then its places; 4 image set;
5 study; 6 HIT; 7 call; 8 what else there is: a list of people kept off, a cross-check, a job.
Whoever needs two takes the one with the lower number first, or the others in a transaction of
their own. To change a row is to lock it. A new row is locked by nobody else, but one that a
constraint allows once is waited for: such rows are made before the locks or under the same one.

Every lock is taken with `no_key`. PostgreSQL looks at what a new row refers to when the
transaction is committed, whatever the order was till then, and a lock without it would hold that
up: a vote refers to its rater, its assignment and its study.
"""

from __future__ import annotations

from studyapp.models import Study


def lock_study(study: Study) -> Study:
    """A fresh copy of the study, locked until the transaction ends. Votes do not wait for it."""
    return Study.objects.select_for_update(no_key=True).get(pk=study.pk)
