#!/usr/bin/env python3
"""As the official script: exit code 0 if the broker answers a request for its API versions."""

import socket
import struct
import sys

address = sys.argv[sys.argv.index("--bootstrap-server") + 1]
host, _, port = address.rpartition(":")
request = struct.pack(">hhih", 18, 0, 1, 6) + b"health"
with socket.create_connection((host, int(port)), timeout=10) as connection:
    connection.sendall(struct.pack(">i", len(request)) + request)
    answer = connection.recv(1024)
_, correlation, error = struct.unpack(">iih", answer[:10])
sys.exit(0 if (correlation, error) == (1, 0) else 1)
