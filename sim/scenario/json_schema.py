"""JSON Schema of scenario files, for editors."""

from typing import Any

from sim.core.parameters import MECHANISMS, TABLE
from sim.scenario import countries
from sim.scenario.phases import Phases
from sim.scenario.schema import Scenario


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema of scenario files for editors, with every parameter and mechanism described."""
    schema = Scenario.model_json_schema()
    schema = {"$schema": "http://json-schema.org/draft-07/schema#"} | schema
    schema["required"] = ["title"]
    values = {
        row.name: {
            "type": "number",
            "minimum": row.low,
            "maximum": row.high,
            "description": f"{row.meaning} ({row.unit})",
        }
        for row in TABLE
    }
    switches = {name: {"type": "boolean", "description": text} for name, text in MECHANISMS.items()}
    phases = Phases.model_json_schema()
    schema["$defs"] |= phases["$defs"]
    schema["properties"] |= phases["properties"]
    schema["properties"]["country"] = {
        "type": "string",
        "description": "Country, by name in scenarios/countries/, or the path of a file of one's own.",
        "examples": countries.names(),
    }
    for each in ("Country", "Words"):
        del schema["$defs"][each]
    for table, known in (("parameters", values), ("mechanisms", switches)):
        schema["properties"][table] |= {"properties": known, "additionalProperties": False}
    return schema
