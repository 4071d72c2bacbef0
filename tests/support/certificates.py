"""Certificates made with OpenSSL for a test: authorities, and a server's that one of them has signed."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.support.completeness import missing

_KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")


@dataclass(frozen=True)
class Certificate:
    """A certificate with its key, both as files."""

    certificate: Path
    key: Path


def authority(folder: Path, name: str) -> Certificate:
    """A new authority, whose files are ``NAME.crt`` and ``NAME.key``."""
    made = Certificate(folder / f"{name}.crt", folder / f"{name}.key")
    _openssl("req", "-x509", *_KEY, "-subj", f"/CN={name}", "-days", "2", "-keyout", made.key, "-out", made.certificate)
    return made


def signed(folder: Path, host: str, by: Certificate) -> Certificate:
    """A server's certificate for one host name."""
    made = Certificate(folder / f"{host}.crt", folder / f"{host}.key")
    request, extension = folder / f"{host}.csr", folder / f"{host}.ext"
    extension.write_text(f"subjectAltName=DNS:{host}\n")
    _openssl("req", *_KEY, "-subj", f"/CN={host}", "-keyout", made.key, "-out", request)
    authority_files = ("-CA", by.certificate, "-CAkey", by.key, "-CAcreateserial")
    _openssl(
        "x509", "-req", "-in", request, *authority_files, "-days", "2", "-extfile", extension, "-out", made.certificate
    )
    return made


def _openssl(*arguments: str | Path) -> None:
    if shutil.which("openssl") is None:
        missing("OpenSSL")
    done = subprocess.run(["openssl", *map(str, arguments)], capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"openssl failed: {done.stderr}")
