/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The part of a profile that only a server has: role=server. */
#pragma once

#include <glib.h>

typedef enum { IPSEC_UNIQUE_REPLACE, IPSEC_UNIQUE_KEEP, IPSEC_UNIQUE_NO } IpsecUnique;

/* What a server has for its clients. */
typedef struct {
  GPtrArray *pools;           /* IpsecSelector: nets; at least one */
  GArray *dns;                /* IpsecAddress */
  char **domains;
  char *banner;               /* NULL: none */
  char *users;                /* absolute path: clients use EAP; NULL: they do not */
  char *pam_service;          /* NULL: nobody else is asked */
  IpsecUnique unique;
  char *redirect_to;          /* where clients are sent; NULL: nowhere */
} IpsecServer;
