/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A connection as it comes over D-Bus, a{sa{sv}}: the little of it that the service wants. */
#pragma once

#include "nm/ipconfig.h"
#include "profile/setting.h"

typedef struct {
  char *uuid, *id, *interface_name; /* NULL: not there */
  IpconfigTls tls; /* connection.dns-over-tls */
  char **permissions; /* "user:NAME:"; empty: everybody's */
  IpsecSetting *vpn; /* NULL: there is no such setting */
} Connection;

/* What is missing, or of another type than it should be, is not there. */
Connection *connection_new (GVariant *settings);
void connection_free (Connection *self);
/* The user for whom alone it is: the first permission. NULL: what stands there is no user. */
char *connection_user (const Connection *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Connection, connection_free)
