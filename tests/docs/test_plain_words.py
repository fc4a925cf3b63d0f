# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a user reads is in the field's own words: phrases that must be read twice are refused."""

from __future__ import annotations

import re

import pytest

from ansible_collections.qcloud.crs.tests.docs.user_texts import user_texts

#: {phrase: what to write in its place}
PHRASES = {
    r"(?<!there )(is|are|was|were) no (?!longer\b)\w+": "is not a ...; invalid; without",
    r"(?<!there )(is|are) none(?= of\b|[,.:;]|$)": "is not; invalid",
    r"so many|so few": "minimum or maximum number of; the number of",
    r"at least so \w+": "minimum age; at least that old",
    r"(is|are|was|be) told|told (by|of|as)": "reported; checked by",
    r"as a whole": "atomically; completely",
    r"(is|are) said": "is reported; a warning says",
    r"nobody|nobody's": "not; unknown; undocumented",
    r"once more": "again",
    r"beside(?!s)": "next to; in addition to; except",
    r"(?<=[.;:] )of an instance": "an instance that ... needs; subject first",
    r"(is|are|was|were) asked( for| of)?": "is requested; is queried; requires",
    r"without a word": "silently",
    r"all the same": "nevertheless; anyway",
    r"in place of": "instead of",
    r"but for": "except",
    r"on (its|their) way out": "being decommissioned",
    r"by (it|them)sel(f|ves) alone": "on its own",
    r"what is no|what was no": "values that are not valid",
    r"makes? a host of": "creates a host for",
    r"(has|have) to be": "must be",
    r"goes? on with": "continues with",
    r"malformed": "invalid",
    r"dialects?": "API version",
    r"weakness(es)?": "vulnerability",
    r"change log": "changelog",
    r"whoever": "anybody who; the user that",
    r"for ever": "permanently; forever",
    r"in vain": "without success",
    r"(count|counts|counted) for nothing|for nothing in": "is ignored; has no effect; matches nothing",
    r"(what|whatever|it|they|tests?|rules?) (came|comes?) (to|of it)(?! an)": "the result; the outcome",
    r"as it stands": "unchanged; raw",
    r"(break|breaks|broke) (its|their|the) policy|broken rule": "violates its policy; a rule that fails",
    r"unasked": "not requested",
    r"no document knows": "undocumented",
    r"told apart": "distinguished",
    r"looked at, and of some not": "for some, and not for others",
}


def found():
    """Yield ``(file, phrase, where)`` of all that a user reads."""
    for name, text in user_texts().items():
        text = " ".join(text.split())
        for phrase in PHRASES:
            for match in re.finditer(rf"\b({phrase})\b", text, re.I):
                yield name, phrase, text[max(match.start() - 50, 0) : match.end() + 50]


FOUND = list(found())


@pytest.mark.parametrize("phrase", PHRASES)
def test_no_phrase_has_to_be_read_twice(phrase):
    there = [f"{name}: ...{where}..." for name, other, where in FOUND if other == phrase]
    assert there == [], f"write: {PHRASES[phrase]}"


def test_all_kinds_of_texts_are_read():
    texts = user_texts()
    assert len(texts) > 100
    for name, part in (
        ("README.md", "one question"),
        ("docs/docsite/rst/policies.rst", "Maximum age"),
        ("plugins/module_utils/_api/v3_service.py", "the signature is wrong"),
        ("plugins/inventory/crs.py", "Creates a host"),
        ("roles/crs_backup_policy/meta/argument_specs.yml", "Minimum number"),
        ("changelogs/fragments/0.1.0.yml", "First release"),
        ("plugins/plugin_utils/_record/audit-record.schema.json", "The record of an audit"),
        ("playbooks/merge.yml", "Merge the audit records"),
        ("docs/docsite/rst/faults.rst", "An undocumented status"),
    ):
        assert part in texts[name]
    # Docstrings and comments are for whoever works on the collection.
    assert "Private to this collection" not in "".join(texts.values())
