import sys

# A second of jsonschema's loading, for addresses that no schema here asks for.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
