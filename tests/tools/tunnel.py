# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A proxy for https that leads to one port of this machine, whatever host is asked for."""

from __future__ import annotations

import socket
import socketserver
import threading


class Tunnel:
    """``with Tunnel(port) as tunnel:`` has its address in ``url``, and whom it was asked for in ``asked``."""

    def __init__(self, port: int) -> None:
        self.asked: set[str] = set()
        tunnel = self

        class Handler(socketserver.StreamRequestHandler):
            rbufsize = 0  # what follows the head belongs to the other side

            def handle(self) -> None:
                method, target = self.rfile.readline().decode("ascii").split()[:2]
                while self.rfile.readline().strip():
                    pass
                if method != "CONNECT":
                    self.wfile.write(b"HTTP/1.1 405 Method Not Allowed\r\n\r\n")
                    return
                tunnel.asked.add(target)
                with socket.create_connection(("127.0.0.1", port)) as there:
                    self.wfile.write(b"HTTP/1.1 200 Connection Established\r\n\r\n")
                    back = threading.Thread(target=pump, args=(there, self.request), daemon=True)
                    back.start()
                    pump(self.request, there)
                    back.join()

        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._server.block_on_close = False
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Tunnel:
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *problem: object) -> None:
        self._server.shutdown()
        self._server.server_close()


def pump(source: socket.socket, target: socket.socket) -> None:
    """Carry bytes until one side ends, and tell the other."""
    try:
        while data := source.recv(1 << 16):
            target.sendall(data)
    except OSError:
        pass
    try:
        target.shutdown(socket.SHUT_WR)
    except OSError:
        pass
