# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from urllib.parse import quote

import pytest

from ansible_collections.qcloud.crs.plugins.module_utils._credentials.model import Credentials, Renewed, parts
from ansible_collections.qcloud.crs.plugins.module_utils._errors import AuthError, Unreachable

FIRST, SECOND = Credentials("id-1", "key-1", "token-1"), Credentials("id-2", "key-2", "token-2")


def test_the_repr_shows_no_secret():
    assert repr(Credentials("id", "the-key", "the-token")) == "Credentials(secret_id='id')"
    assert "the-key" not in f"{Credentials('id', 'the-key', None)} {Credentials('id', 'the-key', None)!r}"


@pytest.mark.parametrize(
    "form",
    [
        str,
        lambda text: quote(text, safe=""),
        lambda text: quote(text, safe="/"),
        lambda text: quote(text, safe="").lower(),
    ],
    ids=["raw", "url", "url-with-slash", "url-in-lower-case"],
)
def test_redact_takes_out_key_and_token_in_every_form(form):
    key, token = "KEY+with/signs=", "TOKEN+abc/123=="
    text = Credentials("id", key, token).redact(f"a {form(key)} b {form(token)} c")
    assert text == "a ******** b ******** c"


def test_redact_leaves_the_rest_alone():
    assert Credentials("id", "key", None).redact("id of crs-1") == "id of crs-1"


class Service:
    """Gives pairs with an expiry, or raises, in turn; ``now`` is the clock."""

    def __init__(self, *script):
        self.script, self.now, self.learned, self.asked = list(script), 1000.0, [], 0

    def fetch(self):
        self.asked += 1
        answer = self.script.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def provider(self):
        return Renewed(self.fetch, self.learned.append, lambda: self.now)


def test_a_pair_without_expiry_is_fetched_once():
    service = Service((FIRST, None))
    provider = service.provider()
    assert service.asked == 0
    assert [provider() for _one in range(3)] == [FIRST] * 3
    assert (service.asked, service.learned) == (1, [("key-1", "token-1")])


@pytest.mark.parametrize("life, last", [(7200, 6899), (7200, 0), (100, 49), (1, 0.4)])
def test_it_is_replaced_before_it_expires_and_not_sooner(life, last):
    service = Service((FIRST, 1000 + life), (SECOND, 99999))
    provider = service.provider()
    provider()
    service.now += last
    assert provider() is FIRST
    service.now = 1000 + life - min(300, life / 2)
    assert provider() is SECOND
    assert service.learned == [FIRST.secrets, SECOND.secrets]


def test_while_the_old_pair_lives_a_failure_is_tried_again_after_a_while():
    service = Service((FIRST, 2000), Unreachable("down"), (SECOND, 99999))
    provider = service.provider()
    provider()
    service.now = 1700
    assert (provider(), provider(), service.asked) == (FIRST, FIRST, 2)
    service.now = 1729
    assert provider() is FIRST
    service.now = 1730
    assert provider() is SECOND


def test_an_expired_pair_is_never_handed_out():
    service = Service((FIRST, 2000), Unreachable("down"))
    provider = service.provider()
    provider()
    service.now = 2000
    with pytest.raises(Unreachable):
        provider()


def test_a_failure_with_nothing_in_hand_is_everybodys_and_not_repeated():
    service = Service(AuthError("no such role"))
    provider = service.provider()
    for _one in range(3):
        with pytest.raises(AuthError, match="no such role"):
            provider()
    assert (service.asked, service.learned) == (1, [])


#: As long as what a cluster writes has three parts.
WEB_TOKEN = "madeUpHeaderOfToken.madeUpClaims_OfTheToken-withMore.madeUpSignatureOfTheToken"


@pytest.mark.parametrize(
    "quoted",
    [
        WEB_TOKEN,
        *WEB_TOKEN.split("."),
        WEB_TOKEN[:30],
        WEB_TOKEN[25:70],
        WEB_TOKEN.upper()[:25],
        f"x{WEB_TOKEN.split('.')[1]}x",
    ],
)
def test_redact_takes_out_what_is_quoted_of_a_token_in_part(quoted):
    text = Credentials(None, WEB_TOKEN, None).redact(f"the token '{quoted}...' is not valid")
    assert text.startswith("the token '****") and text.endswith("' is not valid")
    words = "".join(char if char.isalnum() or char in "-_" else " " for char in text).split()
    assert not [word for word in words if len(word) >= 12]


def test_the_parts_of_a_token_are_secrets_too():
    assert parts(WEB_TOKEN + ".short") == WEB_TOKEN.split(".")
    assert Credentials(None, WEB_TOKEN, None).redact("a word: headerOfToke") == "a word: ********"
    assert Credentials(None, WEB_TOKEN, None).redact("a word: madeUp, HeaderOf") == "a word: madeUp, HeaderOf"
