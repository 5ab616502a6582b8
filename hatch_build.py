"""
Compiles the media worker's packet path when Hotline is installed or packed, and packs the desktop.

Without a C compiler the installation goes on, with a warning: the modules run uncompiled too, and
carry fewer calls (docs/adr/0007-compiled-packets.md).
"""

import sys
import tempfile
from pathlib import Path
from typing import Any

from Cython.Build import cythonize
from hatchling.builders.hooks.plugin.interface import BuildHookInterface
from setuptools import Distribution, Extension
from setuptools.command.build_ext import build_ext
from setuptools.errors import BaseError

MODULES = (
    "cti_server.media.packets", "cti_server.media.visits", "cti_server.media.web.datagrams",
)  # fmt: skip


DESKTOP = Path("agent_desktop", "built", "index.html")


class CompilePackets(BuildHookInterface[Any]):
    """Puts the compiled modules beside their sources."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if self.target_name != "wheel":
            return
        if version != "editable" and not Path(self.root, DESKTOP).exists():
            # Its types are made from the server's own API, which takes the server installed.
            raise RuntimeError(f"{DESKTOP} is not there: run 'make setup' before packing")
        try:
            built = _compile(Path(self.root))
        except BaseError as error:
            sys.stderr.write(f"{', '.join(MODULES)}: not compiled, and slower: {error}\n")
            return
        build_data["pure_python"] = False
        build_data["infer_tag"] = True
        build_data["artifacts"] += [one.relative_to(self.root).as_posix() for one in built]


def _compile(root: Path) -> list[Path]:
    with tempfile.TemporaryDirectory(prefix="hotline-build-") as place:
        extensions = cythonize(  # type: ignore[no-untyped-call]
            [
                Extension(module, [_source(root, module)], extra_compile_args=["-O2"])
                for module in MODULES
            ],
            build_dir=place,
            include_path=[str(root)],
            compiler_directives={"language_level": 3},
            quiet=True,
        )
        command = build_ext(Distribution({"name": "hotline-cti", "ext_modules": extensions}))
        command.build_lib, command.build_temp = str(root), place
        command.ensure_finalized()
        command.run()
        return [Path(command.get_ext_fullpath(module)) for module in MODULES]


def _source(root: Path, module: str) -> str:
    return str(root.joinpath(*module.split(".")).with_suffix(".py"))
