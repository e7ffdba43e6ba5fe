"""The server that the machine's jobs call, inside it: polite, on port 8080, and it prints each request as a line of
JSON."""

import dataclasses
import json
import pathlib
import sys
import threading

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "e2e"))

import behaviours
from hostile import Server


def tell(request):
    print(json.dumps({**dataclasses.asdict(request), "body": request.body.decode("latin-1")}), flush=True)


server = Server()
server.on_request = tell
server.listen("polite", behaviours.polite, port=8080)
print("listening", flush=True)
threading.Event().wait()
