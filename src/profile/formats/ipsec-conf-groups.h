/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Libreswan's policy groups, which are our role=mesh: ipsec.conf(5), POLICY GROUP FILES. */
#pragma once

#include "profile/formats/conf.h"
#include "profile/formats/draft.h"

/* A key for users, which no IPsec gives a meaning to: the group's nets, when they are in this file. */
#define IPSEC_CONF_NETS "x-nets"
#define IPSEC_CONF_POLICIES "/etc/ipsec.d/policies"

/* Does the connection with these values stand for one with each net of a group? */
gboolean ipsec_conf_is_group (GHashTable *values);
/* All groups of the file become one mesh. */
gboolean ipsec_conf_read_groups (IpsecDraft *draft, const Conf *conf, GError **error);
/* ipsec.conf(5): a key that is reserved for users, and without a meaning. */
gboolean ipsec_conf_is_comment (const char *name);
