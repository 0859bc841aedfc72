"""The HTTP fetcher against real local servers: every attack of H9, what is final, what is tried again, and the bounds."""

from __future__ import annotations

import asyncio
import shutil
import ssl
import subprocess
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from fetchers.site import Site, moved
from mintmark.core.errors import TransportError
from mintmark.core.ports import Fetch, Page
from mintmark.fetchers.http import HttpFetcher, resolve

HERE = "127.0.0.1"


def names(*answers: list[str]) -> Any:
    """A resolver that gives its answers in turn, the last one for ever, and counts."""

    async def look_up(host: str, port: int) -> list[str]:
        look_up.asked.append(host)  # type: ignore[attr-defined]
        return answers[min(len(look_up.asked), len(answers)) - 1]  # type: ignore[attr-defined]

    look_up.asked = []  # type: ignore[attr-defined]
    return look_up


def get(url: str, allow: tuple[str, ...], resolver: Any = None, **more: Any) -> Page:
    async def go() -> Page:
        fetcher = HttpFetcher(resolver or names([HERE]), permitted={HERE}, **{"pause_s": 0.01, "deadline_s": 10, **more})
        try:
            return Page.unpack(await fetcher.fetch(Fetch(url, allow)))
        finally:
            await fetcher.aclose()

    return asyncio.run(go())


def test_a_page_comes_with_its_host_name() -> None:
    with Site({"/a": ("text/html; charset=utf-8", b"<p>hello")}) as site:
        where = f"site.test:{site.port}"
        page = get(f"http://WWW.Site.Test:{site.port}/a?x=1#part", (where,))
        assert page == Page(f"http://www.{where}/a?x=1", "text/html; charset=utf-8", b"<p>hello")
        assert site.asked == [(f"www.{where}", "/a?x=1")]


ATTACKS = [
    "http://127.0.0.1:{port}/a", "http://[::1]:{port}/a", "http://[::ffff:127.0.0.1]:{port}/a", "http://0x7f000001:{port}/a",
    "http://2130706433:{port}/a", "http://0177.0.0.1:{port}/a", "http://127.1:{port}/a", "http://169.254.169.254/latest/meta-data/",
    "http://localhost:{port}/a", "http://site.test@127.0.0.1:{port}/a", "http://site.test:{port}@evil.test/a", "http://user:pw@site.test:{port}/a",
    "http://127.0.0.1:{port}\\@site.test/a", "http://site.test\\@127.0.0.1/a", "file:///etc/passwd", "gopher://site.test:{port}/_x", "ftp://site.test/a",
    "data:text/html,hello", "javascript:alert(1)", "//site.test:{port}/a", "http:///a", "http://site.test.evil.test:{port}/a", "http://evilsite.test:{port}/a",
    "http://site.test:22/a", "http://site.test:{port}\r\nHost: evil.test/a", "http://site.test%2f@evil.test:{port}/a", "http://①②⑦.0.0.1:{port}/a",
    "http://site。test.evil.test:{port}/", "http://0/", "http://0.0.0.0:{port}/", "http://127.0.0.1.:{port}/", "http://0x7f.1:{port}/", "http://[::]:{port}/a",
    "http://[fe80::1%25lo]:{port}/a", "http://site.test:0/", "http://site.test:99999/", "http://" + "a" * 3000 + ".site.test/",
]  # fmt: skip


@pytest.mark.parametrize("attack", ATTACKS)
def test_addresses_are_refused_before_anything_is_resolved(attack: str) -> None:
    with Site({"/a": ("text/html", b"secret")}) as site:
        look_up = names([HERE])
        page = get(attack.replace("{port}", str(site.port)), (f"site.test:{site.port}", "site.test"), look_up)
        assert page.problem == "refused_url" and page.detail and page.body == b""
        assert site.asked == [] and look_up.asked == []


@pytest.mark.parametrize(
    "address",
    ["127.0.0.2", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1", "255.255.255.255", "192.0.2.1",
     "198.18.0.1", "240.0.0.1", "168.63.129.16", "::1", "::", "fe80::1", "fe80::1%lo", "fc00::1", "fd00:ec2::254", "::ffff:127.0.0.1", "::ffff:8.8.8.8",
     "::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "2002:7f00:1::", "2001:0:7f00:1::", "ff02::1", "fec0::1", "2001:db8::1", "not an address"],
)  # fmt: skip
def test_names_that_lead_inside_are_refused(address: str) -> None:
    for found in ([address], [HERE, address]):  # also where only one of several leads inside
        page = get("http://site.test/a", ("site.test",), names(found))
        assert page.problem == "refused_url" and address in page.detail


def test_the_systems_own_resolver_leads_nowhere_inside() -> None:
    """What the C library makes of 'localhost' is caught by the address alone, though the list names it."""
    found = asyncio.run(resolve("localhost", 80))
    assert found and all(a in ("127.0.0.1", "::1") for a in found)

    async def go() -> Page:
        async def local(host: str, port: int) -> list[str]:
            return await resolve("localhost", port)

        return Page.unpack(await HttpFetcher(local).fetch(Fetch("http://inside.test/", ("inside.test",))))

    assert asyncio.run(go()).problem == "refused_url"


def test_rebinding_reaches_the_judged_address_alone() -> None:
    """The name answers first with the public address, ever after with the private one, where a second server listens on the same port."""
    with Site({"/a": ("text/plain", b"public")}) as outside:
        with Site({"/a": ("text/plain", b"secret")}, "127.0.0.2", outside.port) as inside:
            look_up = names([HERE], ["127.0.0.2"])
            allow = (f"site.test:{outside.port}",)
            page = get(f"http://site.test:{outside.port}/a", allow, look_up)
            assert page.body == b"public" and look_up.asked == ["site.test"]
            again = names([HERE], ["127.0.0.2"])
            outside.pages["/b"] = moved("/a")
            page = get(f"http://site.test:{outside.port}/b", allow, again)
            assert page.problem == "refused_url" and "127.0.0.2" in page.detail and again.asked == ["site.test", "site.test"]
            assert inside.asked == []


@pytest.mark.parametrize(
    "target",
    ["http://127.0.0.1:{port}/a", "//[::1]:{port}/a", "http://evil.test:{port}/a", "file:///etc/passwd", "http://u@site.test:{port}/a", "http://site.test:23/a",
     "gopher://site.test:{port}/a", "http://0x7f000001:{port}/a", "\\\\127.0.0.1\\a"],
)  # fmt: skip
def test_every_hop_is_judged(target: str) -> None:
    with Site({"/a": ("text/plain", b"secret")}) as site:
        site.pages["/go"] = moved(target.replace("{port}", str(site.port)), 307)
        page = get(f"http://site.test:{site.port}/go", (f"site.test:{site.port}",))
        assert page.problem == "refused_url" and [p for _, p in site.asked] == ["/go"]


def test_redirects_within_the_list_are_followed_to_five() -> None:
    with Site({"/0": ("text/plain", b"end"), **{f"/{n}": moved(f"{n - 1}") for n in range(1, 8)}}) as site:
        allow = (f"site.test:{site.port}",)
        page = get(f"http://site.test:{site.port}/5", allow)
        assert page.body == b"end" and page.url.endswith("/0")
        site.asked.clear()
        assert get(f"http://site.test:{site.port}/6", allow).detail == "more than 5 redirects" and len(site.asked) == 6
        site.pages["/x"] = moved(f"http://sub.site.test:{site.port}/0")
        assert get(f"http://site.test:{site.port}/x", allow).body == b"end"


def test_what_is_final() -> None:
    async def packed(request: web.Request) -> web.Response:
        return web.Response(body=b"\x1f\x8b...", headers={"Content-Type": "text/html", "Content-Encoding": "gzip"})

    async def forbidden(request: web.Request) -> web.Response:
        return web.Response(status=403)

    async def endless(request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse(headers={"Content-Type": "text/plain"})
        await answer.prepare(request)
        while True:
            await answer.write(b"x" * 65536)

    pages = {
        "/image": ("image/png", b"x"),
        "/none": ("", b"x"),
        "/big": ("text/plain", b"x" * 3000),
        "/packed": packed,
        "/403": forbidden,
        "/endless": endless,
    }
    expected = {
        "/absent": "no_page", "/403": "no_page", "/image": "wrong_type", "/none": "wrong_type", "/packed": "wrong_type", "/big": "too_large", "/endless": "too_large",
    }  # fmt: skip
    with Site(pages) as site:
        for path, problem in expected.items():
            page = get(f"http://site.test:{site.port}{path}", (f"site.test:{site.port}",), most_bytes=2000)
            assert (path, page.problem) == (path, problem) and page.detail and page.body == b""
        assert len(site.asked) == len(expected), "what is final is not asked twice"
        assert not any(h.lower() == "cookie" for h, _ in site.asked)


def test_what_is_tried_again() -> None:
    count = {"n": 0}

    async def shaky(request: web.Request) -> web.Response:
        count["n"] += 1
        return web.Response(status=503) if count["n"] < 3 else web.Response(text="fine")

    async def slow(request: web.Request) -> web.Response:
        await asyncio.sleep(5)
        return web.Response(text="late")

    async def busy(request: web.Request) -> web.Response:
        return web.Response(status=429)

    with Site({"/shaky": shaky, "/slow": slow, "/busy": busy}) as site:
        allow = (f"site.test:{site.port}",)
        assert get(f"http://site.test:{site.port}/shaky", allow).body == b"fine"
        with pytest.raises(TransportError, match=r"within 0.2 s"):
            get(f"http://site.test:{site.port}/slow", allow, deadline_s=0.2, tries=2)
        with pytest.raises(TransportError, match="status 429"):
            get(f"http://site.test:{site.port}/busy", allow, tries=2)
    with pytest.raises(TransportError):
        get(f"http://site.test:{site.port}/gone", allow)

    async def nowhere(host: str, port: int) -> list[str]:
        raise OSError("no such name")

    with pytest.raises(TransportError, match="no such name"):
        get("http://site.test/", ("site.test",), nowhere)


def test_tls_checks_the_name_though_the_address_is_pinned(tmp_path: Path) -> None:
    if shutil.which("openssl") is None:
        pytest.skip("openssl is absent")
    key, cert = tmp_path / "key.pem", tmp_path / "cert.pem"
    made = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-days",
        "2",
        "-subj",
        "/CN=site.test",
        "-addext",
        "subjectAltName=DNS:site.test",
    ]
    subprocess.run([*made, "-keyout", key, "-out", cert], check=True, capture_output=True, timeout=60)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(cert, key)
    asked: list[str | None] = []
    server.sni_callback = lambda sock, name, context: asked.append(name)
    trust = ssl.create_default_context(cafile=str(cert))
    with Site({"/a": ("text/plain", b"safe")}, tls=server) as site:
        assert get(f"https://site.test:{site.port}/a", (f"site.test:{site.port}",), tls=trust).body == b"safe"
        assert asked == ["site.test"]
        for host, given in (("other.test", trust), ("site.test", True)):  # a wrong name, and nobody vouches for the certificate
            with pytest.raises(TransportError, match="(?i)certificate"):
                get(f"https://{host}:{site.port}/a", (f"{host}:{site.port}",), tls=given, tries=1)
