"""Certificates of every bad kind, made with openssl while the tests run, and the server sides that present them."""

import pathlib
import ssl
import subprocess

OK = "subjectAltName=IP:127.0.0.1,DNS:localhost,DNS:tls.test"


def _openssl(*arguments):
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)


class Certificates:
    """`directory` holds authority.pem, the one that jobs may trust, and for each name NAME.pem and NAME.key."""

    def __init__(self, directory):
        self.directory = pathlib.Path(directory)
        self.directory.mkdir(parents=True, exist_ok=True)
        self._authority("authority")
        self._authority("stranger")
        self._issue("good")
        self._issue("client", usage="clientAuth")
        self._issue("expired", dates=("20200101000000Z", "20200201000000Z"))
        self._issue("early", dates=("20990101000000Z", "20990201000000Z"))
        self._issue("elsewhere", names="subjectAltName=DNS:elsewhere.test")
        self._issue("strange", authority="stranger")
        _openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj",
                 "/CN=self-signed", "-addext", OK, "-days", 2, "-keyout", self.path("self-signed.key"),
                 "-out", self.path("self-signed.pem"))

    def path(self, name):
        return self.directory / name

    def _authority(self, name):
        _openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj",
                 f"/CN=httpcron test {name}", "-days", 2, "-keyout", self.path(f"{name}.key"),
                 "-out", self.path(f"{name}.pem"))

    def _issue(self, name, authority="authority", names=OK, dates=None, usage="serverAuth"):
        """`openssl ca` is the one command that sets both dates by hand, so it issues them all."""
        request, settings = self.path(f"{name}.csr"), self.path(f"{name}.conf")
        _openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", f"/CN={name}",
                 "-keyout", self.path(f"{name}.key"), "-out", request)
        self.path(f"{name}.index").write_text("")
        settings.write_text(
            "[ca]\ndefault_ca=it\n[it]\npolicy=any\ndefault_md=sha256\nrand_serial=yes\nunique_subject=no\n"
            f"new_certs_dir={self.directory}\ndatabase={self.path(name + '.index')}\n"
            f"[any]\ncommonName=supplied\n[extensions]\n{names}\nextendedKeyUsage={usage}\n")
        _openssl("ca", "-batch", "-notext", "-config", settings, "-extensions", "extensions", "-in", request,
                 "-cert", self.path(f"{authority}.pem"), "-keyfile", self.path(f"{authority}.key"),
                 *(("-startdate", dates[0], "-enddate", dates[1]) if dates else ("-days", 2)),
                 "-out", self.path(f"{name}.pem"))

    def server(self, name, client_authority=None, newest=None):
        """The server side for one of the names; `client_authority`: demands a certificate by that one."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        if newest is not None:
            context.set_ciphers("ALL:@SECLEVEL=0")
            context.minimum_version = ssl.TLSVersion.TLSv1
            context.maximum_version = newest
        context.load_cert_chain(self.path(f"{name}.pem"), self.path(f"{name}.key"))
        if client_authority:
            context.verify_mode = ssl.CERT_REQUIRED
            context.load_verify_locations(self.path(f"{client_authority}.pem"))
            # With TLS 1.3 the refusal would come after the handshake, when the client may already have gone on.
            context.maximum_version = ssl.TLSVersion.TLSv1_2
        return context
