"""The command line `loyaltylab`: thin; every command is one call of the library."""

from __future__ import annotations

import sys

from .stopping import stoppable


def main() -> None:
    """Run the command line; an error the user can mend is one message, not a traceback, and so is one of the machine."""
    sys.path[:] = [folder for folder in sys.path if folder]  # nothing is imported from the folder of the data
    with stoppable():  # also while the rest is loaded
        from .commands import called

        called()
