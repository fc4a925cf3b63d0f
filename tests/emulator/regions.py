# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The regions both dialects know: long code -> (short v2 code, RegionId or 0 where no document gives it)."""

from __future__ import annotations

REGIONS = {
    "ap-guangzhou": ("gz", 1),
    "ap-shanghai": ("sh", 4),
    "ap-hongkong": ("hk", 5),
    "ap-shanghai-fsi": ("shjr", 7),
    "ap-beijing": ("bj", 8),
    "ap-singapore": ("sg", 9),
    "ap-shenzhen-fsi": ("szjr", 11),
    "na-siliconvalley": ("usw", 15),
    "ap-chengdu": ("cd", 16),
    "eu-frankfurt": ("de", 17),
    "ap-seoul": ("kr", 18),
    "ap-chongqing": ("cq", 19),
    "na-ashburn": ("use", 22),
    "ap-bangkok": ("th", 23),
    "ap-tokyo": ("jp", 25),
    "ap-mumbai": ("in", 0),
    "ap-jakarta": ("jkt", 0),
    "ap-nanjing": ("nj", 0),
    "ap-tianjin": ("tsn", 0),
    "ap-shenzhen": ("szx", 0),
    "ap-taipei": ("tpe", 0),
    "ap-beijing-fsi": ("bjjr", 0),
    "eu-moscow": ("ru", 0),
    "na-toronto": ("tor", 0),
    "sa-saopaulo": ("sao", 0),
}
# Those of the public cloud; finance regions are networks of their own.
PUBLIC = [code for code in REGIONS if not code.endswith("-fsi")]
LONG_CODES = {short: code for code, (short, number) in REGIONS.items()}


def long_code(region):
    """The long code of a long or short one; None for an unknown region."""
    return region if region in REGIONS else LONG_CODES.get(region)
