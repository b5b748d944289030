/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the editor shows: one const row per field, in the order of the page. Both toolkits' editors are made from it.
 *
 * A field is a key or secret of the profile's table (src/profile/profile-keys.c), which has its values, default and
 * explanation; or one of the form's own, see FIELD_OWN. A key without a field makes the test of the table fail.
 */
#pragma once

#include "profile/profile-keys.h"

typedef enum {
  SECTION_GENERAL, /* what everybody needs */
  SECTION_SIGN_IN,
  SECTION_SERVER,
  SECTION_MESH,
  SECTION_IDENTITIES, /* this and what follows: folded */
  SECTION_NETWORKS,
  SECTION_ALGORITHMS,
  SECTION_CONNECTION,
  SECTION_ADVANCED,
  SECTION_N
} Section;

typedef enum {
  FIELD_TEXT,
  FIELD_FILE, /* text, or picked: see FIELD_STORE */
  FIELD_CHOICE,
  FIELD_SWITCH, /* yes or no */
  FIELD_SECRET, /* with the choice of where it is kept */
  FIELD_PUBLIC_KEY, /* text, and our own public key to copy */
} FieldKind;

typedef enum {
  FIELD_OWN = 1 << 0, /* no key: the form computes it from others, or it stands elsewhere in the connection */
  FIELD_STORE = 1 << 1, /* may also come from the key store or a token */
  FIELD_OPTIONAL = 1 << 2, /* secret: most people do not have it, so an empty one is not asked for */
} FieldFlags;

typedef struct {
  const char *word; /* "": the key is not given */
  const char *title; /* N_ () */
} FieldChoice;

typedef struct {
  const char *name;
  FieldKind kind;
  guint flags;
  Section section;
  const char
      *when; /* shown if one of these holds: "key=word", "key=begin*", "key!=word", separated by blanks; NULL: always */
  const char *title; /* N_ () */
  const FieldChoice *choices; /* CHOICE: ends with a NULL word */
  const char *missing; /* N_ (): what to say when it is needed and empty; NULL: something general */
} Field;

/* What the fields of the form itself are called. */
#define FIELD_SIGN_IN "sign-in"
#define FIELD_ALGORITHMS "algorithms"
#define FIELD_PERSISTENT "persistent"

/* Words of FIELD_SIGN_IN */
#define SIGN_IN_USER "user"
#define SIGN_IN_CERTIFICATE "certificate"
#define SIGN_IN_TOKEN "token"
#define SIGN_IN_SHARED_KEY "shared-key"
#define SIGN_IN_RAW_KEY "raw-key"
#define SIGN_IN_NOTHING "nothing"
#define SIGN_IN_OTHER "other" /* something that only the keys can say */

#define ALGORITHMS_CUSTOM "custom"

guint field_count (void);
const Field *field_at (guint index);
/* Position, or -1. */
int field_find (const char *name, gboolean secret);
/* The row of the profile's table; NULL: one of the form's own. */
const IpsecKey *field_key (const Field *field);

/* Translated; @role: the kind of connection, of IPSEC_ROLE_. */
const char *field_title (const Field *field, guint role);
/* That, or of the usual kind, without the mnemonic; the caller's. */
char *title_without_mnemonic (const char *title);
char *field_plain_title (const Field *field);

/* NULL: it has none */
const char *section_title (Section section);
/* One sentence on what is in a folded section; NULL: it is not folded. */
const char *section_subtitle (Section section);
