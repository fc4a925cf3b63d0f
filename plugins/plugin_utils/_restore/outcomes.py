# Copyright (c) 2026 qcloud.crs contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The ways in which a restore test can end without passing: a code for each, with outcome and text. Private to this collection.

``failed`` says that the backup is bad. ``unknown`` says that it could not be tested. Whatever is in doubt is ``unknown``.
"""

from __future__ import annotations

from typing import NamedTuple


class Word(NamedTuple):
    outcome: str
    text: str
    remedy: str = ""


_FAILED = {
    "not_rdb": "the file is not an RDB file",
    "cut_short": "the file ends too early",
    "checksum_mismatch": "the file's checksum does not match its content",
    "corrupt": "the checker can't read the file to its end",
    "trailing_bytes": "the file has more data after its end",
    "server_refused": "a server that can read this version refused the file",
    "count_mismatch": "the server has more or fewer keys than the checker read",
    "wrong_backup": "the file was written at another time than the backup",
    "missing_files": "there are fewer files than the backup must have",
    "too_few_keys": "the backup has fewer keys than expected",
    "missing_database": "an expected database has no keys",
    "canary_missing": "the canary key is not there",
    "canary_differs": "the value of the canary key is not the expected one",
}
_UNKNOWN = {
    "api_error": ("the API could not be reached, or returned an error", ""),
    "no_backup": (
        "there is no backup that could be downloaded",
        "check the statuses of the backups, and the option within",
    ),
    "backup_gone": ("the instance has no backup with this id", "check backup_id: it may have expired"),
    "backup_status": ("the backup's status does not allow a download", "choose one that is normal or exported"),
    "undated": (
        "the API does not say when a backup began, so its file can't be distinguished from that of another backup",
        "",
    ),
    "dated_ahead": ("the backup is dated in the future", "check timezone, and this machine's clock"),
    "zone_in_doubt": (
        "the times of the file and of the backup differ by a multiple of 15 minutes, like times in two time zones",
        "check timezone: if it is right, the file is that of another backup",
    ),
    "shards_unknown": (
        "it is not known how many files the backup has",
        "grant DescribeBackupDetail, or DescribeRedis for API 2.0, or set expect.files",
    ),
    "single_file": (
        "API 2.0 returns one file of a backup, and this backup may have more, as those of clusters do",
        "use API 3.0, or set expect.files to 1 if it has only one",
    ),
    "file_twice": (
        "two files of the backup have the same content, so the file of another shard is missing",
        "run the test again, and ask the vendor if it happens again",
    ),
    "baseline_unreadable": (
        "the number of keys can't be compared, since the record of an earlier test can't be read",
        "see the warning, and restore the file in record_dir, or remove it",
    ),
    "undated_file": (
        "the file does not say when it was written, although each file since RDB version 7 does, so it may be that of another backup",
        "find out what wrote the file, or test another backup",
    ),
    "check_mode": ("nothing is downloaded in check mode", ""),
    "host_not_allowed": ("the download address is not among the allowed hosts", "check download_hosts"),
    "download_refused": (
        "the download was refused, also with a new address",
        "allow downloads from this network in the console, or run the test inside the instance's region",
    ),
    "file_missing": ("object storage does not have the file", "list the backups again: this one may have expired"),
    "redirected": (
        "object storage redirected the download, which is not followed",
        "check whether a proxy is in between",
    ),
    "transfer_broken": ("the download broke off", "run the test again"),
    "unreachable": ("object storage can't be reached", "check network, proxy, name resolution and ca_path"),
    "error_page": ("object storage answered with a page instead of a file", "check whether a proxy is in between"),
    "size_differs": (
        "the file is not as large as the API says",
        "run the test again, and ask the vendor if it happens again",
    ),
    "too_large": ("the files of the backup are larger than max_size", "raise max_size"),
    "no_disk_space": ("there is not enough room on disk", "make room, or choose another work_dir"),
    "no_memory": ("the data needs more memory than max_memory", "raise max_memory, or use a larger machine"),
    "download_timeout": ("the download was not complete within download_timeout", "raise download_timeout"),
    "encrypted": ("the file is encrypted", ""),
    "perhaps_encrypted": (
        "the file is not an RDB file, and this API does not say whether it is encrypted",
        "use API 3.0",
    ),
    "no_server": (
        "there is no server here that can read the file's version",
        "install redis-server or valkey-server, 7.0 or newer, or set server",
    ),
    "no_sandbox": ("there is no sandbox here", "install bubblewrap, or set sandbox: auto"),
    "functions_refused": (
        "the file has function libraries, which run code",
        "install bubblewrap and set functions: sandboxed, or set functions: allow",
    ),
    "functions_hidden": (
        "the file has function libraries where no server writes them, and their code ran before the test found them",
        "find out who wrote the file, or set functions: allow",
    ),
    "module_data": ("the file has data of a module, which no server here can read", ""),
    "memory_limit": ("the program reached max_memory", "raise max_memory"),
    "killed": (
        "the checker or the server was killed from outside, as the kernel does when the memory of the machine, service or "
        "container runs out",
        "look for it in the kernel's log, and lower max_memory, or provide more memory",
    ),
    "check_timeout": ("the checker did not end within load_timeout", "raise load_timeout"),
    "load_timeout": ("the server did not load the file within load_timeout", "raise load_timeout"),
    "checker_unusable": (
        "the checker ended without a result for the file",
        "install a server of another version, or set server",
    ),
    "server_aborted": (
        "each server here that can read the file's version crashed while it loaded the file",
        "install a server of another version, or set server",
    ),
    "invalid_answer": (
        "each server here that can read the file's version gave no valid answer about it",
        "install a server of another version, or set server",
    ),
    "server_unusable": (
        "the server does not start here even without a file",
        "start it by hand to see why, or set server",
    ),
    "system_error": (
        "the operating system refused a resource that the test needs",
        "check the limits of processes, open files and memory",
    ),
    "database_expired": (
        "an expected database has no keys left, but keys of the file have expired",
        "expect another database",
    ),
    "canary_expired": ("the canary key is not there, but keys of the file have expired", "use a key without an expiry"),
    "canary_too_large": ("the canary key's value is too large or not a string", "use a short string as the canary"),
}

WORDS: dict[str, Word] = {
    **{word: Word("failed", text) for word, text in _FAILED.items()},
    **{word: Word("unknown", text, remedy) for word, (text, remedy) in _UNKNOWN.items()},
}


class NotPassed(Exception):
    """Ends the test with one of WORDS. ``detail`` is our own text: never an address, a key's name or a program's output."""

    def __init__(self, word: str, detail: str = "") -> None:
        self.word = word
        self.outcome = WORDS[word].outcome
        self.detail = detail
        text, remedy = WORDS[word][1:]
        super().__init__(text + (f" ({detail})" if detail else "") + (f": {remedy}" if remedy else ""))
