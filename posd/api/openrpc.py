"""The interface as an OpenRPC document, made from the table of methods and the types of the domain."""

from __future__ import annotations

from functools import cache
from typing import Any

import msgspec

from posd import __version__
from posd.api import wire
from posd.api.method import Method
from posd.api.methods import METHODS
from posd.domain.errors import KINDS

VERSION = "1.3.2"
_REF = "#/components/schemas/{name}"


@cache
def document() -> dict[str, Any]:
    """The whole document, made once; nobody may change it."""
    rows = list(METHODS.values())
    shapes = [shape for row in rows for shape in (row.params, row.result)]
    made, components = msgspec.json.schema_components(shapes, ref_template=_REF)
    results = made[1::2]
    return {
        "openrpc": VERSION,
        "info": {
            "title": "posd",
            "version": __version__,
            "description": "Newline-delimited JSON-RPC 2.0 over a Unix stream socket; one object a line, by-name "
            "parameters, no batches.",
            "license": {"name": "MIT"},
        },
        "methods": [_method(row, components, result) for row, result in zip(rows, results, strict=True)],
        "components": {"schemas": components},
    }


def _method(row: Method, components: dict[str, Any], result: dict[str, Any]) -> dict[str, Any]:
    schema = components[row.params.__name__]
    required = schema.get("required", [])
    return {
        "name": row.name,
        "summary": row.summary,
        "paramStructure": "by-name",
        "params": [
            {"name": name, "required": name in required, "schema": property_schema}
            for name, property_schema in schema.get("properties", {}).items()
        ],
        "result": {"name": "result", "schema": result},
        "errors": [{"code": code, "message": words} for code, words in wire.CODES.items()],
        "x-roles": sorted(row.roles),
        "x-kinds": list(KINDS) if row.source == "desk" else ["denied", "invalid"],
    }
