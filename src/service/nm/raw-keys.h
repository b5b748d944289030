/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The raw keys of a profile: what the helper must load, and what the profile itself holds, understood once. Pure. */
#pragma once

#include "helper-client.h"

#include "profile/profile.h"

typedef struct {
  char *local, *remote; /* what the helper loads: a path, or HELPER_KEY_STORE and a CKAID; NULL: nothing */
  GBytes *remote_key; /* SubjectPublicKeyInfo; NULL: it is to be loaded, or there is none */
} RawKeys;

/* NULL: a key is malformed or too weak; the text names the profile's key. */
RawKeys *raw_keys_new (const IpsecProfile *profile, GError **error);
void raw_keys_free (RawKeys *keys);
/* Adds to @spec; its strings are ours. TRUE: there was something. */
gboolean raw_keys_add (const RawKeys *keys, HelperCredentialSpec *spec);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RawKeys, raw_keys_free)
