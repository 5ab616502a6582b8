"""The knowledge base: what agents write, approve, find, read and vote on."""

from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from .resource import Identifier, Line, Page, Resource, Text, Version

Names = Annotated[list[Identifier], Field(max_length=50)]
Node = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[\w.-]+$")]
Nodes = Annotated[list[Node], Field(max_length=50)]
Number = Annotated[int, Field(ge=1, le=1_000_000)]


class ArticleLanguage(Resource):
    """A title and a body in one language; blank lines part paragraphs."""

    title: Line
    body: Text


class ArticleTexts(Resource):
    """The same in Chinese and in English; one of them may be missing."""

    zh: ArticleLanguage | None = None
    en: ArticleLanguage | None = None

    @model_validator(mode="after")
    def _is_there(self) -> Self:
        if self.zh is None and self.en is None:
            raise ValueError("give zh, en, or both")
        return self


class ArticleDraft(Resource):
    """What a version consists of. ``keywords``: words that customers use and the text does not."""

    texts: ArticleTexts
    keywords: list[Line] = Field(default=[], max_length=50)
    note: Line | None = None


class ArticleCreate(ArticleDraft):
    """``teams``: who may read it, all if empty. ``queues``, ``menus``: for which contacts."""

    teams: Names = Field(default=[])
    queues: Names = Field(default=[])
    menus: Nodes = Field(default=[])


class ArticleEdit(ArticleDraft):
    """A new version; ``version`` is the article's that was read."""

    version: Version


class ArticlePlacesEdit(Resource):
    """Where it belongs; what is not named stays."""

    version: Version
    teams: Names | None = None
    queues: Names | None = None
    menus: Nodes | None = None


class ArticleRollBack(Resource):
    """The text of version ``number`` becomes a new version, to be approved as any other."""

    version: Version
    number: Number


class ArticleStep(Resource):
    """A step of the newest version, or of the published one; ``note`` says why."""

    version: Version
    note: Line | None = None


class ArticleVersionView(Resource):
    number: int
    state: str
    state_since: datetime
    texts: ArticleTexts
    keywords: list[str]
    written_by: str
    written_at: datetime
    copy_of: int | None
    decided_by: str | None
    note: str | None


class ArticleVersionPage(Page[ArticleVersionView]):
    """The newest first."""


class ArticleView(Resource):
    """
    An article with one of its versions in ``content``: the published one if there is any.

    ``useful`` and ``useless`` count the votes on the published version.
    """

    id: str
    version: int
    latest: int
    published: int | None
    published_at: datetime | None
    teams: list[str]
    queues: list[str]
    menus: list[str]
    useful: int
    useless: int
    reads: int
    reads_in_contacts: int
    created_by: str
    created_at: datetime
    updated_at: datetime
    content: ArticleVersionView


class ArticlePage(Page[ArticleView]):
    """Those changed last first."""


class SnippetPart(Resource):
    text: str
    hit: bool


class ArticleHit(Resource):
    """``language``: in which the words were found; ``snippet``: where, its hits marked."""

    id: str
    language: str
    title: str
    snippet: list[SnippetPart]
    queues: list[str]
    useful: int
    useless: int


class ArticleSuggestion(Resource):
    """``titles`` by language; ``reasons``: queue, menu, words."""

    id: str
    titles: dict[str, str]
    score: float
    reasons: list[str]


class ArticleVoteCast(Resource):
    """On the published version; the last one of each agent counts."""

    useful: bool


class ComparedLine(Resource):
    change: Literal["same", "removed", "added"]
    text: str


class ArticleComparison(Resource):
    """What became of each line between two versions, by language; titles are the first lines."""

    before: int
    after: int
    texts: dict[str, list[ComparedLine]]
    keywords_added: list[str]
    keywords_removed: list[str]
