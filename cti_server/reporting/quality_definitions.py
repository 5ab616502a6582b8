"""The reports of quality management, as data. Pure."""

from .columns import Column, count, share, text
from .report import AGENT, QUEUE, TEAM, Report

_SUBMITTED = ("reviews",)
REVIEWED = (
    count("reviews", "质检量", "Reviews"),
    share("score", "平均得分率", "Mean score", ("score_points",), ("score_best",)),
)
_REVIEWS = (
    *REVIEWED,
    count("passed", "合格量", "Passed"),
    share("pass_rate", "合格率", "Pass rate", ("passed",), _SUBMITTED),
    count("critical", "致命差错量", "Critical"),
    share("critical_rate", "致命差错率", "Critical rate", ("critical",), _SUBMITTED),
    count("faults", "差错数", "Faults"),
    Column(
        *("faults_per_review", "单均差错数", "Faults per review", ("faults",), _SUBMITTED, "share"),
        says="faults / reviews; may be more than 1",
    ),
    count("acknowledged", "已确认量", "Acknowledged"),
    count("objected", "申诉量", "Objected to"),
    share("objection_rate", "申诉率", "Objection rate", ("objected",), _SUBMITTED),
    count("changed", "申诉改判量", "Changed"),
)


def _of_reviews(name: str, zh: str, en: str, key: Column) -> Report:
    return Report(name, zh, en, (key,), (), _REVIEWS, of_agents=True)


QUALITY = (
    _of_reviews("quality-agents", "坐席质检报表", "Quality of agents", AGENT),
    _of_reviews("quality-teams", "班组质检报表", "Quality of teams", TEAM),
    _of_reviews("quality-queues", "队列质检报表", "Quality in queues", QUEUE),
    _of_reviews(
        *("quality-scorecards", "评分表质检报表", "Quality by scorecards"),
        text("scorecard", "评分表", "Scorecard"),
    ),
    Report(
        *("quality-errors", "质检差错分布报表", "Errors, the most frequent first"),
        keys=(text("error", "差错代码", "Error code"),),
        parts=(),
        columns=(
            count("faults", "差错数", "Faults"),
            share("share", "占比", "Share", ("faults",), ("all_faults",)),
            Column(
                *("cumulative", "累计占比", "Cumulative", ("so_far",), ("all_faults",), "share"),
                says="share of this and of all more frequent ones (Pareto)",
            ),
        ),
        of_agents=True,
        most_first="faults",
    ),
    Report(
        *("quality-calibrations", "质检校准一致性报表", "Agreement of reviewers"),
        keys=(text("calibration", "校准会", "Calibration"),),
        parts=(),
        columns=(
            count("recordings", "录音数", "Recordings"),
            count("reviewers", "质检员数", "Reviewers"),
            Column(
                *("alpha", "一致性系数α", "Krippendorff's alpha", ("alpha",), ("judged",), "share"),
                says="1 - observed / expected disagreement, over all questions",
            ),
        ),
    ),
)
