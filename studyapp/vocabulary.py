"""The project's words as enumerations, with the transitions each state allows."""

from __future__ import annotations

from django.db.models import TextChoices


class Answer(TextChoices):
    """A rater's answer, stored raw."""

    YES = "yes", "Yes"
    NO = "no", "No"
    UNSURE = "unsure", "Cannot tell"


#: Spellings of answers met in imported files, to our word.
ANSWER_SPELLINGS = {
    "yes": Answer.YES,
    "y": Answer.YES,
    "1": Answer.YES,
    "true": Answer.YES,
    "no": Answer.NO,
    "n": Answer.NO,
    "0": Answer.NO,
    "false": Answer.NO,
    "unsure": Answer.UNSURE,
    "maybe": Answer.UNSURE,
    "skip": Answer.UNSURE,
    "cannot tell": Answer.UNSURE,
}


class UnsureCoding(TextChoices):
    """How an `unsure` answer enters a verdict."""

    MISSING = "missing", "as missing"
    NO = "no", "as no"
    YES = "yes", "as yes"


class QuestionKind(TextChoices):
    RELEVANCE = "relevance", "Is the class relevant for the image?"
    LIST_RELEVANCE = "list_relevance", "Is any of the five classes relevant? One answer"
    FIVE_RELEVANCE = "five_relevance", "Is each of the five classes relevant? Five answers"
    CLASS_MATCH = "class_match", "Which of six groups does the picture belong to?"
    ATTRIBUTE = "attribute", "Does the picture show each of a few attributes?"
    REASON = "reason", "Why is the prediction wrong? A main reason, and others"
    WRONG_REASON = "wrong_reason", "Is the prediction right for the wrong reason?"
    BOX_MEANING = "box_meaning", "Does the box mark what the class name means?"


class PopulationKind(TextChoices):
    """Which pictures a study asks about."""

    MISTAKES = "mistakes", "Images whose first prediction is not the label"
    TOP5_MISTAKES = "top5_mistakes", "Images whose label is not among the five predictions"
    AUDITED = "audited", "Mistakes, with right predictions and decoys among them"
    FLIPPED = "flipped", "Images predicted right until an attack flipped them"
    ROUNDS = "rounds", "Rounds of six groups of examples and a target"
    SETS = "sets", "Prototypes, criticisms and a random base of one class"
    MAPPED = "mapped", "Images predicted right, with the saliency map beside"
    BOXED = "boxed", "Images with the boxes of their class drawn in"


class Allocation(TextChoices):
    """Which conditions one rater sees."""

    EVERY = "every", "Whatever is in the HIT"
    ONE = "one", "One condition in all of the study, balanced over raters"


class ConditionKind(TextChoices):
    WHOLE_IMAGE = "whole_image", "Whole image"
    ADVERSARIAL = "adversarial", "Whole adversarial image"
    ATTENTION = "attention", "Attention image of the adversarial image"
    PROTOTYPES = "prototypes", "Six prototypes of each class"
    CRITICISMS = "criticisms", "Three prototypes and three criticisms of each class"
    RANDOM = "random", "Six random images of each class"


class StimulusKind(TextChoices):
    """Where the picture a rater saw came from."""

    RENDERED = "rendered", "Rendered here"
    ELSEWHERE = "elsewhere", "Shown elsewhere"


class StudyState(TextChoices):
    DRAFT = "draft", "Draft"
    REVIEWED = "reviewed", "Reviewed"
    LIVE = "live", "Live"
    CLOSED = "closed", "Closed"


STUDY_TRANSITIONS: dict[StudyState, frozenset[StudyState]] = {
    StudyState.DRAFT: frozenset({StudyState.REVIEWED}),
    StudyState.REVIEWED: frozenset({StudyState.DRAFT, StudyState.LIVE}),
    StudyState.LIVE: frozenset({StudyState.CLOSED}),
    StudyState.CLOSED: frozenset(),
}


class Environment(TextChoices):
    """Where a study's HITs are published."""

    MARKETPLACE = "marketplace", "Marketplace (our own)"
    LINK = "link", "Link (a panel, a class, a mailing list)"
    SANDBOX = "sandbox", "MTurk sandbox"
    PRODUCTION = "production", "MTurk production"


class HITState(TextChoices):
    """What we know of a HIT: `sending` means that a call was made and its outcome is unknown."""

    PLANNED = "planned", "Planned"
    SENDING = "sending", "Outcome unknown"
    OPEN = "open", "Open"
    EXPIRED = "expired", "Expired"
    DISPOSED = "disposed", "Disposed of"


class CallKind(TextChoices):
    """Calls to the recruiter about a lot that is out or about work that was handed in.

    The call that offers a lot is the lot's own row; see HITState.
    """

    APPROVE = "approve", "Approve"
    REJECT = "reject", "Reject"
    OVERRIDE = "override", "Take a rejection back"
    BONUS = "bonus", "Pay a bonus"
    ADD_RATERS = "add_raters", "Ask more raters"
    PROLONG = "prolong", "Offer for longer"
    EXPIRE = "expire", "Take off the list"
    DISPOSE = "dispose", "Dispose of"


class CallState(TextChoices):
    """What we know of a call; of one `sent` or `unknown` nobody knows yet whether it was done."""

    PLANNED = "planned", "Planned"
    SENT = "sent", "Sent"
    UNKNOWN = "unknown", "Outcome unknown"
    DONE = "done", "Done"
    REFUSED = "refused", "Refused"


#: Calls that are neither done nor given up: they may still cost what they say.
UNSETTLED_CALL_STATES = frozenset({CallState.PLANNED, CallState.SENT, CallState.UNKNOWN})


class BarKind(TextChoices):
    """Why a list at the recruiter keeps people off a study's lots."""

    COOLDOWN = "cooldown", "Saw other pictures lately"
    KEPT_OUT = "kept_out", "Kept out by a person"


class EntryState(TextChoices):
    """What we know of one rater on a list at the recruiter."""

    PLANNED = "planned", "To be put on it"
    SENT = "sent", "Being put on it"
    ON = "on", "On it"
    LEAVING = "leaving", "Being taken off"
    OFF = "off", "Off it"
    REFUSED = "refused", "Refused by the recruiter"


class AssignmentState(TextChoices):
    """Confirmed states come from the marketplace; `working` and `finished` are our own."""

    WORKING = "working", "Working"
    FINISHED = "finished", "All answers saved"
    SUBMITTED = "submitted", "Submitted (confirmed)"
    APPROVED = "approved", "Approved"
    REJECTED = "rejected", "Rejected"
    UNPROVEN = "unproven", "Submitted without proof"


CONFIRMED_ASSIGNMENT_STATES = frozenset(
    {AssignmentState.SUBMITTED, AssignmentState.APPROVED, AssignmentState.REJECTED}
)


#: States in which a place of a HIT is used up: whoever had it has handed in.
HANDED_IN_STATES = CONFIRMED_ASSIGNMENT_STATES | {AssignmentState.UNPROVEN}


class LinkPlaceState(TextChoices):
    """A participant's place in a lot that is offered by link."""

    TAKEN = "taken", "At work"
    SUBMITTED = "submitted", "Handed in"
    APPROVED = "approved", "Approved"
    REJECTED = "rejected", "Rejected"
    LAPSED = "lapsed", "Time over, given back"


#: Places that somebody has handed in; they are used up.
USED_PLACE_STATES = frozenset(
    {LinkPlaceState.SUBMITTED, LinkPlaceState.APPROVED, LinkPlaceState.REJECTED}
)


class TimingEventKind(TextChoices):
    SHOWN = "shown", "Trial shown"
    LOADED = "loaded", "Image painted"
    FIRST_INPUT = "first_input", "First input"
    HIDDEN = "hidden", "Page hidden"
    VISIBLE = "visible", "Page visible again"
    ANSWERED = "answered", "Answered"
    UNDONE = "undone", "Last answer taken back"
    IMAGE_FAILED = "image_failed", "Image did not load"


class JobState(TextChoices):
    QUEUED = "queued", "Queued"
    RUNNING = "running", "Running"
    DONE = "done", "Done"
    FAILED = "failed", "Failed"


class ExplanationKind(TextChoices):
    """What `explain` makes of an image."""

    ATTENTION = "attention", "Attention image"
    ADVERSARIAL = "adversarial", "Adversarial image"
    SALIENCY = "saliency", "Saliency map"


class CheckedVerdict(TextChoices):
    """What the raters said of a question that a researcher looks at again."""

    ACCEPTED = "accepted", "Accepted"
    REJECTED = "rejected", "Rejected"


class ExampleRole(TextChoices):
    PROTOTYPE = "prototype", "Prototype"
    CRITICISM = "criticism", "Criticism"


class ProbeKind(TextChoices):
    REGION_NOISE = "region_noise", "Region filled with noise"
    TILES = "tiles", "Tiles, each predicted"
    INSERTION = "insertion", "Object pasted in"
    PAIRS = "pairs", "Pair of similar images"
    CAPTIONS = "captions", "Predictions as captions"


#: Background work that needs torch, on image sets: every other verb runs without it.
COMPUTE_VERBS = frozenset({"predict", "explain", "select_examples", "robustness", "probe"})

#: Work in parts that ends with the whole step, done once on what the parts have made.
GATHERED_VERBS = frozenset({"select_examples", "robustness", "probe"})


class Scope(TextChoices):
    """What an access token of the API allows."""

    READ = "read", "Read studies, reports, votes and what they are made of"
    WRITE = "write", "Make studies and import votes"
    EXPORT = "export", "Take a study's tables away"
