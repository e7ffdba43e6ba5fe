"""A name server on port 53 of loopback, by the last label of the name: `.test` is 127.0.0.1, `.missing` does not exist,
`.broken` fails, `.silent` is never answered."""

import socket
import struct
import threading


class NameServer:
    def __init__(self, address="127.0.0.1"):
        self.queries = []
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((address, 53))
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            query, client = self.socket.recvfrom(4096)
            labels, offset = [], 12
            while offset < len(query) and query[offset]:
                labels.append(query[offset + 1:offset + 1 + query[offset]].decode("latin-1").lower())
                offset += query[offset] + 1
            question = query[12:offset + 5]
            kind = struct.unpack(">H", query[offset + 1:offset + 3])[0]
            self.queries.append(".".join(labels))
            zone = labels[-1] if labels else ""
            if zone == "silent":
                continue
            code = {"test": 0, "broken": 2}.get(zone, 3)
            answer = b""
            if zone == "test" and kind == 1:
                answer = b"\xc0\x0c" + struct.pack(">HHIH", 1, 1, 1, 4) + bytes([127, 0, 0, 1])
            head = query[:2] + struct.pack(">HHHHH", 0x8180 | code, 1, 1 if answer else 0, 0, 0)
            self.socket.sendto(head + question + answer, client)
