"""
A million people and firms as a centre has them, the same at each run, and what agents type of them.

A customer is told by a *place* from 0 on: everything else follows from it. Surnames are as frequent
as they are in China, one in six has a Latin name, every tenth shares the number of the one before,
and one in two hundred has the switchboard of a firm.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import blake2b

SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕"
GIVEN = (
    "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰红文建国志海波宁欣怡子轩梓涵雨泽浩然"
    "思远佳琪晨曦俊杰雅婷诗嘉豪博瑞凯琳雪梅春生东南西北山川林森木石金水火土云飞龙凤翔鹏程"
)
NAMES = """
    James Mary John Linda Robert Susan Michael Karen David Lisa William Nancy Anna Peter Laura
    Thomas Maria Daniel Julia Andrew Helen Kevin Sarah Brian Emma George Olga Ivan José Zoë
"""
FAMILIES = """
    Smith Johnson Williams Brown Jones Miller Davis Garcia Wilson Taylor Anderson Thomas Müller
    Schmidt Fischer Weber Novak Kowalski Rossi Ferrari Martin Bernard Silva Santos Ivanova Petrov
    Tanaka Suzuki Nguyen Tran Kim Park O'Brien McDonald Østergaard Åberg
"""
FIRST_NAMES, LAST_NAMES = NAMES.split(), FAMILIES.split()
NOTES = (
    *("客户要求周末回访", "上门安装宽带", "投诉话费有误已退款", "家中有老人请慢速说明"),
    *("咨询国际漫游资费", "VIP客户优先处理", "地址已搬迁到新区", "更换路由器后恢复正常"),
    *("prefers a call in the evening", "contract ends next spring", "希望发送电子发票"),
)
HEADER = "客户编号,姓名,手机,等级,公司,邮箱,标签,备注\n"
FIRMS = 5_000
FIRST = datetime(2020, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Person:
    """What a spreadsheet has of one customer."""

    place: int
    name: str
    number: str
    tier: str
    company: str
    mail: str
    note: str

    @property
    def external_id(self) -> str:
        return f"C{self.place:07}"

    @property
    def id(self) -> str:
        """As ids of this server are: they grow with time, and end in chance."""
        moment = int((FIRST + timedelta(seconds=self.place)).timestamp() * 1000)
        return (
            f"{moment:012x}7{blake2b(self.external_id.encode(), digest_size=10).hexdigest()[:19]}"
        )

    @property
    def line(self) -> str:
        cells = (self.external_id, self.name, self.number, self.tier, self.company)
        return ",".join((*cells, self.mail, "5G", self.note)) + "\n"


def name(chance: random.Random) -> str:
    """The first ten surnames are two fifths of all people."""
    if chance.random() < 1 / 6:
        return f"{chance.choice(FIRST_NAMES)} {chance.choice(LAST_NAMES)}"
    surname = SURNAMES[min(int(chance.expovariate(0.08)), len(SURNAMES) - 1)]
    return surname + "".join(chance.choice(GIVEN) for _ in range(chance.choice((1, 2, 2, 2))))


def number(place: int) -> str:
    if place % 200 == 0:
        return f"0755{83_000_000 + place % FIRMS:08}"  # of a firm, whoever it is that calls
    of = place - 1 if place % 10 == 9 else place
    return f"13{of % 10}{of // 10 * 7919 % 100_000_000:08}"


def person(place: int) -> Person:
    chance = random.Random(place)
    return Person(
        place=place,
        name=name(chance),
        number=number(place),
        tier="gold" if place % 10 == 0 else "standard",
        company=firm(place) if place % 4 == 0 else "",
        mail=f"c{place}@example.com" if place % 3 == 0 else "",
        note=chance.choice(NOTES) if place % 5 == 0 else "",
    )


def firm(place: int) -> str:
    return f"蓝海{place % FIRMS}科技有限公司"


def lines(begin: int, end: int) -> Iterator[str]:
    """A file to import."""
    yield HEADER
    for place in range(begin, end):
        yield person(place).line


def caller(chance: random.Random, count: int) -> str:
    """Who calls often calls most; every sixth is nobody whom we know."""
    if chance.random() < 1 / 6:
        return f"139{chance.randrange(10**8):08}"
    return number(busy(chance.random(), count))


def busy(share: float, count: int) -> int:
    """The customer of a contact, by a number from 0 to 1: few have thousands, most have a dozen."""
    return int(count * share * share) * 7919 % count


def texts(count: int, of: int, chance: random.Random) -> list[tuple[str, str]]:
    """What agents type, each with its kind."""
    return [_text(chance.randrange(of), chance) for _ in range(count)]


def _text(place: int, chance: random.Random) -> tuple[str, str]:
    short = number(place).removeprefix("0")
    return chance.choice(
        (
            ("name", name(chance)),
            ("surname", chance.choice(SURNAMES)),
            ("pinyin", chance.choice(("wang", "wangwei", "li na", "zhangmin", "chen jie", "w"))),
            ("initials", chance.choice(("lql", "ww", "zm", "cjx"))),
            ("latin", chance.choice((*FIRST_NAMES, *LAST_NAMES))),
            ("number", number(place)),
            ("last digits", short[-chance.choice((4, 6)) :]),
            ("first digits", short[: chance.choice((4, 6, 8))]),
            ("id", f"c{place:07}"),
            ("firm", f"蓝海{place % FIRMS}"),
            ("name and digits", f"{person(place).name[:1]} {short[-4:]}"),
            ("mail", f"c{place}@example.com"),
            ("note", chance.choice(("回访", "路由器", "退款", "evening", "发票"))),
        )
    )
