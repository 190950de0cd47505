"""What takes long to load and half the house uses, loaded when first used: `from ..core import pd`."""

from __future__ import annotations

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
