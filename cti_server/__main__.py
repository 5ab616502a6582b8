"""``python -m cti_server`` is the command ``hotline``."""

from .cli import main

if __name__ == "__main__":
    main(prog_name="hotline")
