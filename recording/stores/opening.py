"""From the configuration to the stores; a process opens each but once."""

from collections.abc import Mapping, Sequence
from functools import cache

from config.archive import FolderSettings, StoreSettings

from .folder import FolderStore
from .port import Store


def open_stores(stores: Mapping[str, StoreSettings]) -> Sequence[Store]:
    """In their order: the first is the one that a recording is stored in."""
    return [_opened(name, settings) for name, settings in stores.items()]


@cache
def _opened(name: str, settings: StoreSettings) -> Store:
    if isinstance(settings, FolderSettings):
        return FolderStore(name, settings.folder)
    from .s3 import S3Store  # only where there is one

    return S3Store(name, settings)
