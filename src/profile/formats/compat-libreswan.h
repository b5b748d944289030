/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * NetworkManager-libreswan's keys and what it makes of them before Libreswan sees them; its file format is in
 * compat-conf.h. Facts: NetworkManager-libreswan 1.2.30, shared/utils.c (params[], sanitisation).
 */
#pragma once

#include "profile/setting.h"

#define LIBRESWAN_AUTO_DEFAULTS "nm-auto-defaults"
#define LIBRESWAN_CONNECT_MODE "nm-connect-mode"

typedef enum {
  LIBRESWAN_WORD,
  LIBRESWAN_TEXT, /* with blanks; in quotation marks in a file */
  LIBRESWAN_NETS, /* a list, which may have blanks in a profile */
  LIBRESWAN_INTERNAL, /* never in a file */
} LibreswanKind;

typedef struct {
  const char *name;
  LibreswanKind kind;
  gboolean derived; /* follows from others: in a file it may only say what it would be anyway */
  const char *newer; /* its name since Libreswan 4; NULL: it has one only */
} LibreswanKey;

/* In the order in which that plugin writes them; NULL after the last. */
const LibreswanKey *libreswan_key_at (guint index);
const LibreswanKey *libreswan_key_find (const char *name);
/* FALSE: the profile says everything itself. */
gboolean libreswan_has_defaults (const IpsecSetting *setting);
gboolean libreswan_is_ikev2 (const char *ikev2);
/* The items as Libreswan gets them, with the defaults and rewritten; the caller's, char* -> char*. NULL: a key or a value is
 * not one of that plugin; the error says so in its words. */
GHashTable *libreswan_values (const IpsecSetting *setting, GError **error);
