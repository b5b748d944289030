/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Values of other programs -> values of our keys. Each function returns the caller's text, or NULL when the value has
 * no counterpart; nothing here checks what the row of the key is going to check.
 */
#pragma once

#include "profile/formats/draft.h"

/* Is @value one of the blank-separated @words? NULL is none. */
gboolean convert_is (const char *value, const char *words);
/* yes, true, on, 1; no, false, off, 0. */
char *convert_bool (const char *value);
/* "30", "30s", "1h": a number without a unit is of seconds. */
char *convert_time (const char *value);
/* strongSwan's "!" ("only these") is what we always do. */
char *convert_proposals (const char *value);
/* %any, and strongSwan's prefixes of types ("fqdn:", "keyid:" ...). */
char *convert_identity (const char *value);
/* An identity of ours as convert_identity() reads it: a mail address may look like one with a prefix. */
char *convert_identity_out (const char *value);
/* A connection's name as that of a section of ipsec.conf: one word, and none of the words with %. */
char *convert_conn_name (const char *id);
/* The addresses in a list like strongSwan's leftsourceip=, which may also be %config. NULL: there is none, or a pool. */
char *convert_addresses (const char *source);
/* "{a b}", "a,b": a list with commas; "10.0.0.0/8/tcp/22" as ours. @protoport NULL, or "tcp/443", which goes to each that has none. */
char *convert_selectors (const char *value, const char *protoport);
/* A list of nets to hand out, of either IP version. */
void convert_add_pool (IpsecDraft *draft, const char *value);
/* Does the text name a file (and not a nickname of a database)? */
gboolean convert_is_path (const char *value);
/* pkcs11: and data:, which mean the same everywhere. */
gboolean convert_is_uri (const char *value);
/* The path of a credential of ours that is in a file; the caller's; NULL: it is in none, or there is no value. */
char *convert_path (const char *credential);
/* A file that holds certificate and key, by its name; NULL is none. */
gboolean convert_is_pkcs12 (const char *value);

/* How one end proves who it is. */
typedef struct {
  const char *auth; /* psk, cert, eap, null; NULL: not one of ours */
  const char *eap; /* the method, NULL: any */
} ConvertAuth;
/* strongSwan's and Libreswan's words, their suffixes of hashes cut off: "pubkey-sha384", "eap-mschapv2". */
ConvertAuth convert_auth (const char *value);
/* What remote-auth=auto means beside this auth: "psk", "rsa" or "cert". */
const char *convert_usual_remote (const char *auth);
/* auth, eap and remote-auth; @ours is known, @theirs may be unknown. */
void convert_set_auth (IpsecDraft *draft, ConvertAuth ours, ConvertAuth theirs);
/* convert_identity() as the value of @key; NULL is ignored. Any identity of the other end is taken only where that is
 * safe, and a note otherwise: role, authentication and authorities are set before. */
void convert_set_identity (IpsecDraft *draft, const char *key, const char *value);
/* psk, cert, rsa, eap, null, hybrid: what a profile's auth comes to, auto too. */
const char *convert_auth_of (NMSettingVpn *setting);
/* psk, cert, eap, ...: what an IKEv2 client's profile comes to; NULL: it is no such client. */
const char *convert_client_auth (NMSettingVpn *setting);

/* ---- rows: a key of theirs that says the same as one of ours ---- */

typedef enum { CONVERT_COPY, CONVERT_BOOL, CONVERT_TIME, CONVERT_PROPOSALS, CONVERT_WORDS } ConvertHow;

typedef struct {
  const char *theirs, *ours;
  ConvertHow how;
  const char *words; /* WORDS: "theirs ours theirs ours ..." */
} ConvertRow;

/* Their value as ours, and ours as theirs; the caller's; NULL: there is no such word. */
char *convert_row_in (const ConvertRow *row, const char *theirs);
char *convert_row_out (const ConvertRow *row, const char *ours);
/* Their value becomes ours in @draft, or a note, when there is no such word or our key's own check refuses it: gateways,
 * selectors, proposals, identities and credentials apart, which are wrong then. NULL is ignored. */
void convert_set_row (IpsecDraft *draft, const ConvertRow *row, const char *theirs);
