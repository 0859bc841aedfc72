"""Which addresses may be asked for a document: one strict reading of a URL, an allow list of hosts, and what a public IP address is.

    parse_url("HTTPS://Docs.Example.org/a b#x")  ->  Url('https', 'docs.example.org', 443, '/a%20b')

A URL that two libraries could read in two ways is refused, not mended: userinfo, backslashes, white space and control characters in the
host part, IP addresses in any writing (127.0.0.1, [::1], 0x7f000001, 2130706433, 0177.1), hosts without a dot. Names are documents' real
hosts; what they resolve to is judged by `is_public`. Source: RFC 3986, RFC 6890 and the IANA special-purpose registries as the standard
library holds them. Not covered: public suffixes (`allow: [co.uk]` allows all of it).
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote, urljoin, urlsplit

MOST_LENGTH = 2_000
PORTS = {"http": 80, "https": 443}
_LABEL = r"(?!-)[a-z0-9_-]{1,63}(?<!-)"
_HOST = re.compile(rf"{_LABEL}(?:\.{_LABEL})+")
_NUMBER = re.compile(r"\d+|0x[0-9a-f]*")  # a last label like this makes the whole host an IPv4 address
_AZURE = ipaddress.ip_address("168.63.129.16")  # a public address that answers with the machine's own secrets
_EMBED = [ipaddress.ip_network(n) for n in ("::/96", "::ffff:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32")]


@dataclass(frozen=True, slots=True)
class Url:
    """rest: path and query, percent-encoded."""

    scheme: str
    host: str
    port: int
    rest: str

    def __str__(self) -> str:
        port = "" if self.port == PORTS[self.scheme] else f":{self.port}"
        return f"{self.scheme}://{self.host}{port}{self.rest}"


def parse_url(text: str, base: Url | None = None) -> Url:
    """The one reading; ValueError says why there is none. base: what a relative address (of a redirect) starts from."""
    if len(text) > MOST_LENGTH:
        raise ValueError(f"the address has more than {MOST_LENGTH:,} characters")
    if re.search(r"[\x00-\x1f\x7f\\]", text):
        raise ValueError("the address holds a backslash or a control character")
    text = urljoin(str(base), text.strip()) if base is not None else text.strip()
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError as error:
        raise ValueError(f"the address cannot be read ({error})") from error
    scheme = parts.scheme.lower()
    if scheme not in PORTS:
        raise ValueError(f"the address begins with '{scheme[:20]}:', expected http or https")
    if "@" in parts.netloc:
        raise ValueError("the address holds a user name or password")
    if port == 0 or (port is None and parts.netloc.endswith(":")):
        raise ValueError("the address holds no usable port")
    host = host_name(parts.netloc.rpartition(":")[0] if port is not None else parts.netloc)
    rest = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~-._") + (
        f"?{quote(parts.query, safe='/%:@!$&()*+,;=~-._?')}" if parts.query else ""
    )
    return Url(scheme, host, port or PORTS[scheme], rest)


def host_name(text: str) -> str:
    """A DNS name in lower case, international ones in their ASCII form."""
    try:
        host = text.encode("idna").decode().lower() if not text.isascii() else text.lower()
    except UnicodeError as error:
        raise ValueError(f"'{text[:60]}' is no host name") from error
    host = host.removesuffix(".")
    if ":" in host or host.startswith("[") or _NUMBER.fullmatch(host.rpartition(".")[2]):
        raise ValueError(f"'{host[:60]}' is an IP address; give a host name")
    if len(host) > 253 or not _HOST.fullmatch(host):
        raise ValueError(f"'{host[:60]}' is no public host name")
    return host


def parse_allow(entry: str) -> tuple[str, int | None]:
    """'example.org' or 'example.org:8443' -> (host, port or None)."""
    host, colon, port = entry.strip().partition(":")
    if colon and not (port.isdecimal() and 0 < int(port[:6]) < 65536):
        raise ValueError(f"'{entry}' is neither a host nor host:port, such as example.org")
    try:
        return host_name(host), int(port) if colon else None
    except ValueError as error:
        raise ValueError(f"'{entry}': {error}, such as example.org (its subdomains are allowed with it)") from error


def check_allowed(url: Url, allow: Sequence[str]) -> None:
    """ValueError where the host is neither on the list nor below one that is, or the port is not one of its own."""
    for entry in allow:
        host, port = parse_allow(entry)
        if url.host == host or url.host.endswith("." + host):
            if url.port == port or (port is None and url.port in PORTS.values()):
                return
    raise ValueError(f"{url.host}:{url.port} is not on the list allow: {', '.join(allow)[:200]}")


def is_public(address: str) -> bool:
    """Whether an IP address is one of the open internet. IPv6 forms that carry an IPv4 address (mapped, NAT64, 6to4, Teredo) are not."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    if ip.version == 6 and (any(ip in n for n in _EMBED if n.version == 6) or ip.is_site_local or ip.scope_id):
        return False
    special = ip.is_private or ip.is_loopback or ip.is_link_local or ip.is_multicast or ip.is_reserved or ip.is_unspecified
    return ip.is_global and not special and ip != _AZURE


__all__ = ["Url", "check_allowed", "host_name", "is_public", "parse_allow", "parse_url"]
