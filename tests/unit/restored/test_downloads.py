# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Downloads that don't come to a good end, and addresses that are not even asked. No error has the address."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import socket
import threading

import fake_server
import pytest
from emulator.rdb import Snapshot, junk
from traces import outcome_of

from ansible_collections.qcloud.crs.plugins.plugin_utils._restore import download as module
from ansible_collections.qcloud.crs.plugins.plugin_utils._restore import run, sandbox
from ansible_collections.qcloud.crs.plugins.plugin_utils._restore.download import Bounds, check_address, download
from ansible_collections.qcloud.crs.plugins.plugin_utils._restore.outcomes import NotPassed

DATA = junk(200000)
BOUNDS = Bounds(1 << 20, 60.0, ["127.0.0.1"])


@pytest.fixture
def fetch(source, tmp_path):
    """`fetch(fault, ...)` downloads under a fault, by its name or with its arguments."""

    def run(fault=None, data=DATA, size=None, bounds=BOUNDS, emulator=None, **more):
        return download(
            source(data, **more).address(), str(tmp_path / "file"), len(data) if size is None else size, bounds
        )

    return run


def word(fetch, **options):
    with pytest.raises(NotPassed) as problem:
        fetch(**options)
    assert "127.0.0.1" not in str(problem.value) and "sign" not in str(problem.value)
    assert problem.value.__context__ is None or problem.value.__suppress_context__
    return problem.value.word


@pytest.mark.parametrize("size", [None, 0])
def test_a_file(fetch, tmp_path, size):
    assert fetch(size=size) == (len(DATA), hashlib.sha256(DATA).hexdigest())
    assert (tmp_path / "file").read_bytes() == DATA and (tmp_path / "file").stat().st_mode & 0o777 == 0o600


def test_a_file_that_is_there_is_never_written_to(fetch, tmp_path):
    (tmp_path / "file").symlink_to(tmp_path / "target")
    with pytest.raises(FileExistsError):
        fetch()
    assert not (tmp_path / "target").exists()


@pytest.mark.parametrize(
    "fault, expected",
    [
        ({"name": "drop"}, "unreachable"),
        ({"name": "reset"}, "unreachable"),
        ({"name": "drop_after_headers"}, "transfer_broken"),
        ({"name": "truncated"}, "size_differs"),
        ({"name": "redirect"}, "redirected"),
        ({"name": "gzip"}, "transfer_broken"),
        ({"name": "http_500"}, "transfer_broken"),
        ({"name": "html"}, "size_differs"),
        ({"name": "huge", "bytes": 4 << 20}, "too_large"),
        ({"name": "huge", "bytes": 9}, "transfer_broken"),
    ],
    ids=lambda value: "-".join(map(str, value.values())) if isinstance(value, dict) else None,
)
def test_a_fault(fetch, emulator, fault, expected):
    emulator.set_faults([{**fault, "api": "cos"}])
    assert word(fetch) == expected


def test_a_transfer_that_is_cut_short(fetch, emulator):
    emulator.set_faults([{"name": "truncated", "api": "cos", "missing": 100}])
    assert word(fetch, size=0) == "transfer_broken"


def test_a_server_that_says_nothing(fetch, emulator, monkeypatch):
    monkeypatch.setattr(module, "MAX_SILENCE_SECONDS", 0.2)
    emulator.set_faults([{"name": "slow", "api": "cos", "delay": 2.0}])
    assert word(fetch) == "transfer_broken"


def test_a_server_that_stops_in_the_middle(fetch, emulator, monkeypatch):
    monkeypatch.setattr(module, "MAX_SILENCE_SECONDS", 0.2)
    emulator.set_faults([{"name": "drip", "api": "cos", "delay": 2.0}])
    assert word(fetch) == "transfer_broken"


def test_a_server_that_takes_for_ever(fetch, emulator, monkeypatch):
    emulator.set_faults([{"name": "drip", "api": "cos", "delay": 0.02}])
    assert word(fetch, bounds=BOUNDS._replace(timeout=0.2)) == "download_timeout"


@pytest.fixture
def answered(tmp_path):
    """`answered(head, body)` downloads from a server that sends just that; with ``ends`` it closes the connection then."""
    with contextlib.ExitStack() as stack:

        def run(head, body=b"", size=0, ends=True):
            listening = stack.enter_context(socket.create_server(("127.0.0.1", 0)))

            def answer():
                connection = stack.enter_context(listening.accept()[0])
                connection.recv(4096)
                connection.sendall(b"HTTP/1.1 " + b"\r\n".join(head) + b"\r\n\r\n" + body)
                if ends:
                    connection.shutdown(socket.SHUT_RDWR)

            thread = threading.Thread(target=answer)
            thread.start()
            stack.callback(thread.join)
            url = f"http://127.0.0.1:{listening.getsockname()[1]}/x?sign=x"
            return download(url, str(tmp_path / "file"), size, BOUNDS)

        yield run


def test_the_body_of_a_redirect_is_not_read(answered, monkeypatch):
    """It would go into memory, and has no bounds."""
    monkeypatch.setattr(module, "MAX_SILENCE_SECONDS", 2.0)
    head = [b"302 Found", b"Location: /y", b"Content-Length: 99999999"]
    assert word(answered, head=head, body=b"x" * 1000, ends=False) == "redirected"


CHUNKED = [b"200 OK", b"Transfer-Encoding: chunked"]


@pytest.mark.parametrize(
    "head, body, size",
    [
        ([b"200 OK", b"Content-Length: 4"], b"four", 0),
        ([b"200 OK", b"Content-Length: 0"], b"", 0),
        ([b"200 OK"], b"four", 4),
        (CHUNKED, b"4\r\nfour\r\n0\r\n\r\n", 0),
        (CHUNKED, b"4\r\nfour\r\n0\r\n\r\n", 4),
    ],
)
def test_a_file_whose_end_shows(answered, head, body, size):
    assert answered(head, body, size).size in (0, 4)


@pytest.mark.parametrize(
    "head, body, size, expected",
    [
        # A connection that broke off looks the same.
        ([b"200 OK"], b"four", 0, "transfer_broken"),
        ([b"200 OK", b"Content-Length: four"], b"four", 0, "transfer_broken"),
        ([b"200 OK"], b"four", 5, "transfer_broken"),
        (CHUNKED, b"4\r\nfour\r\n", 0, "transfer_broken"),
        ([b"200 OK", b"Content-Length: 0"], b"", 4, "size_differs"),
        ([b"200 OK", b"Content-Length: 3"], b"four", 4, "size_differs"),
        ([b"206 Partial Content", b"Content-Length: 4"], b"four", 4, "transfer_broken"),
    ],
)
def test_a_file_that_may_not_be_whole(answered, head, body, size, expected):
    assert word(answered, head=head, body=body, size=size) == expected


def test_what_was_given_up_on_writes_to_no_other_file(fetch, monkeypatch, tmp_path):
    """It may be stuck in the disk; until it ends, the number of its file must not be that of another one."""
    write, stuck, goes_on = module._write, threading.Event(), threading.Event()

    def slow(file, chunk):
        stuck.set()
        goes_on.wait()
        write(file, chunk)

    monkeypatch.setattr(module, "_write", slow)
    monkeypatch.setattr(module, "within", given_up_when(stuck))
    threads = set(threading.enumerate())
    assert word(fetch) == "download_timeout"
    with open(tmp_path / "other", "wb") as other:
        goes_on.set()
        for thread in set(threading.enumerate()) - threads:
            thread.join()
        assert other.tell() == os.stat(other.fileno()).st_size == 0
    assert (tmp_path / "file").stat().st_size > 0


def given_up_when(stuck):
    """Return what stands for ``within``: it gives up as soon as ``stuck`` is set."""

    def within(seconds, work):
        threading.Thread(target=lambda: work(threading.Event()), daemon=True).start()
        stuck.wait()
        raise module.Unreachable("too late")

    return within


def test_what_was_given_up_on_writes_nothing_more(fetch, monkeypatch, tmp_path):
    given_up = threading.Event()
    given_up.set()
    monkeypatch.setattr(module, "within", lambda seconds, work: work(given_up))
    assert word(fetch) == "download_timeout" and (tmp_path / "file").read_bytes() == b""


@pytest.mark.parametrize(
    "options, expected",
    [
        ({"lifetime": 0}, "download_refused"),
        ({"refused": True}, "download_refused"),
        ({"size": 1}, "size_differs"),
        ({"size": (1 << 20) + 1}, "too_large"),
        ({"data": junk((1 << 20) + 1), "size": 0}, "too_large"),
    ],
)
def test_a_refusal(fetch, options, expected):
    assert word(fetch, **options) == expected


def test_a_file_that_is_gone(emulator, storage, tmp_path):
    address = storage.address(emulator.url, "gone")
    assert word(lambda: download(address, str(tmp_path / "file"), 0, BOUNDS)) == "file_missing"


def test_nobody_there(tmp_path):
    assert word(lambda: download("http://127.0.0.1:9/x", str(tmp_path / "file"), 0, BOUNDS)) == "unreachable"


@pytest.mark.parametrize(
    "number, expected",
    [
        (errno.ENOSPC, "no_disk_space"),
        (errno.EDQUOT, "no_disk_space"),
        (errno.EFBIG, "no_disk_space"),
        (errno.EIO, "transfer_broken"),
    ],
)
def test_a_disk_that_is_full(fetch, monkeypatch, number, expected):
    def fail(descriptor, data):
        raise OSError(number, "no")

    monkeypatch.setattr(module.os, "write", fail)
    assert word(fetch) == expected


@pytest.mark.parametrize("level", ["DEBUG", "WARNING"])
def test_no_log_has_the_address(fetch, storage, monkeypatch, caplog, level):
    """A header that can't be read is a warning of urllib3's, with the whole address; each request is a debug message."""
    handle = storage.handle

    def odd(request):
        reply = handle(request)
        reply.headers["X no header"] = "x"
        return reply

    monkeypatch.setattr(storage, "handle", odd)
    with caplog.at_level(level):
        assert fetch().size == len(DATA)
    assert caplog.text == ""


def test_a_proxy_that_is_none_has_no_traceback(monkeypatch, tmp_path):
    monkeypatch.setenv("HTTPS_PROXY", "http://user:madeupSomethingKey@127.0.0.1:madeup")
    bounds = BOUNDS._replace(hosts=["*.myqcloud.com"])
    assert word(lambda: download("https://a.myqcloud.com/x", str(tmp_path / "file"), 0, bounds)) == "unreachable"


def test_no_proxy_and_no_netrc_for_this_machine(fetch, monkeypatch, tmp_path):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    (tmp_path / "netrc").write_text("default login a password madeupSomethingKey\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    assert fetch().size == len(DATA)


HOSTS = ["*.myqcloud.com", "files.example.com"]


@pytest.mark.parametrize(
    "url",
    [
        "https://bucket-1.cos.ap-guangzhou.myqcloud.com/a.rdb?sign=x",
        "https://A.MYQCLOUD.COM:443/a",
        "https://files.example.com/",
    ],
)
def test_an_address_that_may_be_asked(url):
    assert check_address(url, HOSTS).scheme == "https"


@pytest.mark.parametrize(
    "url",
    [
        "",
        "/etc/passwd",
        "file:///etc/passwd",
        "http://a.myqcloud.com/",
        "https://myqcloud.com/",
        "https://.myqcloud.com/",
        "https://xmyqcloud.com/",
        "https://a.myqcloud.com.example.com/",
        "https://a.example.com/?.myqcloud.com",
        "https://user:madeupSomethingKey@a.myqcloud.com/",
        "https://a.myqcloud.com:8443/",
        "https://a.myqcloud.com:x/",
        "https://[::1/",
        "http://127.0.0.1/",
        "https://example.com\\.myqcloud.com/",
        "https://example.com\t.myqcloud.com/",
        "https://example.com\n.myqcloud.com/",
        " https://a.myqcloud.com/",
        "https://a.myqcloud.com/a b",
    ],
)
def test_an_address_that_is_not_even_asked(url):
    with pytest.raises(NotPassed) as problem:
        check_address(url, HOSTS)
    assert problem.value.word == "host_not_allowed" and "madeup" not in str(problem.value)


def test_an_address_that_expired_is_asked_for_anew_once(restore, source, storage, tmp_path, monkeypatch):
    monkeypatch.setattr(sandbox, "candidates", lambda wanted: [sandbox.Box("limits")])
    data = Snapshot(10, created=1).database(0).keys(2, "madeup").data()
    server = fake_server.write(tmp_path / "server", fake_server.good_check(len(data), 2), fake_server.good_serve())
    for files, expected in (
        (("expired", "good"), ("passed", None)),
        (("expired",) * 3, ("unknown", "download_refused")),
    ):
        asked = {"expired": source(data, lifetime=0), "good": source(data)}
        addresses = iter([asked[name].address() for name in files])
        storage.downloads.clear()
        report = restore(run.Source(addresses.__next__, len(data)), servers=[server])
        assert outcome_of(report) == expected and len(storage.downloads) == 2


def test_without_a_server_nothing_is_downloaded(restore, storage):
    assert outcome_of(restore(b"", servers=["/nowhere"])) == ("unknown", "no_server") and storage.downloads == []


@pytest.mark.parametrize(
    "options, expected",
    [
        ({"max_size": 3}, ("unknown", "too_large")),
        ({"download_hosts": ["*.myqcloud.com"]}, ("unknown", "host_not_allowed")),
    ],
)
def test_bounds_of_a_test(restore, source, tmp_path, monkeypatch, options, expected):
    monkeypatch.setattr(sandbox, "candidates", lambda wanted: [sandbox.Box("limits")])
    server = fake_server.write(tmp_path / "server")
    assert outcome_of(restore(b"four", servers=[server], **options)) == expected


def test_the_bound_is_one_of_all_files(restore, source, tmp_path, monkeypatch):
    """Also of files whose size the API does not say."""
    monkeypatch.setattr(sandbox, "candidates", lambda wanted: [sandbox.Box("limits")])
    contents = [Snapshot(10, created=1).database(0).keys(2, name).data() for name in ("madeup", "madeon")]
    size = len(contents[0])
    server = fake_server.write(tmp_path / "server", fake_server.good_check(size, 2), fake_server.good_serve())
    for max_size, expected in ((2 * size, ("passed", None)), (2 * size - 1, ("unknown", "too_large"))):
        files = [source(data, size=0) for data in contents]
        assert outcome_of(restore(*files, servers=[server], max_size=max_size)) == expected


def test_a_file_that_does_not_fit_is_not_downloaded(restore, source, storage):
    assert outcome_of(restore(source(b"four", size=1 << 60), max_size=1 << 61)) == ("unknown", "no_disk_space")
    assert storage.downloads == []
