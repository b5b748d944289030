# SPDX-License-Identifier: GPL-2.0-or-later
# lab: -t 300
# helper.sh BUILD-DIR - the helper's own test against a kernel that can do ESP: it makes its namespaces itself.
. "$LAB_SRC/guest/case.sh"
case_ helper/esp "$1/tests/unit/helper/test-helper-esp" "$1/src/helper/nm-ipsec-helper"
finish
