"""A scorecard for tests of quality management, and answers to it."""

from typing import Any

from crm.quality.scorecards import Scorecard


def question(id: str, weight: int, **more: Any) -> dict[str, Any]:
    return {"id": id, "labels": {"zh": id, "en": id}, "weight": weight, **more}


def section(id: str, *questions: dict[str, Any]) -> dict[str, Any]:
    return {"id": id, "labels": {"zh": id, "en": id}, "questions": list(questions)}


FIVE = {"kind": "marks", "best": 5, "passes": 3}
DEFINITION: dict[str, Any] = {
    "pass_mark": 60,
    "sections": [
        section(
            "manner",
            question("greeting", 10, errors=["manner"]),
            question("tone", 30, scale=FIVE, may_not_apply=True),
        ),
        section(
            "answer",
            question("correct", 40, critical="section"),
            question("clear", 20, scale=FIVE, may_not_apply=True),
        ),
        section("rules", question("secrecy", 0, critical="all", may_not_apply=True)),
    ],
}
CARD = Scorecard.model_validate(DEFINITION)
GOOD: dict[str, Any] = {
    "greeting": "yes",
    "tone": 5,
    "correct": "yes",
    "clear": 5,
    "secrecy": "yes",
}
