"""What the log is told of a customer's walk through a flow, whether it is heard or read."""

from collections.abc import Callable

import structlog

from cti_server.wire.events import ContactAnnotated, Event, FlowLeft, NodeEntered
from ivr.actions import Enqueue, HangUp, Transfer
from ivr.walk import Walk

log = structlog.get_logger()

OutOfFlow = Enqueue | Transfer | HangUp
"""What leads out of a flow."""


class WalkStory:
    """Tells what is new since it was told last."""

    def __init__(self, walk: Walk, contact_id: str, append: Callable[[Event], object]) -> None:
        self._walk = walk
        self._version = walk.whole.version
        self._contact_id = contact_id
        self._append = append
        self._told = self._faults_told = 0
        self._annotated: dict[str, str] = {}

    def go_on(self) -> None:
        """The nodes entered and the attributes learnt since the last step."""
        for number in range(self._told, len(self._walk.visits)):
            self._append(self._entered(number))
        self._told = len(self._walk.visits)
        self.tell_faults()
        learnt = dict(self._walk.attributes)
        if learnt != self._annotated:
            self._append(ContactAnnotated(contact_id=self._contact_id, attributes=learnt))
            self._annotated = learnt

    def tell_faults(self) -> None:
        for fault in self._walk.faults[self._faults_told :]:
            log.warning("flow.failed", contact_id=self._contact_id, reason=fault)
        self._faults_told = len(self._walk.faults)

    def left(self, way_out: OutOfFlow | None) -> None:
        """By that way, or because the customer is gone."""
        to, target, reason = _words_of(way_out)
        walk = self._walk
        self._append(
            FlowLeft(
                contact_id=self._contact_id,
                flow=walk.whole.name,
                version=self._version,
                node=walk.visits[-1].node,
                to=to,
                target=target,
                reason=reason,
                served=walk.served,
                asked=walk.here.asked,
                wrong=walk.here.wrong,
                silent=walk.here.silent,
            )
        )

    def _entered(self, number: int) -> NodeEntered:
        """The node of this number, and how the one before was left."""
        walk = self._walk
        flow, node = walk.visits[number]
        left = walk.left[number - 1] if number else None
        return NodeEntered(
            contact_id=self._contact_id,
            flow=flow,
            node=node,
            whole=walk.whole.name if flow != walk.whole.name else "",
            version=self._version,
            by=left.way if left else None,
            asked=left.asked if left else 0,
            wrong=left.wrong if left else 0,
            silent=left.silent if left else 0,
        )


def _words_of(way_out: OutOfFlow | None) -> tuple[str, str, str]:
    match way_out:
        case Enqueue(queue=queue):
            return "queue", queue, ""
        case Transfer():
            return "transfer", "", ""
        case HangUp(reason=reason):
            return "hang_up", "", reason
        case None:
            return "", "", ""
