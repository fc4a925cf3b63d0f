# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fleet file -> Fleet. The format is described in README.md beside this file."""

from __future__ import annotations

import os

import yaml

from .clock import Clock
from .errors import FleetError
from .faults import parse_faults
from .fleet import ORDERS, Fleet
from .instances import generated, read_instance
from .model import Credential, Record, Role
from .regions import PUBLIC, REGIONS
from .section import Section
from .times import Zone, duration

# Made up; used when a fleet file names no credentials of its own.
DEFAULT_CREDENTIALS = {
    "secret_id": "AKIDmadeupfortheemulator000000000001",
    "secret_key": "madeupEmulatorKey000000000000001",
    "token": None,
    "account": "100000000001",
}
TOP_KEYS = {"settings", "credentials", "roles", "instances", "generate", "faults"}


def load(source, now=None):
    """The fleet of a mapping or of a YAML or JSON file; `now` (Unix seconds) pins the time of its data."""
    top = Section("", read(source), TOP_KEYS)
    settings = read_settings(
        Section(
            "settings",
            top.raw("settings", {}),
            {"timezone", "rate_limit", "latency", "order", "skew", "regions", "downloads"},
        )
    )
    clock = Clock(now, settings.skew)
    credentials = [read_credential(*item) for item in top.items("credentials", [DEFAULT_CREDENTIALS])]
    if not credentials:
        raise FleetError("credentials: at least one is needed")
    context = Record(now=int(clock.data()), zone=settings.zone, account=credentials[0].account)
    instances = [read_instance(where, item, context) for where, item in top.items("instances")]
    for where, item in top.items("generate"):
        instances.extend(generated(where, item, context))
    refuse_twins(instances)
    roles = {arn: read_role(arn, item, context) for arn, item in top.table("roles").items()}
    faults = parse_faults([item for where, item in top.items("faults")])
    return Fleet(settings, {one.secret_id: one for one in credentials}, roles, instances, faults, clock)


def read(source):
    """The mapping itself, or what a file holds."""
    if isinstance(source, dict):
        return source
    try:
        with open(os.fspath(source), encoding="utf-8") as stream:
            # JSON is YAML, so one parser reads both; the C loader matters for fleets of thousands.
            return yaml.load(stream, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)) or {}
    except OSError as error:
        raise FleetError("fleet: can't read %s: %s" % (source, error.strerror)) from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise FleetError("fleet: %s is not YAML: %s" % (source, " ".join(str(error).split()))) from None


def read_settings(section):
    """zone, order, rate_limit (requests/s for each SecretId, None: no limit), latency and skew (seconds), regions (on sale), downloads."""
    regions = section.texts("regions", PUBLIC)
    for code in regions:
        if code not in REGIONS:
            raise FleetError("%s: no region is called %r" % (section.path("regions"), code))
    return Record(
        zone=section.convert("timezone", Zone, "+08:00"),
        order=section.choice("order", ORDERS, "newest"),
        rate_limit=section.number("rate_limit", None, whole=False),
        latency=section.number("latency", 0, whole=False),
        skew=section.number("skew", 0, whole=False),
        regions=regions,
        downloads=section.text("downloads", "NoLimit"),
    )


def read_credential(where, item):
    section = Section(where, item, {"secret_id", "secret_key", "token", "account", "denied_actions"})
    return Credential(
        secret_id=section.text("secret_id"),
        secret_key=section.text("secret_key"),
        token=section.text("token", None),
        account=section.text("account", DEFAULT_CREDENTIALS["account"]),
        denied_actions=section.texts("denied_actions"),
        expires=None,
    )


def read_role(arn, item, context):
    section = Section("roles.%s" % arn, item, {"account", "expires_in", "denied_actions", "web_identity"})
    return Role(
        arn=arn,
        account=section.text("account", context.account),
        expires_in=section.convert("expires_in", duration, 7200),
        denied_actions=section.texts("denied_actions"),
        web_identity=read_web_identity(section),
    )


def read_web_identity(section):
    """The (provider, token) that a role trusts, or None."""
    item = section.raw("web_identity", None)
    if item is None:
        return None
    inner = Section(section.path("web_identity"), item, {"provider", "token"})
    return inner.text("provider"), inner.text("token")


def refuse_twins(instances):
    """An id names one instance."""
    seen = set()
    for one in instances:
        if one.id in seen:
            raise FleetError("instances: the id %s occurs twice" % one.id)
        seen.add(one.id)
