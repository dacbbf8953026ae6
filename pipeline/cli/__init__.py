"""The mouth: thin commands. Exit codes: 0 delivered · 1 returned · 2 usage · 3 held · 4 unsafe · 70 bug · 130 stopped."""

from __future__ import annotations

import sys

from pipeline import wording
from pipeline.cli import intake, look, manual, material  # noqa: F401  each registers its commands
from pipeline.cli.mouth import BUG, STOPPED, UNSAFE, app, err
from pipeline.errors import TodokeError, place_of
from pipeline.stopping import listen


def main() -> None:
    """Run the command line; every expected failure becomes a sentence and an exit code, a bug becomes 70."""
    listen()  # a service is stopped as Ctrl-C stops it: tidily
    try:
        app()
    except TodokeError as error:
        err.print(str(error), markup=False)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        sys.exit(STOPPED)
    except OSError:  # the disk or the share refuses: not a bug of ours, and nothing accepted is lost
        err.print(wording.PLACE_FAILED, markup=False)
        sys.exit(UNSAFE)
    except Exception as bug:  # noqa: BLE001  its text may quote a value: say only what kind it is and where
        err.print(f"{wording.BUG}（{place_of(bug)}）", markup=False)
        sys.exit(BUG)
