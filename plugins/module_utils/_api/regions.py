# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Region codes: API 2.0 knows short ones (gz), API 3.0 long ones (ap-guangzhou). Private to this collection.

Source: the vendor's region tables of both API generations.
"""

from __future__ import annotations

import re

from .._errors import InvalidOption

LONG_BY_SHORT = {
    "bj": "ap-beijing",
    "bjjr": "ap-beijing-fsi",
    "ca": "na-toronto",
    "cd": "ap-chengdu",
    "cq": "ap-chongqing",
    "de": "eu-frankfurt",
    "gz": "ap-guangzhou",
    "hk": "ap-hongkong",
    "in": "ap-mumbai",
    "jkt": "ap-jakarta",
    "jp": "ap-tokyo",
    "kr": "ap-seoul",
    "nj": "ap-nanjing",
    "ru": "eu-moscow",
    "sao": "sa-saopaulo",
    "sg": "ap-singapore",
    "sh": "ap-shanghai",
    "shjr": "ap-shanghai-fsi",
    "szjr": "ap-shenzhen-fsi",
    "szx": "ap-shenzhen",
    "th": "ap-bangkok",
    "tor": "na-toronto",
    "tpe": "ap-taipei",
    "tsn": "ap-tianjin",
    "use": "na-ashburn",
    "usw": "na-siliconvalley",
}
#: A value of options instead of regions: all regions that the API lists.
ALL = "all"
#: The region to send with a request whose answer is the same for every region.
ANY = "ap-guangzhou"
# "tor" is the code of the API's own table; "ca" is an alias that some of its pages use.
SHORT_BY_LONG = {long: short for short, long in LONG_BY_SHORT.items() if short != "ca"}
_LONG = re.compile(r"[a-z]{2,}(-[a-z0-9]+)+")


def to_long(region: str) -> str:
    """Return the long code of a long or short one. Raises InvalidOption.

    An unknown long code is accepted, so that new regions work; an unknown short code is not.
    """
    code = region.strip().lower()
    if code in LONG_BY_SHORT:
        return LONG_BY_SHORT[code]
    if _LONG.fullmatch(code):
        return code
    raise InvalidOption(
        f"region {region!r} is not a region code: use a long one such as ap-guangzhou, or one of the short ones "
        + ", ".join(sorted(LONG_BY_SHORT))
    )


def to_short(long_region: str) -> str:
    """Return the short code of a long one, or the long one itself if it has none."""
    return SHORT_BY_LONG.get(long_region, long_region)
