"""loyaltylab: does emotion or reason drive customer loyalty, how sure are we, and may I cite that?

About fifty names stand here; the rest is one step down, by subject: `drivers`, `loyalty`, `models`, `contrasts`, `claims`,
`exhibits`, and the rooms they stand on. Nothing is loaded before it is used.
"""

from collections.abc import Mapping
from typing import Any

from lazy_loader import attach_stub

_offered, __dir__, __all__ = attach_stub(__name__, __file__)


def __getattr__(name: str) -> Any:
    if name in __all__ or name.startswith("_"):
        return _offered(name)
    from importlib import import_module
    from pkgutil import iter_modules

    from .core import unknown

    for room in iter_modules(__path__):
        if room.name != "cli" and name in import_module(f".{room.name}", __name__).__all__:
            raise AttributeError(f"'{name}' is in {__name__}.{room.name}: write {room.name}.{name}.")
    raise AttributeError(str(unknown("name", name, __all__)))


def sketched(verb: str, result: Any, id: str, kind: str, options: Mapping[str, Any]) -> Any:
    """What `Result.plot` and `Result.table` ask for: no room imports upward, and the door looks out on all."""
    from .exhibits import sketch

    return sketch(verb, result, id, kind, options)
