# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Profiles in the files of the vendor's tools: what a name stands for, and the two sources that use them. Private to this collection.

Two formats: ``~/.tccli/NAME.credential`` and ``NAME.configure`` of the command line (JSON), and the sections of
``~/.tencentcloud/credentials`` or ``/etc/tencentcloud/credentials`` of the SDKs (INI). Errors name a file and what is
wrong with it, never a line of it.
"""

from __future__ import annotations

import configparser
import json
import os
import re
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from .._api.backups import as_int
from .._errors import InvalidOption
from . import instance_role
from .model import Credentials, pair
from .source_type import Finder, Source

if TYPE_CHECKING:
    from .chain import Keyring

#: Names the profile to use if neither options nor environment have a key pair.
ENV_PROFILE = "TCCLI_PROFILE"
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.@-]*")
_JSON_NAMES = ("secretId", "secretKey", "token")
_INI_NAMES = ("secret_id", "secret_key", "token")
_MAX_BYTES = 1024 * 1024
_QUOTES = "'\""


class Profile(NamedTuple):
    """The content of a profile. What the files don't set is None."""

    #: None for a profile that stands for the role of the virtual machine on which it is used.
    credentials: Credentials | None
    role_arn: str | None
    role_session_name: str | None
    region: str | None
    is_instance_role: bool


def find(name: str, home: str, system: str = "/etc") -> Profile | None:
    """Return the Profile of a name, from the first file that has its key pair, or None. Raises InvalidOption for an invalid name or file.

    ``home`` is the user's folder, ``system`` that of the machine's settings.
    """
    if not _NAME.fullmatch(name):
        raise InvalidOption(f"profile {name!r} is not the name of a profile: use letters, digits and _ . @ -")
    found = _from_tccli(name, os.path.join(home, ".tccli"))
    for path in _ini_files(home, system):
        found = found or _from_ini(name, path)
    return found


def places(name: str, home: str, system: str = "/etc") -> str:
    """Return the paths of the files in which a profile is searched for, separated by commas, for errors."""
    return ", ".join([os.path.join(home, ".tccli", f"{name}.credential"), *_ini_files(home, system)])


def _ini_files(home: str, system: str) -> list[str]:
    return [os.path.join(home, ".tencentcloud", "credentials"), os.path.join(system, "tencentcloud", "credentials")]


def _from_tccli(name: str, folder: str) -> Profile | None:
    path = os.path.join(folder, f"{name}.credential")
    document = _json(path)
    kind = document.get("type") or "default"
    credentials = pair([document.get(one) for one in _JSON_NAMES], _JSON_NAMES, path)
    if not credentials and kind != "cvm-role":
        return None
    expires = as_int(document.get("expiresAt"))
    if credentials and expires is not None and expires <= time.time():
        raise InvalidOption(f"the login of profile {name!r} ({path}) has expired: log in with tccli again")
    return Profile(
        None if kind == "cvm-role" else credentials,
        _text(document.get("role-arn")),
        _text(document.get("role-session-name")),
        _region(os.path.join(folder, f"{name}.configure")),
        kind == "cvm-role",
    )


def _region(path: str) -> str | None:
    """Return the region of a profile's settings, or None."""
    settings = _json(path).get("_sys_param")
    return _text(settings.get("region")) if isinstance(settings, dict) else None


def _from_ini(name: str, path: str) -> Profile | None:
    text = _read(path)
    if text is None:
        return None
    # Keys may contain a percent sign. If a section occurs twice, the last value counts, as in the vendor's parser.
    parser = configparser.RawConfigParser(strict=False)
    try:
        parser.read_string(text)
    except configparser.Error as error:
        # The text of the error contains the line, which may be a key.
        line = getattr(error, "lineno", None) or next((number for number, _line in getattr(error, "errors", [])), None)
        where = f" (line {line})" if line else ""
        raise InvalidOption(
            f"{path} is not an INI file{where}: write [{name}], secret_id = ..., secret_key = ..."
        ) from None
    if not parser.has_section(name):
        return None
    # The vendor's own example has the values in quotes.
    section = {key: _unquoted(value) for key, value in parser.items(name)}
    credentials = pair([section.get(one) for one in _INI_NAMES], _INI_NAMES, f"[{name}] of {path}")
    if not credentials:
        return None
    return Profile(credentials, section.get("role_arn") or None, None, section.get("region") or None, False)


def _unquoted(value: str | None) -> str:
    value = (value or "").strip()
    return value[1:-1] if len(value) > 1 and value[0] == value[-1] and value[0] in _QUOTES else value


def _json(path: str) -> dict[str, Any]:
    """Return the JSON object in a file, an empty dict if there is no file. Raises InvalidOption."""
    text = _read(path)
    if text is None:
        return {}
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict):
        raise InvalidOption(f"{path} is not a JSON object: create it again with tccli configure")
    return document


def _read(path: str) -> str | None:
    """Return a file's text, or None if there is no such file. Raises InvalidOption if it can't be read."""
    if os.path.exists(path) and not os.path.isfile(path):
        # Reading from a pipe could block forever.
        raise InvalidOption(f"{path} can't be read (it is not a file): repair it, or set another profile")
    try:
        with open(path, encoding="utf-8") as stream:
            text = stream.read(_MAX_BYTES + 1)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "it is not UTF-8"
        raise InvalidOption(f"{path} can't be read ({why}): repair it, or set another profile") from None
    if len(text) > _MAX_BYTES:
        raise InvalidOption(f"{path} is larger than {_MAX_BYTES} bytes, too large for a profile: repair it")
    return text


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def missing(name: str, home: str) -> str:
    """Return, for errors, that a profile is not there, and where it was searched for."""
    return f"profile {name!r} not found, or without a key pair; searched: {places(name, home)}"


def default_name(environ: Mapping[str, str]) -> str:
    """Return the name of the profile that is used if no option names one."""
    return environ.get(ENV_PROFILE) or "default"


def _source(keyring: Keyring, name: str) -> Source | None:
    profile = find(name, keyring.home)
    if profile is None:
        return None
    besides = profile.role_arn, profile.role_session_name, profile.region
    return (
        instance_role.source(keyring, *besides)
        if profile.is_instance_role
        else keyring.fixed(profile.credentials, *besides)
    )


def _find_named(keyring: Keyring, options: Mapping[str, Any]) -> Source | None:
    return _source(keyring, options["profile"]) if options.get("profile") else None


def _find_default(keyring: Keyring, _options: Mapping[str, Any]) -> Source | None:
    name = default_name(keyring.environ)
    found = _source(keyring, name)
    if found is None and keyring.environ.get(ENV_PROFILE):
        # If a profile is named, no other source may be used instead.
        raise InvalidOption(f"{ENV_PROFILE} names a profile: {missing(name, keyring.home)}")
    return found


NAMED = Finder(
    order=20,
    find=_find_named,
    text="the named O(profile), or the environment variables with the prefix O(env_prefix)",
    named=True,
)
DEFAULT = Finder(order=40, find=_find_default, text=f"the profile that E({ENV_PROFILE}) names, or V(default)")
