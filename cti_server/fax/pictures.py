"""Faxes as people look at them, made by a job process: others' files are read there and drawn."""

import asyncio
from concurrent.futures import BrokenExecutor, Executor

from fax_sms_email.fax.images import page_png, pdf_of

from .errors import FaxUnavailable


class FaxPictures:
    """Raises BadDocument for what nobody can read, and FaxUnavailable."""

    def __init__(self, jobs: Executor) -> None:
        self._jobs = jobs

    async def pdf(self, tiff: bytes) -> bytes:
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(self._jobs, pdf_of, tiff)
        except BrokenExecutor as error:
            raise FaxUnavailable("the job process died of it") from error

    async def page(self, tiff: bytes, number: int) -> bytes | None:
        """As PNG; None if there is none of that number."""
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(self._jobs, page_png, tiff, number)
        except BrokenExecutor as error:
            raise FaxUnavailable("the job process died of it") from error
