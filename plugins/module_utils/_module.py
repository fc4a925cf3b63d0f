# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Between AnsibleModule and the rest: options in, facts or an error out. Private to this collection."""

from __future__ import annotations

import traceback
from collections.abc import Mapping
from typing import Any, Callable

from ._api.base import Api
from ._connection import connect
from ._credentials.chain import Keyring
from ._errors import CrsError


def run(module: Any, work: Callable[[Api], Mapping[str, Any]]) -> None:
    """Exit with what ``work(api)`` returns, or fail with the error's message and its ``error`` dict."""
    try:
        # The options are masked by their no_log; what comes from elsewhere, now or later, isn't.
        facts = work(connect(module.params, Keyring(learn=module.no_log_values.update)))
    except CrsError as error:
        module.fail_json(msg=str(error), error=error.as_dict())
    except Exception as error:
        # Left to itself, Ansible would show it without the mask.
        module.fail_json(
            msg=f"a defect of qcloud.crs, please report it: {type(error).__name__}: {error}",
            exception=traceback.format_exc(),
        )
    module.exit_json(changed=False, **facts)
