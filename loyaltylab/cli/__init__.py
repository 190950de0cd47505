"""The command line `loyaltylab`: thin; every command is one call of the library."""

from __future__ import annotations

import os
import sys

from .stopping import stoppable


def _open_streams() -> None:
    """A stream that is closed leads nowhere: it would be the next file that is opened, and Python has none to use."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
    sys.stdin = sys.stdin or open(0, closefd=False)  # noqa: SIM115
    sys.stdout = sys.stdout or open(1, "w", closefd=False)  # noqa: SIM115
    sys.stderr = sys.stderr or open(2, "w", closefd=False)  # noqa: SIM115


def main() -> None:
    """Run the command line; an error the user can mend is one message, not a traceback, and so is one of the machine."""
    _open_streams()
    sys.path[:] = [folder for folder in sys.path if folder]  # nothing is imported from the folder of the data
    with stoppable():  # also while the rest is loaded
        from .commands import called

        called()
