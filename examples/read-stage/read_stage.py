"""Prints the messages of a stage that are sealed, one JSON document a line: python3 read_stage.py stage/trades
Written from docs/stage-format.md alone. It stops at damage instead of mending it."""

import json
import os
import signal
import sys
import zlib


def facts(stage):
    """The facts of the manifest, oldest first, that would survive a crash."""
    folder = os.path.join(stage, "manifest")
    for name in sorted(n for n in os.listdir(folder) if n.endswith(".ndjson")):
        with open(os.path.join(folder, name), "rb") as file:
            os.fsync(file.fileno())  # what is seen may not be durable yet
            for line in file:
                if not line.endswith(b'"}\n'):
                    return  # being written just now
                body, _, check = line.rpartition(b',"c":"')
                if int(check[:8], 16) != zlib.crc32(body):
                    sys.exit(f"{name}: damaged line: {line!r}")
                yield json.loads(body + b"}")


def batch(stage, fact):
    """The bytes of a sealed batch; its segment is in data/ or still in open/."""
    paths = [os.path.join(stage, f, f"{fact['segment']:010}.ndjson") for f in ("data", "open", "data")]
    with open(next((path for path in paths if os.path.exists(path)), paths[0]), "rb") as file:
        file.seek(fact["from"])
        messages = file.read(fact["to"] - fact["from"])
    if zlib.crc32(messages) != fact["crc"]:
        sys.exit(f"batch {fact['seq']}: other bytes than were sealed")
    return messages


# Whoever reads us, such as head, may have seen enough.
signal.signal(signal.SIGPIPE, signal.SIG_DFL)
known = list(facts(sys.argv[1]))
pruned = max((f["pruned"]["through"] if f["fact"] == "manifest" else f.get("through", 0)) for f in known)
for fact in known:
    if fact["fact"] == "sealed" and fact["seq"] > pruned and fact["to"] > fact["from"]:
        sys.stdout.buffer.write(batch(sys.argv[1], fact))
