# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What all modules share: options to an Api, and facts or an error to Ansible. Private to this collection."""

from __future__ import annotations

import traceback
from collections.abc import Mapping
from typing import Any, Callable

from ._api.base import Api
from ._connection import connect
from ._credentials.chain import Keyring
from ._errors import CrsError


def run(module: Any, work: Callable[[Api], Mapping[str, Any]]) -> None:
    """Exit the AnsibleModule with the facts that ``work(api)`` returns, or fail with ``msg`` and ``error`` (an ErrorDict)."""
    try:
        # no_log masks options. ``learn`` adds secrets from elsewhere, such as a profile or a role, as they are found.
        facts = work(connect(module.params, Keyring(learn=module.no_log_values.update)))
    except CrsError as error:
        module.fail_json(msg=str(error), error=error.as_dict())
    except Exception as error:
        # Ansible would show the traceback without masking the secrets that were learned.
        module.fail_json(
            msg=f"a defect of qcloud.crs, please report it: {type(error).__name__}: {error}",
            exception=traceback.format_exc(),
        )
    module.exit_json(changed=False, **facts)
