"""How often articles are read."""

from datetime import datetime

from cti_server.wire import events

from ..articles import ArticleUse
from ..rows import Rows
from .fold import Fold


def _article_read(rows: Rows, event: events.ArticleRead, at: datetime, _: int) -> None:
    use = rows.change(ArticleUse, event.article_id)
    if use is None:
        use = {"article_id": event.article_id, "reads": 0, "in_contacts": 0}
        rows.add(ArticleUse, event.article_id, use)
    use["reads"] += 1
    use["in_contacts"] += event.contact_id is not None
    use["last_read_at"] = at


FOLDS: dict[type, Fold] = {
    events.ArticleRead: _article_read,
}
