/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The attribute types that may stand in a distinguished name, and the string types of their values. */
#pragma once

#include "nss-der.h"

#define NSS_TAG_UTF8 0x0c
#define NSS_TAG_PRINTABLE 0x13
#define NSS_TAG_T61 0x14
#define NSS_TAG_IA5 0x16
#define NSS_TAG_UNIVERSAL 0x1c
#define NSS_TAG_BMP 0x1e
#define NSS_NAME_MAX_VALUE 1024 /* octets of one attribute value */

typedef struct {
  const char *name;
  guint8 len;
  guint8 oid[10];
  guint8 tag; /* that a value gets when it fits; 0, and otherwise: UTF8String */
} NssNameAttribute;

extern const NssNameAttribute nss_name_attributes[];
extern const gsize nss_name_n_attributes;
