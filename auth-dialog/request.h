/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which secrets a connection needs, which of them are known, and which the user has to be asked for.
 *
 * The secret agents of desktops (and nmcli) start the dialog with a connection's data and known secrets on its standard
 * input, and with hints on its command line: names of secrets, or "x-vpn-message:" with what the gateway or the
 * service says. With a message somebody is waiting for an answer now, so that what is known does not count.
 */
#pragma once

#include <glib.h>

typedef struct {
  char *name; /* of the secret, as the connection's service has it */
  char *label; /* translated */
  char *value; /* known, or typed in; NULL: not */
  gboolean ask; /* FALSE: @value is it */
  gboolean echo; /* may be seen while it is typed */
} Question;

typedef struct {
  GPtrArray *questions; /* Question; empty: nothing is needed */
  char *title, *message;
} Request;

/* The value of a secret from the user's keyring, the caller's; NULL: it is not there. */
typedef char *(*RequestLookup) (const char *uuid, const char *secret);

typedef struct {
  const char *uuid, *name;
  const char *const *hints; /* NULL: none */
  gboolean interaction; /* the user may be asked */
  gboolean reprompt; /* what is known was wrong */
  GHashTable *data, *secrets; /* char* -> char*; either may be NULL */
  const char *service; /* whose connection it is, by whose names all secrets go; NULL: ours */
} RequestInput;

Request *request_new (const RequestInput *input, RequestLookup lookup);
void request_free (Request *request);
gboolean request_asks (const Request *request);
/* Is there a value for everything? */
gboolean request_complete (const Request *request);
/* The key file of the external UI mode; the caller's, with secrets in it. */
char *request_to_keyfile (const Request *request);
/* What the graphical mode prints: names and values, each on a line of its own; the caller's, with secrets in it. */
char *request_to_lines (const Request *request);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Request, request_free)
