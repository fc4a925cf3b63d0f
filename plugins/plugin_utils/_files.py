# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Files that are whole or not there: a run that is killed leaves the old one. Private to this collection."""

from __future__ import annotations

import multiprocessing
import os
import tempfile
from contextlib import contextmanager


def write(path, parts):
    """Write the parts of a text to a file by way of a temporary one beside it, readable for owner and group only."""
    folder = os.path.dirname(path)
    os.makedirs(folder, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(dir=folder, prefix=f".{os.path.basename(path)}.")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", errors="backslashreplace") as file:
            file.writelines(parts)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, 0o640)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise


@contextmanager
def beside(path, parts):
    """Write a file as ``write`` does, in a process of its own beside the body of the ``with``. Raises its error after it."""
    context = multiprocessing.get_context("fork")  # as Ansible's own: there is nothing to hand over
    receiver, sender = context.Pipe(duplex=False)
    child = context.Process(target=_told, args=(path, parts, sender))
    try:
        child.start()
    except OSError:  # no further process is to be had
        write(path, parts)
        yield
        return
    sender.close()
    try:
        yield
    finally:
        try:
            error = receiver.recv()
        except EOFError:
            error = OSError(f"the process that was to write {path} ended before it was done")
        receiver.close()
        child.join()
    if error:
        raise error


def _told(path, parts, sender):
    try:
        write(path, parts)
    except Exception as error:  # handed to the caller, whatever it is
        sender.send(error)
    else:
        sender.send(None)
