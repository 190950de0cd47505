"""Addresses of tables that stay where they are: what may be printed of them, and what must come from the environment."""

from __future__ import annotations

import os
import re
from glob import glob
from pathlib import Path
from urllib.parse import parse_qsl, quote

from ..core import DataError

__all__ = ["SCHEMES", "filled", "is_warehouse", "local_files", "matching", "parted", "refuse_secrets", "shown_address"]

SCHEMES = ("duckdb:", "spark:")
_FROM_ENVIRONMENT = r"\$\{(\w+)\}"
_SECRET = re.compile(r"pass|pwd|secret|token|key|credential", re.IGNORECASE)


def is_warehouse(data: str) -> bool:
    """Whether this names a table that stays where it is: `duckdb:…`, `spark:…`, or an address with `://`.

    >>> is_warehouse("duckdb:answers/"), is_warehouse("answers.csv")
    (True, False)
    """
    return data.startswith(SCHEMES) or "://" in data


def parted(address: str) -> tuple[str, str, str, str, str]:
    """Scheme, user and password, place, options and table of an address with `://`, whatever signs a password holds.

    >>> parted("postgres://me:p#?@host/base?sslmode=require#wave")
    ('postgres', 'me:p#?', 'host/base', 'sslmode=require', 'wave')
    """
    scheme, _, rest = address.partition("://")
    user, at, rest = rest.rpartition("@")
    place, _, table = rest.partition("#")
    place, _, options = place.partition("?")
    return scheme, user if at else "", place, options, table


def shown_address(data: str) -> str:
    """An address as it may be printed: without user, password or options, and without the folders before a file.

    >>> shown_address("postgres://me:${PGPASSWORD}@host/base?sslmode=require#wave")
    'postgres://host/base#wave'
    >>> shown_address("duckdb:/home/me/answers.duckdb#wave")
    'duckdb:answers.duckdb#wave'
    """
    if "://" in data:
        scheme, _, place, _, table = parted(data)
        place = Path(place).name if place.startswith("/") else place
        return f"{scheme}://{place}" + (f"#{table}" if table else "")
    engine, _, rest = data.partition(":")
    path, _, table = rest.partition("#")
    name = "/".join(Path(path).parts[-2:]) if any(sign in path for sign in "*?") else Path(path).name
    return f"{engine}:{name}" + (f"#{table}" if table else "")


def local_files(data: str) -> list[Path]:
    """The files behind a local address, in order; none for a database elsewhere."""
    if "://" in data or not data.startswith(SCHEMES):
        return []
    return matching(data.partition(":")[2].partition("#")[0])


def matching(path: str) -> list[Path]:
    """The parquet and csv files of a folder, or the files of a pattern, in order."""
    where = Path(path).expanduser()
    if where.is_dir():
        found = sorted([*where.glob("*.parquet"), *where.glob("*.csv")])
    else:
        found = sorted(Path(file) for file in glob(str(where)))
    return [file for file in found if file.is_file()]


def refuse_secrets(data: str) -> None:
    """A password, token or key that is written out, in front of the host or among the options, is refused."""
    _, user, _, options, _ = parted(data)
    written = [("password", user.partition(":")[2])] if ":" in user else []
    written += [(name, value) for name, value in parse_qsl(options) if _SECRET.search(name)]
    for name, value in written:
        if value and not re.fullmatch(_FROM_ENVIRONMENT, value):
            raise DataError(
                f"{shown_address(data)}: a {name} is written out in this address, and it would end up in the report. "
                "Write ${NAME} in its place and put it in the environment."
            )


def filled(data: str) -> str:
    """The address with what stands in `${…}` taken from the environment, any sign allowed; its table left out."""

    def value(match: re.Match[str]) -> str:
        if match[1] not in os.environ:
            raise DataError(f"{shown_address(data)}: the environment has no {match[1]}.")
        return quote(os.environ[match[1]], safe="")

    scheme, user, place, options, _ = parted(data)
    address = f"{scheme}://{user}{'@' * bool(user)}{place}" + (f"?{options}" if options else "")
    return re.sub(_FROM_ENVIRONMENT, value, address)
