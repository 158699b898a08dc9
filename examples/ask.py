#!/usr/bin/env python3
"""Ask the demo: python3 examples/ask.py FILE.graphql [name=value ...]

Needs nothing but Python. Address and key come from var/demo.json, which `make demo` writes. Values that are JSON are
taken as JSON, others as text; +45d is the midnight (UTC) that lies 45 days after the demo's present. The last
subscription id in an answer is kept as $subscription for the next call.
`--as KEY` asks with another key or token; `--as nobody` asks without one.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import urllib.error
import urllib.request
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

DEMO = Path("var/demo.json")
KEPT = Path("var/ask.json")


def main(arguments: list[str]) -> int:
    """Ask once and print the answer."""
    parser = argparse.ArgumentParser(description="Ask the demo with a GraphQL file.")
    parser.add_argument("file", type=Path, help="a file with one operation")
    parser.add_argument("values", nargs="*", metavar="name=value", help="variables of the operation")
    parser.add_argument("--as", dest="credential", help="a key or token in place of the demo's secret key, or nobody")
    given = parser.parse_args(arguments)
    if not DEMO.exists():
        sys.exit("There is no var/demo.json here: run `make demo` first, and this from the same folder.")
    demo = json.loads(DEMO.read_text())
    document = given.file.read_text()
    secret = demo["keys"]["secret"]
    variables = chosen(document, dict(value.split("=", 1) for value in given.values))
    for name, value in variables.items():
        if isinstance(value, str) and re.fullmatch(r"\+\d+d", value):
            variables[name] = midnight(demo["url"], secret, int(value[1:-1]))
    answer = ask(demo["url"], given.credential or secret, document, variables)
    keep(answer)
    print(json.dumps(answer.get("data") if "errors" not in answer else answer, indent=2, ensure_ascii=False))
    return 1 if "errors" in answer else 0


def chosen(document: str, given: dict[str, str]) -> dict[str, Any]:
    """Make the variables that the document declares: those given, and $subscription as it was kept."""
    kept: dict[str, Any] = json.loads(KEPT.read_text()) if KEPT.exists() else {}
    declared = re.findall(r"\$(\w+)\s*:", document)
    values: dict[str, Any] = {**kept, **{name: as_json(text) for name, text in given.items()}}
    return {name: values[name] for name in declared if name in values}


def midnight(url: str, credential: str, days: int) -> str:
    """Find the midnight that lies some days after the demo's present."""
    told = ask(url, credential, "{ viewer { environment { testClock { now } } } }", {})
    now = datetime.fromisoformat(told["data"]["viewer"]["environment"]["testClock"]["now"])
    return f"{(now + timedelta(days=days)).date().isoformat()}T00:00:00Z"


def ask(url: str, credential: str, document: str, variables: dict[str, Any]) -> dict[str, Any]:
    """Send one request."""
    headers = {"Content-Type": "application/json"}
    if credential != "nobody":
        headers["Authorization"] = f"Bearer {credential}"
    body = json.dumps({"query": document, "variables": variables}).encode()
    request = urllib.request.Request(f"{url}/graphql", body, headers)
    try:
        with urllib.request.urlopen(request, timeout=60) as response:
            answer: dict[str, Any] = json.load(response)
    except urllib.error.HTTPError as refused:
        answer = json.load(refused)
    except urllib.error.URLError as away:
        sys.exit(f"Nothing answers at {url}: is `make demo` running? ({away.reason})")
    return answer


def keep(answer: dict[str, Any]) -> None:
    """Keep the last subscription id of an answer."""
    found = re.findall(r'"(sub_\w+)"', json.dumps(answer))
    if found:
        KEPT.write_text(json.dumps({"subscription": found[-1]}))


def as_json(text: str) -> Any:
    """Take JSON as JSON, and anything else as text."""
    if not text or text[0] not in '{["tfn':
        return text
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return text


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
