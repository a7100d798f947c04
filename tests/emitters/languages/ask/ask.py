"""Puts the questions on standard input to the dsas.py in the folder given as the only argument: JSON in, JSON out."""

import json
import sys

sys.path.append(sys.argv[1])
import dsas

answers = []
for name, _, arguments in json.loads(sys.stdin.buffer.read().decode("utf-8")):
    asked = getattr(dsas, {"is": "has_role"}.get(name, name))
    try:
        answers.append({"answer": asked(*arguments) if callable(asked) else asked})
    except dsas.DsasError as error:
        answers.append({"error": type(error).__name__})
print(json.dumps(answers))
