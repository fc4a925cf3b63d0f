# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs a module's main() in this process."""

from __future__ import annotations

import contextlib
import io
import json

from ansible.module_utils import basic

try:
    from ansible.module_utils.testing import patch_module_args
except ImportError:  # ansible-core before 2.19

    @contextlib.contextmanager
    def patch_module_args(args):
        before, basic._ANSIBLE_ARGS = basic._ANSIBLE_ARGS, json.dumps({"ANSIBLE_MODULE_ARGS": args}).encode()
        try:
            yield
        finally:
            basic._ANSIBLE_ARGS = before


def run_main(main, args):
    """Return ``(exit code, result, all that was printed)`` of a module."""
    printed = io.StringIO()
    code = None
    with patch_module_args(args), contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
        try:
            main()
        except SystemExit as ended:
            code = ended.code
    assert code is not None, "the module neither exits nor fails"
    text = printed.getvalue()
    return code, json.loads(text[text.index("{") :]), text
