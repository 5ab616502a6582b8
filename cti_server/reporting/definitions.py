"""
The reports, as data: what each has a row for, what it adds up, and its columns. Pure.

What a sum is made of is said in :mod:`.counting`, in words in docs/figures.md.
"""

from collections.abc import Mapping

from cti_server.store.quarters import (
    AbsenceQuarter,
    AgentQuarter,
    ContactQuarter,
    HandlingQuarter,
    LineQuarter,
    MarkQuarter,
    SurveyQuarter,
    WaitQuarter,
)

from .columns import Column, count, mean, seconds, share, text
from .quality_definitions import QUALITY, REVIEWED
from .report import AGENT, QUEUE, TEAM, Part, Report

_HANDLING_MS = ("talk_ms", "hold_ms", "wrap_ms")
_HANDLINGS = (
    count("handled", "处理量", "Handled"),
    count("transferred", "转出量", "Transferred"),
    mean("aht", "平均处理时长(秒)", "AHT (s)", _HANDLING_MS, ("handled",)),
    mean("talk", "平均通话时长(秒)", "Mean talk (s)", ("talk_ms",), ("handled",)),
    mean("hold", "平均保持时长(秒)", "Mean hold (s)", ("hold_ms",), ("handled",)),
    mean("wrap_up", "平均话后时长(秒)", "Mean wrap-up (s)", ("wrap_ms",), ("handled",)),
    seconds("talked_seconds", "通话总时长(秒)", "Talk (s)", "talk_ms"),
    seconds("held_seconds", "保持总时长(秒)", "Hold (s)", "hold_ms"),
    seconds("wrapped_seconds", "话后处理总时长(秒)", "Handlings' wrap-up (s)", "wrap_ms"),
)
_OPINIONS = (
    count("surveys", "评价邀请量", "Surveys begun"),
    count("rated", "已评价量", "Surveys rated"),
    share("response_rate", "参评率", "Response rate", ("rated",), ("surveys",)),
    count("marks", "评分数", "Marks"),
    share("mean_mark", "平均得分率", "Mean mark", ("points",), ("best_points",)),
    Column(
        *("csat", "满意度", "CSAT", ("satisfied",), ("marks",), "share"),
        says="satisfied / marks; satisfied: the best two of a scale, of two or three the best one",
    ),
    count("complaints", "投诉量", "Complaints"),
    share("complaint_rate", "投诉率", "Complaint rate", ("complaints",), ("handled",)),
)
_STAFFED = ("ready_ms", "not_ready_ms", "ringing_ms", "talking_ms", "wrap_up_ms")
_AT_WORK = (
    count("offered", "派给量", "Offered", "presented"),
    count("accepted", "接起量", "Accepted"),
    count("missed", "未应答量", "Missed"),
    count("declined", "拒接量", "Declined"),
    count("unreachable", "无法振铃量", "Unreachable"),
    count("withdrawn", "振铃中取消量", "Withdrawn"),
    count("taken_over", "接管量", "Taken over"),
    *_HANDLINGS,
    seconds("staffed_seconds", "签入时长(秒)", "Staffed (s)", *_STAFFED),
    seconds("ready_seconds", "就绪时长(秒)", "Ready (s)", "ready_ms"),
    seconds("not_ready_seconds", "未就绪时长(秒)", "Not ready (s)", "not_ready_ms"),
    seconds("ringing_seconds", "振铃时长(秒)", "Ringing (s)", "ringing_ms"),
    seconds("talking_seconds", "通话状态时长(秒)", "Talking (s)", "talking_ms"),
    seconds("wrap_up_seconds", "话后状态时长(秒)", "Wrap-up (s)", "wrap_up_ms"),
    share("occupancy", "工时利用率", "Occupancy", ("talking_ms", "wrap_up_ms"), _STAFFED),
    *_OPINIONS,
)


def _said(by: str) -> tuple[Part, ...]:
    """What customers said of somebody's service; not of contacts as a whole."""
    return tuple(Part(table, (by,), named=True) for table in (SurveyQuarter, MarkQuarter))


_WORK = (
    Part(AgentQuarter, ("agent_id",)),
    Part(HandlingQuarter, ("agent_id",)),
    *_said("agent_id"),
)

_ENDED = ("answered", "abandoned")
_WAITS = (
    count("offered", "进入量", "Offered"),
    count("answered", "接通量", "Answered"),
    count("abandoned", "放弃量", "Abandoned"),
    count("short_abandoned", "短时放弃量", "Short abandons"),
    count("overflowed", "溢出量", "Overflowed"),
    count("exited", "主动退出量", "Exited"),
    count("turned_away", "拒绝进入量", "Turned away"),
    count("lost", "故障中断量", "Lost"),
    count("deferred_offered", "非实时进入量", "Deferred offered"),
    count("deferred_answered", "非实时接通量", "Deferred answered"),
    Column(
        *("service_level", "服务水平", "Service level", ("met",), ("counted",), "share"),
        says="by the queue's own formula (acd/service_level)",
    ),
    share("abandon_rate", "放弃率", "Abandon rate", ("abandoned",), _ENDED),
    mean("asa", "平均应答速度(秒)", "ASA (s)", ("answer_ms",), ("answered",)),
    mean("wait_mean", "平均等待(秒)", "Mean wait (s)", ("wait_ms",), _ENDED),
    *(
        Column(f"wait_{name}", zh, en, (f"{name}_ms",), unit="seconds", may_be_unknown=True)
        for name, zh, en in (
            ("p50", "等待中位数(秒)", "Wait p50 (s)"),
            ("p90", "等待90分位(秒)", "Wait p90 (s)"),
            ("p95", "等待95分位(秒)", "Wait p95 (s)"),
            ("max", "最长等待(秒)", "Longest wait (s)"),
        )
    ),
    *_HANDLINGS,
    count("fairness_agents", "参与坐席数", "Agents", says="agents who were offered its contacts"),
    *(
        Column(
            *(f"fairness_{name}", zh, en, (f"{name}_shared",), (f"{name}_squares",), "share"),
            says=f"(sum x)² / (n · sum x²), x: {what}",
        )
        for name, zh, en, what in (
            ("contacts", "接续均衡度(量)", "Fairness of contacts", "contacts handled"),
            ("busy", "接续均衡度(时长)", "Fairness of time", "their talk, hold and wrap-up"),
        )
    ),
    *_OPINIONS,
)

CENTRE = "centre"
_STAFF = "staff_"
_OF_ALL_QUEUES = (
    *(
        column
        for column in _WAITS
        if not column.name.startswith(("wait_p", "wait_max", "fairness_"))
    ),
    share(
        *("occupancy", "工时利用率", "Occupancy"),
        *(
            (f"{_STAFF}talking_ms", f"{_STAFF}wrap_up_ms"),
            tuple(_STAFF + each for each in _STAFFED),
        ),
    ),
    *REVIEWED,
)

_LINES_IN = (
    count("arrived", "呼入量", "Calls in"),
    count("answered", "呼入接通量", "Calls in answered"),
    count("unavailable", "无资源失败量", "Unavailable"),
)
_LINES_OUT = (
    count("placed", "呼出量", "Calls out"),
    count("placed_answered", "呼出接通量", "Calls out answered"),
    seconds("busy_seconds", "占用总时长(秒)", "Lines' busy time (s)", "busy_ms"),
    Column("erlangs", "话务量(Erl)", "Erlangs", ("busy_ms",), ("span_ms",), "erlangs"),
    count("peak", "并发峰值", "Peak of lines"),
    Column(
        *("busy_hour", "忙时", "Busy hour"),
        unit="moment",
        says="the clock hour with the most busy time; of intervals longer than one",
    ),
    Column(
        *("busy_hour_erlangs", "忙时话务量(Erl)", "Busy hour's Erlangs"),
        *(("busy_hour_ms",), ("busy_hour_span_ms",), "erlangs"),
        says="the busy hour's busy_ms / its milliseconds",
    ),
)
_REFUSED = count("refused", "限呼拒绝量", "Refused (503)")
_CONFIGURED = (
    Column("lines", "线路数", "Lines", ("lines",), may_be_unknown=True, says="as configured"),
    Column("occupancy", "线路占用率", "Occupancy", ("busy_ms",), ("lines_ms",), "share"),
)
_ASKED = ("arrived", "refused")


def _blocked(*over: str) -> Column:
    return share("blocked_rate", "呼损率", "Blocked rate", over, _ASKED)


_CONTACTS = (
    count("contacts", "联络量", "Contacts", "contacts_contacts"),
    count("connected", "人工接通量", "With an agent", "contacts_connected"),
    count("handled", "人工办结量", "Handled", "contacts_handled"),
    count("self_served", "自助办结量", "Self-served", "contacts_self_served"),
    count("abandoned", "放弃量", "Abandoned", "contacts_abandoned"),
    count("transferred", "转出中心量", "Transferred out", "contacts_transferred"),
    count("turned_away", "拒绝量", "Turned away", "contacts_turned_away"),
    count("call_back", "转回呼量", "To be called back", "contacts_call_back"),
    count("voicemail", "留言量", "Voicemail", "contacts_voicemail"),
    count("failed", "故障量", "Failed", "contacts_failed"),
)

REPORTS: Mapping[str, Report] = {
    report.name: report
    for report in (
        Report("agents", "坐席工作报表", "Agents", (AGENT,), _WORK, _AT_WORK, of_agents=True),
        Report(
            *("teams", "班组工作报表", "Teams", (TEAM,), _WORK, _AT_WORK),
            of_agents=True,
            by_team=True,
        ),
        Report(
            *("absences", "坐席未就绪原因报表", "Not ready, by reason"),
            keys=(AGENT, text("reason", "未就绪原因", "Reason", "empty where none was given")),
            parts=(Part(AbsenceQuarter, ("agent_id", "reason")),),
            columns=(
                count("times", "次数", "Times"),
                seconds("not_ready_seconds", "时长(秒)", "Time (s)", "not_ready_ms"),
            ),
            of_agents=True,
        ),
        Report(
            *("queues", "队列报表", "Queues", (QUEUE,)),
            parts=(
                Part(WaitQuarter, ("queue",)),
                Part(HandlingQuarter, ("queue",)),
                *_said("queue"),
            ),
            columns=_WAITS,
        ),
        Report(
            *(CENTRE, "中心总体报表", "The centre: all queues together", ()),
            parts=(
                *(Part(table, ()) for table in (WaitQuarter, HandlingQuarter)),
                *(Part(table, ()) for table in (SurveyQuarter, MarkQuarter)),
                Part(AgentQuarter, (), prefix=_STAFF),
            ),
            columns=_OF_ALL_QUEUES,
        ),
        Report(
            *("calls", "线路总体报表", "All calls", ()),
            parts=(Part(LineQuarter, (), "all"),),
            columns=(
                *_LINES_IN,
                _REFUSED,
                count("turned_away", "队列拒绝量", "Turned away by queues"),
                _blocked("refused", "unavailable", "turned_away"),
                *_LINES_OUT,
                *_CONFIGURED,
            ),
        ),
        Report(
            *("trunks", "中继报表", "Trunks", (text("trunk", "中继", "Trunk"),)),
            parts=(Part(LineQuarter, ("name",), "trunk"),),
            columns=(
                *(*_LINES_IN, _REFUSED, _blocked("refused", "unavailable")),
                *(*_LINES_OUT, *_CONFIGURED),
            ),
        ),
        Report(
            *("numbers", "接入号码报表", "Numbers", (text("number", "接入号码", "Our number"),)),
            parts=(Part(LineQuarter, ("name",), "number"),),
            columns=(*_LINES_IN, *_LINES_OUT),
        ),
        Report(
            *("menu-paths", "语音菜单路径报表", "Menu paths"),
            keys=(text("path", "菜单路径", "Menu path", "of calls in: flow: node > node …"),),
            parts=(Part(ContactQuarter, ("name",), "path", "contacts_"),),
            columns=(
                *_CONTACTS,
                share(
                    *("self_served_share", "自助办结率", "Self-served share"),
                    *(("contacts_self_served",), ("contacts_contacts",)),
                ),
            ),
        ),
        Report(
            *("channels", "渠道报表", "Channels", (text("channel", "渠道", "Channel"),)),
            parts=(
                Part(ContactQuarter, ("name",), "channel", "contacts_"),
                Part(HandlingQuarter, ("channel",)),
            ),
            columns=(
                count("inbound", "呼入量", "Inbound", "contacts_inbound"),
                count("outbound", "呼出量", "Outbound", "contacts_outbound"),
                *_CONTACTS,
                count("not_reached", "未接通客户量", "Not reached", "contacts_not_reached"),
                count("withdrawn", "撤回量", "Withdrawn", "contacts_withdrawn"),
                share(
                    *("self_served_share", "自助办结率", "Self-served share"),
                    *(("contacts_self_served",), ("contacts_contacts",)),
                ),
                count("handlings", "坐席处理量", "Handlings", "handled"),
                *_HANDLINGS[2:],
            ),
        ),
        Report(
            *("dispositions", "业务小结报表", "Dispositions"),
            keys=(text("disposition", "小结代码", "Code"),),
            parts=(),
            columns=(
                count("recorded", "小结量", "Recorded"),
                share("share", "占比", "Share", ("recorded",), ("all_recorded",)),
            ),
            of_agents=True,
        ),
        Report(
            *("ratings", "客户评价分布报表", "Ratings"),
            keys=(
                text("question", "评价问题", "Question"),
                text("best", "满分", "Best mark"),
                text("mark", "评分", "Mark"),
            ),
            parts=(),
            columns=(
                count("ratings", "评分数", "Ratings", "marks"),
                Column(
                    *("share", "占比", "Share", ("marks",), ("all_marks",), "share"),
                    says="of the marks of its question and scale",
                ),
            ),
            of_agents=True,
        ),
        *QUALITY,
    )
}
