/* SPDX-License-Identifier: GPL-2.0-or-later */
/* NSS's TLS server over memory, for tests of the client. Errors end the test, unless it looks at them. */
#pragma once

#include <glib.h>

typedef struct _TlsServer TlsServer;

/* @name: of a fixture, certificate and key. @version: 2 or 3, of TLS 1.x. @ask: for a certificate of the client. */
TlsServer *tls_server_new (const char *name, guint version, gboolean ask);
void tls_server_free (TlsServer *server);
/* It takes no key exchange but RSA encryption with the key of its certificate. */
void tls_server_only_static_rsa (TlsServer *server);
/* Records of the client; TRUE: the handshake is complete. */
gboolean tls_server_feed (TlsServer *server, GBytes *records);
/* What NSS calls that which has ended the handshake, an alert of the client's for instance; NULL: nothing has. Before
 * the first call it ends the test. */
const char *tls_server_error (TlsServer *server);
/* What was said inside, or NULL. */
GBytes *tls_server_hear (TlsServer *server);
void tls_server_say (TlsServer *server, gconstpointer clear, gsize len);
/* Records for the client, maybe none. */
GBytes *tls_server_take (TlsServer *server);
void tls_server_export (TlsServer *server, const char *label, int context, guint8 *out, gsize len);
/* Has the client shown a certificate? */
gboolean tls_server_knows_client (TlsServer *server);
