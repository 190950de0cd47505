"""What takes long to load and half the house uses, loaded when first used: `from ..core import pd`; and loading in one go."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import TYPE_CHECKING, Any


class _Package:
    """Stands for a package until one of its names is asked for.

    `lazy_loader.load` puts a half-loaded module where other packages look for whether pandas is there, and threads may find it so.
    """

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, name: str) -> Any:
        return getattr(import_module(self._name), name)


if TYPE_CHECKING:
    import pandas as pd
else:
    pd = _Package("pandas")


@contextmanager
def unswept() -> Iterator[None]:
    """For work that mostly loads what stays: what goes out of use is freed all the same, unless it refers to itself."""
    looked = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if looked:
            gc.enable()
