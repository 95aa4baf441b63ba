from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from studyapp.errors import InputError
from studyapp.ingest.vote_files import VoteLayout, open_votes
from studyapp.vocabulary import Answer

BATCH = (
    "HITId,AssignmentId,WorkerId,AssignmentStatus,WorkTimeInSeconds,Input.image_url,Input.class,"
    "Answer.fits\n"
    "H1,A1,W1,Approved,44,https://x.org/val/a%20b.JPEG?v=1,3,Relevant\n"
    "H1,A2,W2,Rejected,9,https://x.org/val/a%20b.JPEG,3,Not relevant\n"
    "H2,A3,W1,Submitted,12,c.d,4,Relevant\n"
)
MAPPED = {"image_id": "Input.image_url", "class_index": "Input.class", "answer": "Answer.fits"}


def _csv(folder: Path, text: str) -> Path:
    path = folder / "votes.csv"
    path.write_text(text)
    return path


def test_plain_columns_in_any_order_and_by_other_names(tmp_path: Path) -> None:
    path = _csv(tmp_path, "who,answer,class_index,photo,x\n W , Yes ,3,a,\nV,no,4,b,\n")
    layout = VoteLayout(columns={"image_id": "photo", "rater_id": "who"})
    assert list(open_votes(path, layout=layout).raw_votes()) == [
        (2, "a", "3", "W", "Yes", "", ""),
        (3, "b", "4", "V", "no", "", ""),
    ]


def test_a_constant_stands_for_a_column(tmp_path: Path) -> None:
    path = _csv(tmp_path, "image_id,rater_id,answer,class_index,\na,W,yes,1,x\n")
    votes = open_votes(path, layout=VoteLayout(constants={"class_index": "7", "seconds": "2"}))
    assert list(votes.raw_votes()) == [(2, "a", "7", "W", "yes", "2", "")]


def test_batch_results_know_mturks_own_columns(tmp_path: Path) -> None:
    path = _csv(tmp_path, BATCH)
    file = open_votes(path, layout=VoteLayout(columns=MAPPED))
    assert list(file.raw_votes()) == [
        (2, "a b", "3", "W1", "Relevant", "44", "H1"),
        (3, "a b", "3", "W2", "Not relevant", "9", "H1"),
        (4, "c.d", "4", "W1", "Relevant", "12", "H2"),
    ]
    assert file.rejected == 1
    without = open_votes(path, layout=VoteLayout(columns=MAPPED, without_rejected=True))
    assert [vote[0] for vote in without.raw_votes()] == [2, 4]
    assert without.rejected == 1


def test_what_a_batch_does_not_say_is_asked_for(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        open_votes(_csv(tmp_path, BATCH))
    assert str(caught.value) == (
        "votes.csv: MTurk batch results: nothing says which column is image_id, class_index, "
        "answer (found: Input.image_url, Input.class, Answer.fits). Name each as --column "
        "image_id=Input.image_url, or give one value for all rows as --constant class_index=7."
    )
    usual = BATCH.replace("Input.image_url", "Input.image_id").replace("class,", "class_index,")
    path = _csv(tmp_path, usual.replace("Answer.fits", "Answer.answer"))
    assert len(list(open_votes(path).raw_votes())) == 3, "our own names need no mapping"


def test_answers_have_the_meaning_that_was_given(tmp_path: Path) -> None:
    answers = {"Relevant": Answer.YES, "1": Answer.NO}
    file = open_votes(_csv(tmp_path, BATCH), layout=VoteLayout(columns=MAPPED, answers=answers))
    assert (file.answers["relevant"], file.answers["1"]) == (Answer.YES, Answer.NO)
    with pytest.raises(InputError, match="more than 40 characters"):
        open_votes(_csv(tmp_path, BATCH), layout=VoteLayout(answers={"x" * 41: Answer.NO}))


@pytest.mark.parametrize(
    ("layout", "told"),
    [
        (VoteLayout(columns={"answer": "vote"}), "no column 'vote' for answer .found: image_id, "),
        (
            VoteLayout(constants={"class_index": "1"}, without_rejected=True),
            "no column AssignmentStatus",
        ),
        (VoteLayout(columns={"rater_id": "answer"}), "no column class_index"),
    ],
)
def test_columns_that_are_not_there(tmp_path: Path, layout: VoteLayout, told: str) -> None:
    with pytest.raises(InputError, match=told):
        open_votes(_csv(tmp_path, "image_id,rater_id,answer\na,W,yes\n"), layout=layout)


def test_the_release_is_told_by_its_content(tmp_path: Path) -> None:
    npz = tmp_path / "raters.npz"
    np.savez(npz, tensor=np.ones((1, 1, 3)) * [0, 0, 1], info=np.array([["a.png", "1"]]), ids=[4])
    odd = npz.rename(tmp_path / "votes.csv")
    assert list(open_votes(odd).raw_votes()) == [(1, "a", "1", "R4", "yes", "", "0")]
    with pytest.raises(InputError, match="arrays mean one thing only"):
        open_votes(odd, layout=VoteLayout(constants={"class_index": "1"}))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="No such file"):
        open_votes(tmp_path / "none.csv")
