# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each term of the glossary is the only word for its thing in all that a user reads, and is used there."""

from __future__ import annotations

import re

import pytest

from ansible_collections.qcloud.crs.tests.docs.documents import ROOT, read
from ansible_collections.qcloud.crs.tests.docs.user_texts import user_texts

GLOSSARY = ROOT / "docs" / "development" / "glossary.md"
#: For people who work on the collection only.
INTERNAL = {"fault", "target"}


def entries():
    """Return ``{term: [words that are not used for it]}``; a row may have several terms."""
    rows = re.findall(r"^\| ([^|`]+) \| [^|]+ \| ([^|]*) ?\|$", read(GLOSSARY), re.M)
    return {
        term: [word.strip() for word in others.split(",") if word.strip()]
        for terms, others in rows
        if terms != "term" and not terms.startswith("---")
        for term in terms.split(", ")
    }


TERMS = entries()
TEXTS = {name: " ".join(text.split()) for name, text in user_texts().items()}


def pattern(word):
    return re.compile(rf"\b{re.escape(word)}(s|es)?\b", re.I)


def test_the_glossary_is_read_and_sorted():
    assert len(TERMS) > 25
    rows = re.findall(r"^\| ([^|`]+) \|", read(GLOSSARY), re.M)[2:]
    assert rows == sorted(rows, key=str.lower)


def test_a_word_is_either_used_or_not():
    assert not set(TERMS) & {word for words in TERMS.values() for word in words}


@pytest.mark.parametrize("term", [term for term, words in TERMS.items() if words])
def test_no_other_word_is_used(term):
    found = [
        f"{name}: {text[max(match.start() - 40, 0) : match.end() + 40]}"
        for word in TERMS[term]
        for name, text in TEXTS.items()
        for match in pattern(word).finditer(text)
    ]
    assert found == []


@pytest.mark.parametrize("term", [term for term in TERMS if term not in INTERNAL])
def test_each_term_is_used(term):
    assert any(pattern(term).search(text) for text in TEXTS.values())
