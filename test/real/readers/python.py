"""Reads a JSON list of documents and prints the type and the text of each key's value, by the loader that is named."""
import json
import sys

import yaml

loader = getattr(yaml, sys.argv[1])


def read(text):
    try:
        values = yaml.load(text, Loader=loader)
    except yaml.YAMLError as error:
        return {"error": str(error)}
    kind = lambda value: "string" if isinstance(value, str) else type(value).__name__
    return {"value": {key: [kind(value), str(value)] for key, value in values.items()}}


print(json.dumps([read(text) for text in json.load(sys.stdin)]))
