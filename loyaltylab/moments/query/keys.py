"""Keys of respondents in a database, hashed into groups that are the same in every engine."""

from __future__ import annotations

from typing import Any

from ...core import DataError, listed

__all__ = ["GROUPS", "engine_of", "hashed", "no_nan"]

#: Numbers of groups that respondents can be hashed into.
GROUPS = (16, 256, 4096)
#: The greatest below 2²⁶: squares of what is left of it are whole in doubles too, by which SQLite divides.
PRIME = 67_108_859
#: Engines that hold no NaN.
_NO_NAN = ("sqlite", "mssql", "exasol")
#: Engines whose md5 is hexadecimal text.
_MD5_TEXT = ("duckdb", "pyspark", "databricks", "postgres", "snowflake", "mysql")


def hashed(column: Any, groups: int) -> Any:
    """The group of a respondent or cluster: the same in every engine. Numbers by arithmetic, text by md5.

    Numbers are squared twice modulo the prime 2²⁶ − 5: neighbours must land in groups that have nothing to do with each
    other. Groups that take turns along the numbers would be systematic samples of them, and where numbers follow the answers
    (a table sorted by country, a panel that grew) their means would differ too little.
    """
    if groups not in GROUPS:
        raise DataError(f"groups is {groups}; allowed: {listed(GROUPS)}.")
    kind = column.type()
    if kind.is_numeric():
        whole = column if kind.is_integer() else no_nan(column).floor()
        mixed = whole % PRIME if kind.is_unsigned_integer() else whole.cast("int64").abs() % PRIME
        mixed = mixed.cast("int64")
        for step in (11, 2017):
            mixed = (mixed * 48271 + step) % PRIME
            mixed = (mixed * mixed) % PRIME
        return mixed % groups
    if not (kind.is_string() or kind.is_uuid()):
        raise DataError(f"'{column.get_name()}' is of type {kind}; respondents are told apart by numbers or by text.")
    return _md5(column.cast("string")).left({16: 1, 256: 2, 4096: 3}[groups])


def no_nan(column: Any) -> Any:
    """The column with null for what is no number, in engines that tell the two apart."""
    import ibis

    if not column.type().is_floating() or engine_of(column) in _NO_NAN:
        return column
    return column.isnan().ifelse(ibis.null("float64"), column)


def _md5(text: Any) -> Any:
    """The engine's own md5, as hexadecimal text."""
    import ibis

    @ibis.udf.scalar.builtin
    def md5(text: str) -> str:  # type: ignore[empty-body]
        """Text in most engines."""

    @ibis.udf.scalar.builtin(name="md5")
    def md5_bytes(text: str) -> bytes:  # type: ignore[empty-body]
        """Bytes in BigQuery."""

    @ibis.udf.scalar.builtin
    def to_hex(value: bytes) -> str:  # type: ignore[empty-body]
        """BigQuery's own."""

    engine = engine_of(text)
    if engine == "bigquery":
        return to_hex(md5_bytes(text))
    if engine not in _MD5_TEXT:
        raise DataError(
            f"{engine} hashes no text as the other engines do; give a numeric column of respondents, or one of {listed(_MD5_TEXT)}."
        )
    return md5(text)


def engine_of(expression: Any) -> str:
    """Name of the engine that answers; DuckDB for a table in memory."""
    return str(expression.get_backend().name)
