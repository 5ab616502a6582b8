"""
What saved queries can look in: the records, their columns, and whose rows somebody sees of them.

Which columns begin an index is read from the tables themselves, so it is never wrong here.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from sqlalchemy import Column, ColumnElement, Select, Table, or_, select

from crm.labels import Labels
from crm.queries_checks import Resource, ResourceColumn

from . import contact_scope
from .articles import Article, ArticlePlace, ArticleVersion, seen_by
from .contacts import Contact, ContactCustomer
from .customers import Customer, CustomerNumber
from .orders import Order, Product
from .reservations import Reservation, Slot
from .tasks import Task, TaskViewer
from .tickets import Ticket
from .timeline import TimelineEvent

Conditions = list[ColumnElement[bool]]
Build = Callable[[Any], ColumnElement[bool]]


@dataclass(frozen=True, slots=True)
class Viewer:
    """
    Who asks, as far as rows depend on it; ``teams``: None for everybody's. ``any_contact``: also
    what their teams' agents were offered.
    """

    agent_id: str
    roles: tuple[str, ...]
    teams: frozenset[str] | None
    any_task: bool
    any_contact: bool = False


@dataclass(frozen=True)
class Shown:
    """
    A column: what is selected and compared. ``having``: the rows with one of these values, where
    they are found in another table by its index; ``indexed`` is then True.
    """

    expression: Any
    type: str
    zh: str
    en: str
    protected: bool = False
    having: Build | None = None

    @property
    def indexed(self) -> bool:
        if self.having is not None:
            return True
        column = self.expression
        table = getattr(column, "table", None)
        return isinstance(table, Table) and column.name in _beginnings(table)


@dataclass(frozen=True)
class Source:
    """A kind of record. ``needs``: one of these permissions beside that of running queries."""

    needs: tuple[str, ...]
    zh: str
    en: str
    columns: Mapping[str, Shown]
    seen: Callable[[Viewer], Conditions]
    rows: Callable[[Select[Any]], Select[Any]]
    small: bool = False
    own_fields: bool = field(default=False)

    @cached_property
    def resource(self) -> Resource:
        columns = {
            name: ResourceColumn(
                each.type,
                Labels(zh=each.zh, en=each.en),
                each.indexed,
                each.protected,
                elsewhere=each.having is not None,
                shown=each.expression is not None,
            )
            for name, each in self.columns.items()
        }
        return Resource(columns, self.small)


def _beginnings(table: Table) -> set[str]:
    """The columns with which an index begins."""
    keys = [list(table.primary_key.columns)[:1], *(list(i.columns)[:1] for i in table.indexes)]
    first = {column.name for columns in keys for column in columns if isinstance(column, Column)}
    return first | {column.name for column in table.columns if column.unique or column.index}


def _of_teams(team: Any, viewer: Viewer) -> Conditions:
    return [] if viewer.teams is None else [or_(team.is_(None), team.in_(viewer.teams))]


def _columns(record: Any, **named: tuple[str, str, str]) -> dict[str, Shown]:
    """Columns of a table by their own names: type, and what people call them."""
    table = record.__table__
    return {name: Shown(table.c[name], *each) for name, each in named.items()}


def _whose(zh: str = "客户", en: str = "Customer") -> tuple[str, str, str]:
    return ("customer", zh, en)


_TEAM, _OWNER = ("text", "团队", "Team"), ("text", "负责人", "Owner")
_ID, _CONTACT = ("text", "编号", "Id"), ("contact", "联络", "Contact")
_NUMBER, _STATE = ("text", "单号", "Number"), ("text", "状态", "State")
_MADE, _CHANGED = ("moment", "建立时间", "Created"), ("moment", "更新时间", "Updated")
_NOTE = ("text", "备注", "Note")


def _has_number(values: Any) -> ColumnElement[bool]:
    having = select(CustomerNumber.customer_id).where(CustomerNumber.number.in_(values))
    return Customer.id.in_(having)


_FIRST_NUMBER = (
    select(CustomerNumber.number)
    .where(CustomerNumber.customer_id == Customer.id)
    .order_by(CustomerNumber.position)
    .limit(1)
    .scalar_subquery()
)

CUSTOMERS = Source(
    needs=("customers.read",),
    zh="客户",
    en="Customers",
    columns={
        "id": Shown(Customer.__table__.c.id, "customer", "客户", "Customer"),
        **_columns(
            Customer,
            external_id=("text", "客户编号", "External id"),
            kind=("text", "客户类型", "Kind"),
            name=("text", "姓名", "Name"),
            tier=("text", "等级", "Tier"),
            language=("text", "语言", "Language"),
            company=("text", "公司", "Company"),
            tags=("list", "标签", "Tags"),
            notes=_NOTE,
            owner_id=_OWNER,
            team=_TEAM,
            created_at=_MADE,
            updated_at=_CHANGED,
        ),
        "number": Shown(_FIRST_NUMBER, "phone", "电话", "Number", True, _has_number),
    },
    seen=lambda viewer: [
        Customer.merged_into.is_(None),
        Customer.erased_at.is_(None),
        *_of_teams(Customer.team, viewer),
    ],
    rows=lambda query: query.select_from(Customer),
    own_fields=True,
)


def _of_customers(values: Any) -> ColumnElement[bool]:
    link = ContactCustomer
    return Contact.id.in_(select(link.contact_id).where(link.customer_id.in_(values)))


CONTACTS = Source(
    needs=("timeline.read", "contacts.read"),
    zh="联络",
    en="Contacts",
    columns={
        "id": Shown(Contact.__table__.c.id, "contact", "联络", "Contact"),
        "customer_id": Shown(None, "customer", "客户", "Customer", False, _of_customers),
        "caller_number": Shown(
            Contact.__table__.c.caller_number, "phone", "客户号码", "Customer's number", True
        ),
        **_columns(
            Contact,
            channel=("text", "渠道", "Channel"),
            direction=("text", "方向", "Direction"),
            arrived_at=("moment", "来电时间", "At"),
            queue=("text", "队列", "Queue"),
            agent_id=("text", "坐席", "Agent"),
            outcome=("text", "结果", "Outcome"),
            reason=("text", "原因", "Reason"),
            wait_seconds=("number", "等待秒数", "Seconds waited"),
            connected_at=("moment", "接通时间", "Connected"),
            ended_at=("moment", "结束时间", "Ended"),
        ),
    },
    seen=lambda viewer: contact_scope.seen_by(
        viewer.teams, viewer.agent_id, of_colleagues=viewer.any_contact
    ),
    rows=lambda query: query.select_from(Contact),
)

TICKETS = Source(
    needs=("tickets.read",),
    zh="工单",
    en="Tickets",
    columns=_columns(
        Ticket,
        id=_ID,
        number=_NUMBER,
        type=("text", "类型", "Type"),
        state=_STATE,
        subject=("text", "主题", "Subject"),
        priority=("text", "优先级", "Priority"),
        risk=("boolean", "风险", "Risk"),
        customer_id=_whose(),
        contact_id=_CONTACT,
        queue=("text", "队列", "Queue"),
        owner_id=_OWNER,
        team=_TEAM,
        opened_at=("moment", "开单时间", "Opened"),
        resolved_at=("moment", "解决时间", "Resolved"),
        closed_at=("moment", "关闭时间", "Closed"),
        resolution=("text", "处理结果", "Resolution"),
        reopened=("number", "重开次数", "Times re-opened"),
    ),
    seen=lambda viewer: [
        or_(*_of_teams(Ticket.team, viewer), Ticket.owner_id == viewer.agent_id)
        for _ in _of_teams(Ticket.team, viewer)
    ],
    rows=lambda query: query.select_from(Ticket),
)

ORDERS = Source(
    needs=("orders.read",),
    zh="订单",
    en="Orders",
    columns=_columns(
        Order,
        id=_ID,
        number=_NUMBER,
        state=_STATE,
        state_since=("moment", "状态自", "In this state since"),
        customer_id=_whose(),
        contact_id=_CONTACT,
        taken_by=("text", "受理坐席", "Taken by"),
        team=_TEAM,
        currency=("text", "币种", "Currency"),
        total=("number", "金额(分)", "Total, in the smallest unit"),
        fulfilment=("text", "交付方式", "Fulfilment"),
        external_id=("text", "外部单号", "External id"),
        note=_NOTE,
        created_at=_MADE,
    ),
    seen=lambda viewer: _of_teams(Order.team, viewer),
    rows=lambda query: query.select_from(Order),
)

RESERVATIONS = Source(
    needs=("orders.read",),
    zh="预约",
    en="Reservations",
    columns={
        **_columns(
            Reservation,
            id=_ID,
            state=_STATE,
            places=("number", "名额", "Places"),
            customer_id=_whose(),
            contact_id=_CONTACT,
            taken_by=("text", "受理坐席", "Taken by"),
            team=_TEAM,
            note=_NOTE,
            created_at=_MADE,
        ),
        **_columns(
            Slot,
            resource=("text", "预约项目", "What is booked"),
            starts_at=("moment", "开始", "Begins"),
            ends_at=("moment", "结束", "Ends"),
        ),
    },
    seen=lambda viewer: _of_teams(Reservation.team, viewer),
    rows=lambda query: query.select_from(Reservation).join(Slot, Slot.id == Reservation.slot_id),
)

TASKS = Source(
    needs=("tasks.own", "tasks.any"),
    zh="任务",
    en="Tasks",
    columns=_columns(
        Task,
        id=_ID,
        title=("text", "标题", "Title"),
        state=_STATE,
        assignee_id=("text", "执行人", "Assignee"),
        customer_id=_whose(),
        ticket_id=("text", "工单", "Ticket"),
        team=_TEAM,
        starts_at=("moment", "开始", "Begins"),
        due_at=("moment", "到期", "Due"),
        created_at=_MADE,
        ended_at=("moment", "完成时间", "Ended"),
        outcome=("text", "结果", "Outcome"),
    ),
    seen=lambda viewer: [
        TaskViewer(
            agent_id=viewer.agent_id,
            roles=viewer.roles,
            teams=viewer.teams,
            any=viewer.any_task,
        ).condition()
    ],
    rows=lambda query: query.select_from(Task),
)

TIMELINE = Source(
    needs=("timeline.read",),
    zh="轨迹",
    en="Timeline",
    columns=_columns(
        TimelineEvent,
        id=_ID,
        customer_id=_whose(),
        at=("moment", "时间", "At"),
        kind=("text", "类型", "Kind"),
        title=("text", "标题", "Title"),
        data=("any", "内容", "Contents"),
        source=("text", "来源", "Source"),
        added_by=("text", "记录人", "Added by"),
    ),
    seen=lambda viewer: [Customer.erased_at.is_(None), *_of_teams(Customer.team, viewer)],
    rows=lambda query: query.select_from(TimelineEvent).join(
        Customer, Customer.id == TimelineEvent.customer_id
    ),
)


def _placed(kind: str) -> Build:
    def among(values: Any) -> ColumnElement[bool]:
        place = ArticlePlace
        those = select(place.article_id).where(place.kind == kind, place.value.in_(values))
        return Article.id.in_(those)

    return among


ARTICLES = Source(
    needs=("knowledge.read",),
    zh="知识",
    en="Articles",
    columns={
        "id": Shown(Article.__table__.c.id, *_ID),
        "title_zh": Shown(ArticleVersion.texts["zh"]["title"].as_string(), "text", "标题", "标题"),
        "title_en": Shown(
            ArticleVersion.texts["en"]["title"].as_string(), "text", "Title", "Title"
        ),
        "keywords": Shown(ArticleVersion.__table__.c.keywords, "list", "关键词", "Keywords"),
        "queue": Shown(None, "text", "队列", "Queue", False, _placed("queue")),
        "menu": Shown(None, "text", "菜单", "Menu", False, _placed("menu")),
        "updated_at": Shown(Article.__table__.c.updated_at, *_CHANGED),
        "published_at": Shown(Article.__table__.c.published_at, "moment", "发布", "Published"),
    },
    seen=lambda viewer: seen_by(viewer.teams),
    rows=lambda query: query.select_from(Article).join(
        ArticleVersion,
        (ArticleVersion.article_id == Article.id) & (ArticleVersion.number == Article.published),
    ),
)

PRODUCTS = Source(
    needs=("orders.read",),
    zh="产品",
    en="Products",
    columns=_columns(
        Product,
        id=_ID,
        labels=("any", "名称", "Name"),
        category=("text", "类别", "Category"),
        currency=("text", "币种", "Currency"),
        price=("number", "价格(分)", "Price, in the smallest unit"),
        active_from=("moment", "上架", "Sold from"),
        active_to=("moment", "下架", "Sold until"),
    ),
    seen=lambda viewer: [],
    rows=lambda query: query.select_from(Product),
    small=True,
)

SOURCES: Mapping[str, Source] = {
    "customers": CUSTOMERS,
    "contacts": CONTACTS,
    "tickets": TICKETS,
    "orders": ORDERS,
    "reservations": RESERVATIONS,
    "tasks": TASKS,
    "timeline": TIMELINE,
    "articles": ARTICLES,
    "products": PRODUCTS,
}
