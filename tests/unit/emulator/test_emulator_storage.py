# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Object storage: signed addresses that expire, refusals in XML, and the faults of any connection."""

from __future__ import annotations

import pytest
import requests

DATA = bytes(range(256)) * 40


@pytest.fixture
def emulator(serve):
    emulator, _client = serve()
    emulator.storage.put("crs-many0001/1 backup.rdb", DATA)
    return emulator


@pytest.fixture
def get(emulator):
    def get(address=None, **headers):
        address = address or emulator.storage.address(emulator.url, "crs-many0001/1 backup.rdb")
        return requests.get(address, headers=headers, timeout=10, allow_redirects=False)

    return get


def test_a_file(emulator, get):
    answer = get()
    assert (answer.status_code, answer.content) == (200, DATA) and answer.headers["Content-Length"] == str(len(DATA))
    assert answer.headers["ETag"].strip('"').isalnum()
    assert emulator.storage.downloads == [("crs-many0001/1 backup.rdb", 200)] and emulator.log == []


@pytest.mark.parametrize(
    "wanted, status, content",
    [
        ("bytes=0-3", 206, DATA[:4]),
        ("bytes=10000-", 206, DATA[10000:]),
        ("bytes=10239-99999", 206, DATA[-1:]),
        ("lines=1-2", 200, DATA),
    ],
)
def test_a_part_of_it(get, wanted, status, content):
    answer = get(Range=wanted)
    assert (answer.status_code, answer.content) == (status, content)


def test_what_is_beyond_its_end(get):
    assert get(Range="bytes=10240-").status_code == 416


def test_an_address_counts_for_its_file_and_time_alone(emulator, get):
    emulator.storage.put("other", b"x")
    good = emulator.storage.address(emulator.url, "crs-many0001/1 backup.rdb")
    for bad in (
        emulator.storage.address(emulator.url, "crs-many0001/1 backup.rdb", lifetime=0),
        good.replace("sign=", "sign=0"),
        good.split("?")[0],
        good.replace("crs-many0001/1%20backup.rdb", "other"),
        good.replace("q-sign-time=", "q-sign-time=9"),
    ):
        answer = get(bad)
        assert (answer.status_code, b"<Code>AccessDenied</Code>" in answer.content) == (403, True), bad


def test_another_network(emulator, get):
    emulator.storage.put("inner", b"x", refused=True)
    assert get(emulator.storage.address(emulator.url, "inner")).status_code == 403
    emulator.storage.put("inner", b"x")
    assert get(emulator.storage.address(emulator.url, "inner")).status_code == 200


def test_no_such_file(emulator, get):
    assert get(emulator.storage.address(emulator.url, "gone")).status_code == 404
    assert requests.post(emulator.storage.address(emulator.url, "gone"), timeout=10).status_code == 405


def test_a_file_made_when_it_is_asked_for(emulator, get):
    made = []
    emulator.storage.put("late", lambda: made.append(1) or b"late")
    assert (
        made == []
        and [get(emulator.storage.address(emulator.url, "late")).content for _time in (1, 2)] == [b"late"] * 2
    )
    assert made == [1]


def test_faults_of_the_connection(emulator, get):
    emulator.set_faults([{"name": "redirect", "api": "cos", "instance": "crs-many0001", "times": 1}])
    assert [get().status_code, get().status_code] == [302, 200]
