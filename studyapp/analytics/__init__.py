"""The statistics of human studies: pure functions of arrays (numpy, scipy, standard library).

Votes go one way: raw columns -> `exclude` -> `Votes` -> `verdicts` -> `rectified_top1`, with
`agreement` and `real_accuracy` beside. Every result is a frozen dataclass with `to_dict()`.
"""

from __future__ import annotations

from studyapp.analytics.adversarial import RectifiedAdversarial, rectified_adversarial
from studyapp.analytics.agreement import CODINGS, Agreement, Coding, agreement, agreement_by_coding
from studyapp.analytics.agreement_resampling import AgreementBootstrap, bootstrap_agreement
from studyapp.analytics.assignment import ConditionRow, assignment_summary
from studyapp.analytics.attributes import AttributeShares, attribute_shares
from studyapp.analytics.audited import Audited, audited_top1
from studyapp.analytics.beta_binomial import (
    BetaBinomial,
    expected_by_yes,
    fit_beta_binomial,
    verdict_noise,
)
from studyapp.analytics.bootstrap import Bootstrap
from studyapp.analytics.budget import Budget, Round, votes_budget
from studyapp.analytics.class_robustness import ClassRobustness, class_robustness
from studyapp.analytics.clustering import ClusterSE, cluster_se
from studyapp.analytics.coded import Share
from studyapp.analytics.contrasts import (
    Contrast,
    Homogeneity,
    cluster_contrast,
    homogeneity,
    two_proportions,
)
from studyapp.analytics.dawid_skene import DawidSkene, dawid_skene, one_coin
from studyapp.analytics.equivalence import Equivalence, tost
from studyapp.analytics.error_consistency import (
    ErrorConsistency,
    MeanConsistency,
    error_consistency,
)
from studyapp.analytics.errors import AnalyticsError, ColumnError, RuleError
from studyapp.analytics.exact import fisher_exact
from studyapp.analytics.exclusions import KEPT, Exclusion, ExclusionReason, exclude
from studyapp.analytics.expected_votes import ExpectedVotes, expected_votes
from studyapp.analytics.exposure import exposed
from studyapp.analytics.families import bh, holm
from studyapp.analytics.five_classes import accept_any_class
from studyapp.analytics.five_classes import fold as fold_lists
from studyapp.analytics.groups import GROUPS, next_group
from studyapp.analytics.intervals import Interval, proportion_ci
from studyapp.analytics.lost_votes import LostVotes, lost_votes
from studyapp.analytics.multilabel import RealAccuracy, real_accuracy
from studyapp.analytics.paired import PairedTable, bowker, mcnemar, stuart_maxwell
from studyapp.analytics.paired_change import mean_change
from studyapp.analytics.panel_error import CorrectedShare, rogan_gladen
from studyapp.analytics.power import (
    detectable_paired,
    detectable_two_arms,
    power_halfwidth,
    power_two_arms,
    size_for_halfwidth,
    size_paired,
    size_two_arms,
)
from studyapp.analytics.random_panels import RandomPanels, random_panels
from studyapp.analytics.ranking_intervals import OverlapInterval, overlap_interval
from studyapp.analytics.rankings import Overlap, rank_overlap
from studyapp.analytics.rater_power import (
    images_for_halfwidth,
    rater_halfwidth,
    rater_spread,
    raters_for_halfwidth,
)
from studyapp.analytics.raters import RaterReport, rater_report
from studyapp.analytics.reasons import ReasonBreakdown, primary_reasons, reason_breakdown
from studyapp.analytics.rectified import Rectified, rectified_top1
from studyapp.analytics.results import SCHEMA_VERSION
from studyapp.analytics.rules import Rule
from studyapp.analytics.savings import Savings, savings
from studyapp.analytics.sensitivity import SensitivityRow, rule_grid, sensitivity
from studyapp.analytics.set_agreement import SetAgreement, set_agreement
from studyapp.analytics.shares import Shares, shares
from studyapp.analytics.shown import UNASKED_CODINGS, Shown
from studyapp.analytics.stopping import stop_now
from studyapp.analytics.subsample import Estimate, subsample_estimate
from studyapp.analytics.top5 import RectifiedTop5, rectified_top5
from studyapp.analytics.verdict_resampling import (
    RectifiedBootstrap,
    bootstrap_rectified_top1,
    bootstrap_verdict_share,
)
from studyapp.analytics.verdicts import Verdict, Verdicts, verdicts
from studyapp.analytics.votes import UNSURE_CODINGS, Answer, Votes
from studyapp.analytics.windows import Window

__all__ = [
    "CODINGS",
    "GROUPS",
    "KEPT",
    "SCHEMA_VERSION",
    "UNASKED_CODINGS",
    "UNSURE_CODINGS",
    "Agreement",
    "AgreementBootstrap",
    "AnalyticsError",
    "Answer",
    "AttributeShares",
    "Audited",
    "BetaBinomial",
    "Bootstrap",
    "Budget",
    "ClassRobustness",
    "ClusterSE",
    "Coding",
    "ColumnError",
    "ConditionRow",
    "Contrast",
    "CorrectedShare",
    "DawidSkene",
    "Equivalence",
    "ErrorConsistency",
    "Estimate",
    "Exclusion",
    "ExclusionReason",
    "ExpectedVotes",
    "Homogeneity",
    "Interval",
    "LostVotes",
    "MeanConsistency",
    "Overlap",
    "OverlapInterval",
    "PairedTable",
    "RandomPanels",
    "RaterReport",
    "RealAccuracy",
    "ReasonBreakdown",
    "Rectified",
    "RectifiedAdversarial",
    "RectifiedBootstrap",
    "RectifiedTop5",
    "Round",
    "Rule",
    "RuleError",
    "Savings",
    "SensitivityRow",
    "SetAgreement",
    "Share",
    "Shares",
    "Shown",
    "Verdict",
    "Verdicts",
    "Votes",
    "Window",
    "accept_any_class",
    "agreement",
    "agreement_by_coding",
    "assignment_summary",
    "attribute_shares",
    "audited_top1",
    "bh",
    "bootstrap_agreement",
    "bootstrap_rectified_top1",
    "bootstrap_verdict_share",
    "bowker",
    "class_robustness",
    "cluster_contrast",
    "cluster_se",
    "dawid_skene",
    "detectable_paired",
    "detectable_two_arms",
    "error_consistency",
    "exclude",
    "expected_by_yes",
    "expected_votes",
    "exposed",
    "fisher_exact",
    "fit_beta_binomial",
    "fold_lists",
    "holm",
    "homogeneity",
    "images_for_halfwidth",
    "lost_votes",
    "mcnemar",
    "mean_change",
    "next_group",
    "one_coin",
    "overlap_interval",
    "power_halfwidth",
    "power_two_arms",
    "primary_reasons",
    "proportion_ci",
    "random_panels",
    "rank_overlap",
    "rater_halfwidth",
    "rater_report",
    "rater_spread",
    "raters_for_halfwidth",
    "real_accuracy",
    "reason_breakdown",
    "rectified_adversarial",
    "rectified_top1",
    "rectified_top5",
    "rogan_gladen",
    "rule_grid",
    "savings",
    "sensitivity",
    "set_agreement",
    "shares",
    "size_for_halfwidth",
    "size_paired",
    "size_two_arms",
    "stop_now",
    "stuart_maxwell",
    "subsample_estimate",
    "tost",
    "two_proportions",
    "verdict_noise",
    "verdicts",
    "votes_budget",
]
