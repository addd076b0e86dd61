# SPDX-License-Identifier: Apache-2.0
"""Front: nginx before the simulator, for HTTPS with HTTP/2, and a count of the connections that come."""
import collections
import os
import pathlib
import shutil
import socket
import subprocess
import tempfile
import time

from certificate import Certificate

HTTP1, HTTP2 = "http/1.1", "h2"
BACKLOG = 512
START_SECONDS = 30
CONFIGURATION = """daemon off; worker_processes 1; {user} pid {folder}/pid; error_log {folder}/error.log;
events {{ worker_connections 4096; }}
http {{
  log_format connections '$server_port $connection $server_protocol $status';
  access_log {folder}/access.log connections;
  client_body_temp_path {folder}/1; proxy_temp_path {folder}/2; fastcgi_temp_path {folder}/3;
  uwsgi_temp_path {folder}/4; scgi_temp_path {folder}/5;
  ssl_certificate {certificate}; ssl_certificate_key {key};
  # As the service does it: connections live long, and nothing here is too large or takes too long.
  keepalive_requests 10000000; keepalive_timeout 1h; client_max_body_size 64m; large_client_header_buffers 8 64k;
  http2_max_concurrent_streams 128;
  proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header Host $http_host; proxy_read_timeout 1h;
  proxy_next_upstream off; proxy_max_temp_file_size 0; proxy_buffers 16 64k; proxy_buffer_size 64k;
  proxy_busy_buffers_size 128k;
  {servers}
}}
"""
SERVER = """upstream u{port} {{ server {backend}; keepalive 64; }}
  server {{ listen 127.0.0.1:{port} ssl {http2}; location / {{ proxy_pass http://u{port}; }} }}"""


def find_nginx():
    return shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")


class Front:
    """Two addresses, of the core service and of Graph, that speak TLS and HTTP/2 or, as protocol says, HTTP/1.1."""

    def __init__(self, protocol=HTTP2):
        self.protocol = protocol
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="charterd-front-"))
        self.certificate = Certificate(self.folder, "front")
        # nginx takes listening sockets from its environment, so the ports are free for sure.
        self.sockets = [socket.create_server(("127.0.0.1", 0), backlog=BACKLOG) for _ in range(2)]
        self.ports = [one.getsockname()[1] for one in self.sockets]
        self.url, self.graph_url = (f"https://127.0.0.1:{port}" for port in self.ports)
        self.process = None

    def arguments(self):
        """For the simulator, whose answers name these addresses."""
        return ["--address", self.url, "--graph-address", self.graph_url]

    def start(self, simulator):
        servers = [SERVER.format(port=port, backend=backend, http2="http2" if self.protocol == HTTP2 else "")
                   for port, backend in zip(self.ports, (simulator.host, simulator.graph_host))]
        configuration = self.folder / "nginx.conf"
        configuration.write_text(CONFIGURATION.format(
            folder=self.folder, certificate=self.certificate.certificate, key=self.certificate.key,
            user="user root;" if os.geteuid() == 0 else "", servers="\n  ".join(servers)))
        files = [one.fileno() for one in self.sockets]
        self.process = subprocess.Popen(
            [find_nginx(), "-e", self.folder / "error.log", "-c", configuration], pass_fds=files,
            env={**os.environ, "NGINX": "".join(f"{file};" for file in files)})
        for one in self.sockets:
            one.close()
        deadline = time.monotonic() + START_SECONDS
        while not (self.folder / "pid").exists():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError("nginx did not start: " + (self.folder / "error.log").read_text())
            time.sleep(0.01)

    def clear(self):
        """Connections are counted from here on."""
        os.truncate(self.folder / "access.log", 0)

    def connections(self):
        """How many connections carried requests to core and to Graph, and over which protocols."""
        seen = collections.defaultdict(set)
        protocols = set()
        for line in (self.folder / "access.log").read_text().splitlines():
            port, connection, protocol, _ = line.split()
            seen[int(port)].add(connection)
            protocols.add(protocol)
        return [len(seen[port]) for port in self.ports], protocols

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(timeout=60)
        shutil.rmtree(self.folder, ignore_errors=True)
