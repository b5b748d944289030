/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The table of everything that may stand in vpn.data and vpn.secrets: one const row per key.
 *
 * Parser, editor, man page and tests are driven by these rows. A name can be both a key and a secret ("ppk"), so
 * rows are found by name and kind. "<secret>-flags" and "x-..." have no rows.
 */
#pragma once

#include <glib.h>

typedef enum {
  IPSEC_KEY_STRING,      /* UTF-8 text */
  IPSEC_KEY_HOSTS,       /* host names or addresses */
  IPSEC_KEY_ENUM,        /* one of @values; also yes/no/force and the like */
  IPSEC_KEY_BOOL,        /* yes, no */
  IPSEC_KEY_INTEGER,     /* decimal, @min..@max, or a word of @values */
  IPSEC_KEY_TIME,        /* number and s, m, h or d: @min..@max seconds, or a word of @values */
  IPSEC_KEY_SIZE,        /* octets, with K, M, G or T: @min..@max, or a word of @values */
  IPSEC_KEY_IDENTITY,    /* identity.h */
  IPSEC_KEY_CREDENTIAL,  /* absolute path, file:, data:, pkcs11:, nss:, or a word of @values */
  IPSEC_KEY_PATH,        /* absolute path */
  IPSEC_KEY_RAW,         /* raw-key.h */
  IPSEC_KEY_PROPOSALS,   /* proposal.h */
  IPSEC_KEY_SELECTORS,   /* selector.h */
  IPSEC_KEY_NETS,        /* CIDR list, ranges too; no protocol, no "dynamic" */
  IPSEC_KEY_ADDRESSES,   /* addresses, or one word of @values */
  IPSEC_KEY_MARK,        /* number[/mask], decimal or 0x */
  IPSEC_KEY_SECRET,      /* any bytes but NUL, taken as they are, never trimmed */
} IpsecKeyType;

typedef enum {
  IPSEC_ROLE_CLIENT = 1 << 0,
  IPSEC_ROLE_PEER = 1 << 1,
  IPSEC_ROLE_SERVER = 1 << 2,
  IPSEC_ROLE_MESH = 1 << 3,
} IpsecRole;
#define IPSEC_ROLE_ANY (IPSEC_ROLE_CLIENT | IPSEC_ROLE_PEER | IPSEC_ROLE_SERVER | IPSEC_ROLE_MESH)

typedef enum { IPSEC_KEY_SIMPLE, IPSEC_KEY_ADVANCED } IpsecKeyVisibility; /* the editor's first page, or an expander */

typedef struct {
  const char *name;
  IpsecKeyType type;
  gboolean secret;
  const char *values;       /* words, separated by blanks, in the order of the documents; NULL: none */
  const char *fallback;     /* the default as one would write it; NULL: none, or as @doc says */
  guint64 min, max;         /* INTEGER, TIME (seconds), SIZE (octets); HOSTS, ADDRESSES: max is of entries; else 0 */
  guint roles;              /* IpsecRole: for whom the key means something */
  IpsecKeyVisibility visibility;
  const char *since;        /* version */
  const char *doc;          /* sentences, N_(): man page and tooltip */
} IpsecKey;

/* A value may be this long (octets), one that carries data: longer. */
#define IPSEC_VALUE_MAX 4096
#define IPSEC_VALUE_MAX_DATA (24 * 1024) /* as the helper takes it */
#define IPSEC_LIST_MAX 128 /* entries of a list */

/* What a dialog answers when there is no secret, since an empty answer counts as none; agents take it for a secret. */
#define IPSEC_NO_SECRET "no-secret"

/* Every row in turn, in the order of the documents; NULL after the last. */
const IpsecKey *ipsec_key_at (guint index);
/* NULL: there is no such key, or no such secret. */
const IpsecKey *ipsec_key_find (const char *name, gboolean secret);
/* May an item, or a secret, have this name? x-... may. */
gboolean ipsec_key_is_known (const char *name, gboolean secret);
/* What an unknown name was probably meant to be (edit distance); NULL when nothing is near. Secrets are searched when
 * @secret, else keys and "<secret>-flags"; the text is the caller's. */
char *ipsec_key_suggest (const char *name, gboolean secret);
/* The nearest of the blank-separated @words to @text; NULL when nothing is near. */
char *ipsec_word_suggest (const char *words, const char *text);
/* "psk" of "psk-flags" when that is a secret's flags item, else NULL. */
const IpsecKey *ipsec_key_of_flags (const char *name);
/* Has @key this word among its values? */
gboolean ipsec_key_has_word (const IpsecKey *key, const char *word);
/* Position of @word in @key's values, -1: not one. */
int ipsec_key_word_index (const IpsecKey *key, const char *word);
