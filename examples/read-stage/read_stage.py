"""Prints the messages of a stage that are sealed, one JSON document a line: python3 read_stage.py stage/trades

Written from docs/stage-format.md alone. It stops at damage instead of mending it."""

import json
import os
import sys
import zlib


def facts(stage):
    """The facts of the manifest, oldest first, that would survive a crash."""
    folder = os.path.join(stage, "manifest")
    for name in sorted(n for n in os.listdir(folder) if n.endswith(".ndjson")):
        with open(os.path.join(folder, name), "rb") as file:
            os.fsync(file.fileno())  # what is seen may not be durable yet
            for line in file:
                body, _, check = line.rpartition(b',"c":"')
                if not line.endswith(b'"}\n'):
                    return  # being written just now
                if int(check[:8], 16) != zlib.crc32(body):
                    sys.exit(f"{name}: damaged line: {line!r}")
                yield json.loads(body + b"}")


def batch(stage, fact):
    """The bytes of a sealed batch; its segment is in data/ or still in open/."""
    for folder in ("data", "open", "data"):
        try:
            with open(os.path.join(stage, folder, f"{fact['segment']:010}.ndjson"), "rb") as file:
                file.seek(fact["from"])
                messages = file.read(fact["to"] - fact["from"])
        except FileNotFoundError:
            continue
        if zlib.crc32(messages) != fact["crc"]:
            sys.exit(f"batch {fact['seq']}: other bytes than were sealed")
        return messages
    sys.exit(f"batch {fact['seq']}: segment {fact['segment']} is missing")


known = list(facts(sys.argv[1]))
pruned = max((f["pruned"]["through"] if f["fact"] == "manifest" else f.get("through", 0)) for f in known)
for fact in known:
    if fact["fact"] == "sealed" and fact["seq"] > pruned:
        sys.stdout.buffer.write(batch(sys.argv[1], fact))
