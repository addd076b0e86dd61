# SPDX-License-Identifier: Apache-2.0
"""Certificate: a key with its own signature, as openssl makes them, for one test."""
import pathlib
import subprocess

# `openssl req` cannot sign what has already ended.
AUTHORITY = """[ca]
default_ca = this
[this]
database = {folder}/index
new_certs_dir = {folder}
rand_serial = yes
default_md = sha256
policy = any
email_in_dn = no
[any]
commonName = supplied
[extensions]
subjectAltName = {goes_by}
"""


def openssl(*arguments):
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)


class Certificate:
    """Files `key` and `certificate`, PEM; goes_by as in subjectAltName; life: two dates like 20200131000000Z."""

    def __init__(self, folder, name, goes_by="IP:127.0.0.1", key=("ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"), life=None):
        folder = pathlib.Path(folder)
        self.key, self.certificate = folder / f"{name}.key", folder / f"{name}.crt"
        new = ["req", "-newkey", *key, "-nodes", "-subj", "/CN=test", "-keyout", self.key]
        if not life:
            openssl(*new, "-x509", "-days", 2, "-addext", f"subjectAltName={goes_by}", "-out", self.certificate)
            return
        authority = folder / f"{name}.authority"
        authority.mkdir()
        (authority / "index").touch()
        (authority / "configuration").write_text(AUTHORITY.format(folder=authority, goes_by=goes_by))
        openssl(*new, "-out", authority / "request")
        openssl("ca", "-batch", "-selfsign", "-config", authority / "configuration", "-extensions", "extensions", "-notext",
                "-keyfile", self.key, "-startdate", life[0], "-enddate", life[1], "-in", authority / "request",
                "-out", self.certificate)
