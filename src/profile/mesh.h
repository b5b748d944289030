/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The part of a profile that only a mesh has: role=mesh. */
#pragma once

#include "profile/selector.h"

#include <glib.h>

/* In the order of the keys. */
typedef enum {
  IPSEC_GROUP_PRIVATE,
  IPSEC_GROUP_PRIVATE_OR_CLEAR,
  IPSEC_GROUP_CLEAR_OR_PRIVATE,
  IPSEC_GROUP_CLEAR,
  IPSEC_GROUP_BLOCK,
} IpsecGroup;

typedef struct {
  IpsecSelector net;
  IpsecGroup group;
} IpsecMeshNet;

#define IPSEC_MESH_MAX_NETS 1024
