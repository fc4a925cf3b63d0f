# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether a person reads standard output, which belongs to the callback that the user has chosen. Private to this collection.

Ansible hands a task no such thing: what it was configured with, and how it finds callbacks, is used in this file alone.
"""

from __future__ import annotations

from ansible import constants
from ansible.plugins.callback import default, minimal, oneline
from ansible.plugins.loader import callback_loader
from ansible.utils.display import get_text_width

#: Ansible's own callbacks whose output has no form that a machine relies on. Whatever is made of them, such as
#: community.general.yaml or ansible-runner's, is like them. json and its kind, and null, are made of none of them.
_FOR_PEOPLE = {module.__name__ for module in (default, minimal, oneline)}


def is_for_people() -> bool:
    """Tell whether additional lines in the callback's output are harmless."""
    return _is_for_people(constants.DEFAULT_STDOUT_CALLBACK)


def _is_for_people(name: str) -> bool:
    # By the names of their modules: the loader may have made classes of its own.
    callback = callback_loader.get(name, class_only=True)
    return callback is not None and any(base.__module__ in _FOR_PEOPLE for base in callback.__mro__)


def width(text: str) -> int:
    """Return how many columns of a terminal a text takes; Chinese characters take two each."""
    try:
        columns: int = get_text_width(text)
    except OSError:  # this machine's locale knows none of its characters
        return len(text)
    return columns
