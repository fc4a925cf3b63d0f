# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.qcloud.crs.plugins.module_utils._api.regions import LONG_BY_SHORT, to_long, to_short
from ansible_collections.qcloud.crs.plugins.module_utils._errors import InvalidOption

TABLE = """
gz ap-guangzhou  hk ap-hongkong  de eu-frankfurt  sh ap-shanghai  sg ap-singapore  ru eu-moscow  bj ap-beijing
th ap-bangkok  usw na-siliconvalley  cd ap-chengdu  in ap-mumbai  use na-ashburn  cq ap-chongqing  kr ap-seoul
tor na-toronto  nj ap-nanjing  jp ap-tokyo  sao sa-saopaulo  tsn ap-tianjin  jkt ap-jakarta  shjr ap-shanghai-fsi
szx ap-shenzhen  tpe ap-taipei  szjr ap-shenzhen-fsi  bjjr ap-beijing-fsi
"""
WORDS = TABLE.split()
PAIRS = list(zip(WORDS[::2], WORDS[1::2]))


@pytest.mark.parametrize("short, long", PAIRS)
def test_both_directions(short, long):
    assert to_long(short) == to_long(long) == long
    assert to_short(long) == short


def test_the_table_has_nothing_else_but_the_alias():
    assert set(LONG_BY_SHORT) - {short for short, _long in PAIRS} == {"ca"}
    assert to_long("ca") == "na-toronto"


@pytest.mark.parametrize("written", ["GZ", " gz ", "AP-Guangzhou"])
def test_case_and_space_do_not_matter(written):
    assert to_long(written) == "ap-guangzhou"


def test_a_new_region_passes_in_its_long_form():
    assert to_long("me-riyadh") == to_short("me-riyadh") == "me-riyadh"


@pytest.mark.parametrize(
    "written", ["xx", "guangzhou", "ap_guangzhou", "ap-", "ap-guangzhou/x", "ap-guang zhou", "", "1"]
)
def test_anything_else_is_refused(written):
    with pytest.raises(InvalidOption) as caught:
        to_long(written)
    assert repr(written) in str(caught.value) and "ap-guangzhou" in str(caught.value)
