"""
Compiles the media worker's packet loop when Hotline is installed or packed.

Without a C compiler the installation goes on, with a warning: the module runs uncompiled too, and
carries fewer calls (docs/adr/0007-compiled-packets.md).
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

MODULE = "cti_server.media.packets"


class CompilePackets(BuildHookInterface[Any]):
    """Puts the compiled module beside its source."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if self.target_name != "wheel":
            return
        try:
            built = _compile(Path(self.root))
        except BaseError as error:
            sys.stderr.write(f"{MODULE} is not compiled and will be slower: {error}\n")
            return
        build_data["pure_python"] = False
        build_data["infer_tag"] = True
        build_data["artifacts"].append(built.relative_to(self.root).as_posix())


def _compile(root: Path) -> Path:
    source = root.joinpath(*MODULE.split(".")).with_suffix(".py")
    with tempfile.TemporaryDirectory(prefix="hotline-build-") as place:
        extensions = cythonize(  # type: ignore[no-untyped-call]
            [Extension(MODULE, [str(source)], extra_compile_args=["-O2"])],
            build_dir=place,
            compiler_directives={"language_level": 3},
            quiet=True,
        )
        command = build_ext(Distribution({"name": "hotline-cti", "ext_modules": extensions}))
        command.build_lib, command.build_temp = str(root), place
        command.ensure_finalized()
        command.run()
        return Path(command.get_ext_fullpath(MODULE))
