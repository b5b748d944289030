#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""purity.py LIBRARY: the engine has no clock, entropy, file, socket, main loop or environment.

Every symbol that the static library leaves undefined must be on the list: memory and string functions of C, and GLib's
data types.  What is not listed is refused, so that a new need is a decision and not an accident.
"""
import re
import sys

import tree

C = r'mem(cpy|move|set|cmp)|str(len|cmp|ncmp|chr|rchr|str|spn|cspn)|explicit_bzero|abort|q?sort|bsearch|inet_(ntop|pton)'
# what the compiler adds by itself
COMPILER = r'__stack_chk_fail|__mem(cpy|move|set)_chk|__explicit_bzero_chk|_GLOBAL_OFFSET_TABLE_|__(asan|ubsan|gcov|llvm)_\w+|__start_\w+|__stop_\w+|__sanitizer_\w+|__udivti3|__umodti3'
GLIB_DATA = (r'g_(malloc0?(_n)?|realloc(_n)?|try_malloc(0|_n|0_n)?|free|free_sized|clear_pointer|memdup2|aligned_\w+|slice_\w+'
             r'|bytes_\w+|byte_array_\w+|array_\w+|ptr_array_\w+|hash_table_\w+|queue_\w+|list_\w+|slist_\w+|string_\w+'
             r'|str(dup|ndup|dupv|v\w*|cmp0|join|joinv|split|concat|chomp|chug|n?casecmp|escape|lcpy|lcat|_has_prefix'
             r'|_has_suffix|_equal|_hash|dup_v?printf)|strdup_v?printf|ascii_\w+|utf8_\w+|unichar_\w+|snprintf|vsnprintf|int_hash'
             r'|int_equal|int64_hash|int64_equal|direct_hash|direct_equal|checksum_\w+|assertion_message\w*|return_if_fail_warning'
             r'|rc_box_\w+|atomic_rc_box_\w+|qsort_with_data|base64_\w+)')
ALLOWED = re.compile(f'^({C}|{COMPILER}|{GLIB_DATA})$')
NEVER = re.compile(r'^g_(get_|random|file_|main_|timeout|idle|log|warn|print|thread|mutex|getenv|setenv|spawn|date_time|checksum_new$)')


def main():
    defined, undefined = set(), {}
    member = '?'
    for line in tree.run('nm', '--no-sort', sys.argv[1]).split('\n'):
        if line.endswith(':'):
            member = line[:-1]
            continue
        m = re.match(r'^\S*\s*([A-Za-z?-])\s+(\S+)$', line)
        if not m:
            continue
        if m[1] in 'Uw':
            undefined.setdefault(m[2], member)
        elif m[1] in 'bBcCdD' and m[1] in 'bBcC' and not m[2].startswith(('__', 'quark')):
            # writable data that begins as zero: a global by another name
            undefined.setdefault(f'{m[2]} (a writable variable)', member)
        elif m[1].isupper():
            defined.add(m[2])
    complaints = [f'{where} uses {name}' for name, where in sorted(undefined.items())
                  if name not in defined and (NEVER.match(name) or not ALLOWED.match(name))]
    if not undefined:
        complaints.append(f'{sys.argv[1]}: nothing to look at')
    tree.finish(complaints)


main()
