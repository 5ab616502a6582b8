"""A certificate of erasure that somebody holds, looked at by who has the archive."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from config.settings import Settings

from .administration import ArchiveRefused, file_keys_of
from .privacy.certificates import ErasureCertificates
from .store.database import Database
from .wire.privacy import ErasureCertificate


async def check_certificate(
    database: Database, settings: Settings, certificate: Mapping[str, Any]
) -> list[str]:
    """What is wrong with it; raises ArchiveRefused for master keys that cannot be used."""
    keys = await file_keys_of(database, settings)
    return await ErasureCertificates(database, keys).faults(certificate)


def read_certificate(file: Path) -> Mapping[str, Any]:
    """Raises ArchiveRefused."""
    try:
        read = json.loads(file.read_text("utf-8"))
        ErasureCertificate.model_validate(read)
    except (OSError, ValueError) as error:  # pydantic's are, too
        raise ArchiveRefused(f"{file}: is no certificate: {error}") from error
    certificate: Mapping[str, Any] = read
    return certificate
