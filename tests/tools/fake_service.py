#!/usr/bin/env python3
"""Stands in for a service: ready on its admin socket, a port if it is the gateway. FAKE_DIES names
the one that ends at its start, FAKE_HANGS the one that never becomes ready."""
import http.server
import os
import socketserver
import sys
import threading
import time

flags = dict(word[2:].split("=", 1) for word in sys.argv[1:])
name = os.path.basename(sys.argv[0]).removeprefix("chanyan-")


class Ready(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()

    def log_message(self, *words):
        pass

    def address_string(self):
        return ""


if os.environ.get("FAKE_DIES") == name:
    sys.exit(f"{name} cannot")
if os.environ.get("FAKE_HANGS") == name:
    time.sleep(600)
if "http" in flags:
    host, port = flags["http"].rsplit(":", 1)
    server = http.server.ThreadingHTTPServer((host, int(port)), Ready)
    threading.Thread(target=server.serve_forever, daemon=True).start()
socketserver.ThreadingUnixStreamServer(flags["admin"].removeprefix("unix:"), Ready).serve_forever()
