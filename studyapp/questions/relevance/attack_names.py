"""What the lines of an attack's figures are called, and the table they are counted from."""

from __future__ import annotations

ATTACKED_COLUMNS = """
    model string Name of the model
    condition string A condition
    image_id string The image
    right_before boolean Whether the first class was right before the attack
    right_after boolean Whether it was after it
    question_id integer The question about it in this condition; null where nobody was asked
"""


def arm_label(model: str, condition: str) -> str:
    """What a model in a condition is called, and the shelf of its pictures."""
    return f"{model}, {condition}"


def pair_label(model: str, first: str, second: str) -> str:
    """The shelf of the pictures of a model in two conditions."""
    return f"{model}: {first} → {second}"
