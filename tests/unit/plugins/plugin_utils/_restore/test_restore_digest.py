# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A SHA-256 that is computed beside the thread that has the data."""

from __future__ import annotations

import hashlib
import threading

import pytest

from ansible_collections.qcloud.crs.plugins.plugin_utils._restore.digest import Sha256


@pytest.mark.parametrize("count", [0, 1, 100])
def test_all_pieces_count_in_their_order(count):
    pieces = [bytes([number]) * 1000 for number in range(count)]
    with Sha256() as digest:
        for piece in pieces:
            digest.update(piece)
    assert digest.hexdigest() == hashlib.sha256(b"".join(pieces)).hexdigest()


def test_its_thread_ends_with_an_error():
    threads = threading.active_count()
    with pytest.raises(KeyError), Sha256() as digest:
        digest.update(b"madeup")
        raise KeyError
    assert threading.active_count() == threads
