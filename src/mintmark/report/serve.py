"""`mintmark report DIR --serve`: a folder's report in a browser of this machine, and nothing else to nobody else.

GET / or /report.html, and /measurements.json; every other path is 404, every other method 501. It listens on 127.0.0.1 only, and a request
whose Host is not that address is refused (a page elsewhere could otherwise reach it by a name that points here: DNS rebinding).
"""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from ..core.errors import RunFolderError

SERVED = {"/report.html": "text/html; charset=utf-8", "/measurements.json": "application/json"}
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'"


def server(folder: Path, port: int = 0) -> ThreadingHTTPServer:
    """Bound and not yet serving; port 0 takes a free one."""

    class Handler(BaseHTTPRequestHandler):
        timeout = 10
        server_version, sys_version = "mintmark", ""

        def do_GET(self) -> None:
            here = self.connection.getsockname()[1]
            path = "/report.html" if self.path == "/" else self.path
            if self.headers.get("Host") not in (f"127.0.0.1:{here}", f"localhost:{here}"):
                self.send_error(HTTPStatus.MISDIRECTED_REQUEST)
                return
            try:
                body = (folder / path[1:]).read_bytes() if path in SERVED else None
            except OSError:
                body = None
            if body is None:
                self.send_error(HTTPStatus.NOT_FOUND)
                return
            self.send_response(HTTPStatus.OK)
            for name, value in (
                ("Content-Type", SERVED[path]),
                ("Content-Length", str(len(body))),
                ("Content-Security-Policy", POLICY),
                ("X-Content-Type-Options", "nosniff"),
                ("Cache-Control", "no-store"),
            ):
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True

    try:
        return Server(("127.0.0.1", port), Handler)
    except (OSError, OverflowError) as error:
        raise RunFolderError(f"--serve: port {port} on 127.0.0.1 cannot be had ({error}); give another --port, or none") from error


def serve(folder: Path, port: int, say: Callable[[str], None]) -> None:
    """Until Ctrl+C."""
    if not (folder / "report.html").is_file():
        raise RunFolderError(
            f"{folder} holds no report.html; expected the folder of a run or an audit (`mintmark report {folder}` writes it)"
        )
    with server(folder, port) as running:
        say(f"http://127.0.0.1:{running.server_address[1]}/   (Ctrl+C ends it)")
        try:
            running.serve_forever(poll_interval=0.2)
        except KeyboardInterrupt:
            pass
