"""Other people's clients, in processes of their own, told nothing but the address and the keys."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from marketplace import ledger
from marketplace.actions.review import reject
from marketplace.credentials import secret_access_key
from marketplace.models import HIT, Assignment, Requester
from tests.conftest import skip_or_fail
from tests.marketplace.conftest import API
from tests.marketplace.factories import a_question, a_requester, a_submitted
from tests.peers import FOLDER

pytestmark = [pytest.mark.one_database, pytest.mark.slow]

PUBLISH = """
import json, sys
import boto3
mturk = boto3.client("mturk")
exam = mturk.create_qualification_type(
    Name="took part", Description="In study 7.", QualificationTypeStatus="Active")
hit = mturk.create_hit(
    Title="Is it there?", Description="Look and answer.", Keywords="image", Reward="0.10",
    MaxAssignments=3, LifetimeInSeconds=3600, AssignmentDurationInSeconds=600,
    Question=sys.argv[1], UniqueRequestToken="lot-1",
    QualificationRequirements=[{
        "QualificationTypeId": exam["QualificationType"]["QualificationTypeId"],
        "Comparator": "DoesNotExist", "ActionsGuarded": "DiscoverPreviewAndAccept"}])
print(json.dumps({"hit": hit["HIT"]["HITId"],
                  "type": exam["QualificationType"]["QualificationTypeId"],
                  "balance": mturk.get_account_balance()["AvailableBalance"]}))
"""
REVIEW = """
import json, sys
import boto3
mturk = boto3.client("mturk")
hit, kind = sys.argv[1:]
pages = mturk.get_paginator("list_assignments_for_hit").paginate(HITId=hit)
seen = [found for page in pages for found in page["Assignments"]]
for n, found in enumerate(seen):
    ids = {"AssignmentId": found["AssignmentId"]}
    if n == 2:
        mturk.reject_assignment(RequesterFeedback="No answers.", **ids)
        mturk.approve_assignment(OverrideRejection=True, RequesterFeedback="Sorry.", **ids)
    else:
        mturk.approve_assignment(**ids)
    mturk.associate_qualification_with_worker(
        QualificationTypeId=kind, WorkerId=found["WorkerId"], SendNotification=False)
mturk.send_bonus(WorkerId=seen[0]["WorkerId"], AssignmentId=seen[0]["AssignmentId"],
                 BonusAmount="0.25", Reason="Thanks", UniqueRequestToken="bonus-1")
mturk.notify_workers(Subject="Thanks", MessageText="All done.", WorkerIds=[seen[0]["WorkerId"]])
mturk.create_worker_block(WorkerId=seen[1]["WorkerId"], Reason="Left.")
blocked = mturk.list_worker_blocks()["NumResults"]
mturk.delete_worker_block(WorkerId=seen[1]["WorkerId"])
reviewable = [one["HITId"] for one in mturk.list_reviewable_hits()["HITs"]]
mturk.update_hit_review_status(HITId=hit)
states = [mturk.get_hit(HITId=hit)["HIT"]["HITStatus"]]
mturk.create_additional_assignments_for_hit(
    HITId=hit, NumberOfAdditionalAssignments=1, UniqueRequestToken="more-1")
states.append(mturk.get_hit(HITId=hit)["HIT"]["HITStatus"])
mturk.update_expiration_for_hit(HITId=hit, ExpireAt=0)
states.append(mturk.get_hit(HITId=hit)["HIT"]["HITStatus"])
try:
    mturk.send_bonus(WorkerId=seen[0]["WorkerId"], AssignmentId=seen[0]["AssignmentId"],
                     BonusAmount="0.25", Reason="Thanks", UniqueRequestToken="bonus-1")
except mturk.exceptions.RequestError as error:
    code = error.response["TurkErrorCode"]
mturk.delete_hit(HITId=hit)
print(json.dumps({"n": len(seen), "code": code, "states": states, "blocked": blocked,
                  "reviewable": reviewable == [hit], "left": mturk.list_hits()["NumResults"],
                  "bonuses": mturk.list_bonus_payments(HITId=hit)["NumResults"]}))
"""


def _environment(requester: Requester, *, site: str, home: Path, **more: str) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "AWS_ENDPOINT_URL_MTURK": site + API,
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": requester.access_key_id,
        "AWS_SECRET_ACCESS_KEY": secret_access_key(requester),
        **more,
    }


def _run(command: list[str], *, environment: dict[str, str]) -> Any:
    done = subprocess.run(
        command, env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout) if done.stdout.strip() else {}


def test_a_plain_boto3_script_runs_the_whole_cycle(site: str, tmp_path: Path) -> None:
    requester = a_requester()
    environment = _environment(requester, site=site, home=tmp_path)

    def script(text: str, *arguments: str) -> Any:
        return _run([sys.executable, "-c", text, *arguments], environment=environment)

    made = script(PUBLISH, a_question())
    assert made["balance"] == "99.64"
    hit = HIT.objects.get(hit_id=made["hit"])
    for _ in range(3):
        a_submitted(hit)
    assert script(REVIEW, made["hit"], made["type"]) == {
        "n": 3,
        "code": "AWS.MechanicalTurk.DuplicateRequest",
        "states": ["Reviewing", "Assignable", "Reviewable"],
        "blocked": 1,
        "reviewable": True,
        "left": 0,
        "bonuses": 1,
    }
    assert set(Assignment.objects.values_list("status", flat=True)) == {"approved"}
    now = ledger.balance(requester)
    assert (now.available, now.on_hold, now.paid) == (10_000 - 36 - 30, 0, 66)


def test_the_aws_command_line_runs_the_whole_cycle(site: str, tmp_path: Path) -> None:
    if not (FOLDER / "awscli").is_dir():
        skip_or_fail("needs awscli in .venv/peers: make .venv/.peers")
    requester = a_requester()
    environment = _environment(
        requester, site=site, home=tmp_path, PYTHONPATH=str(FOLDER), AWS_PAGER=""
    )

    def aws(operation: str, **options: str) -> Any:
        words = [
            word
            for name, value in options.items()
            for word in (f"--{name.replace('_', '-')}", value)
            if word
        ]
        command = [sys.executable, "-W", "ignore", "-m", "awscli", "mturk", operation, *words]
        return _run([*command, "--output", "json"], environment=environment)

    made = aws(
        "create-hit",
        title="Is it there?",
        description="Look and answer.",
        reward="0.10",
        max_assignments="2",
        lifetime_in_seconds="3600",
        assignment_duration_in_seconds="600",
        question=a_question(),
        unique_request_token="lot-1",
    )["HIT"]
    hit = HIT.objects.get(hit_id=made["HITId"])
    good, bad = (a_submitted(hit) for _ in range(2))
    reject(bad, feedback="-")
    listed = aws("list-assignments-for-hit", hit_id=hit.hit_id)["Assignments"]
    assert [one["AssignmentStatus"] for one in listed] == ["Submitted", "Rejected"]
    aws("approve-assignment", assignment_id=good.assignment_id)
    aws(
        "send-bonus",
        worker_id=good.worker.worker_id,
        assignment_id=good.assignment_id,
        bonus_amount="0.25",
        reason="Thanks",
    )
    aws("delete-hit", hit_id=hit.hit_id)
    assert HIT.objects.get().disposed_at is not None
    assert ledger.balance(requester).paid == 12 + 30
