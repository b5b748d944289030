/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The channel to the helper: every privileged thing, asked for asynchronously over the inherited socketpair.
 *
 * Each call sends one request (src/helper/channel-msg.h) and returns at once; its function is called exactly once,
 * from the main loop, with the answer or an error (IPSEC_ERROR domain; the text is a sentence for people), never
 * from inside the call. When the helper is gone all that is outstanding fails, and so does every later call.
 */
#pragma once

#include "helper-kernel.h"
#include "helper-link.h"
#include "ike-engine-io.h"

#include <gio/gio.h>

typedef struct _HelperClient HelperClient;

/* Before a nickname: the certificate of this name in the key store, with its key. */
#define HELPER_KEY_STORE "nss:"
/* Before a CKAID: the key of this name there. */
#define HELPER_KEY_STORE_CKAID "ckaid:"

/* What a credential request names; strings as in the profile, NULL when absent. */
typedef struct {
  const char *certificate, *private_key; /* path or PKCS#12 path; data: URI is decoded by the service itself */
  const char *ca;                        /* path, or "system"; a file may hold one raw public key instead */
  const char *key_password;              /* NULL: none given */
  const char *store_password, *pin;      /* of the key store, of a token; NULL: none given */
  gboolean pin_typed; /* just now, not kept anywhere */
  const char *user;                      /* the one user of a private connection, who must be able to read the files; NULL: root */
} HelperCredentialSpec;

typedef struct {
  guint32 key;             /* handle for sign; 0: no private key */
  IkeKeyType key_type;
  guint key_bits, crls_left_out; /* so many lists were too many for crls */
  gboolean key_pss;        /* it may sign RSA-PSS */
  GPtrArray *certificates, *cas, *crls; /* GBytes DER: ours first; trust anchors; lists of the revoked, or NULL */
  GBytes *remote_key;      /* SubjectPublicKeyInfo: only its owner is trusted; NULL: none */
} HelperCredentials;
void helper_credentials_free (HelperCredentials *credentials);

/* What helper_client_load_credentials() fails with: domain HELPER_CREDENTIAL_ERROR. */
#define HELPER_CREDENTIAL_ERROR (helper_credential_error_quark ())
GQuark helper_credential_error_quark (void);
typedef enum {
  HELPER_CREDENTIAL_ERROR_NOT_FOUND,     /* a file is missing or the user may not read it: the text names it */
  HELPER_CREDENTIAL_ERROR_BAD_FILE,      /* it is no certificate or key */
  HELPER_CREDENTIAL_ERROR_NEED_PASSWORD, /* the key is encrypted and no password was given */
  HELPER_CREDENTIAL_ERROR_BAD_PASSWORD,
  HELPER_CREDENTIAL_ERROR_MISMATCH,      /* the key does not belong to the certificate */
  HELPER_CREDENTIAL_ERROR_NO_TOKEN,      /* of a PKCS#11 URI: the card is not in its reader */
  HELPER_CREDENTIAL_ERROR_NO_OBJECT,     /* it is, but has no such certificate or key */
  HELPER_CREDENTIAL_ERROR_NEED_PIN,
  HELPER_CREDENTIAL_ERROR_BAD_PIN,       /* the text: what the token says about tries */
  HELPER_CREDENTIAL_ERROR_PIN_LOCKED,
} HelperCredentialError;

typedef void (*HelperDoneFunc) (GError *error, gpointer data);
typedef void (*HelperResolveFunc) (const IkeAddress *addresses, guint n, GError *error, gpointer data);
typedef void (*HelperLinkFunc) (const HelperLink *link, GError *error, gpointer data);
typedef void (*HelperSocketFunc) (int take_fd, const IkeEndpoint *local, GError *error, gpointer data);
typedef void (*HelperCredentialsFunc) (HelperCredentials *take_credentials, GError *error, gpointer data);
typedef void (*HelperSignFunc) (GBytes *signature, GError *error, gpointer data);

typedef struct {
  void (*expire) (guint32 spi, const IkeAddress *dst, gboolean hard, gpointer data);
  void (*mapping) (guint32 spi, const IkeEndpoint *peer, gpointer data);
  /* a packet has met one of our policies, and there is no SA for it */
  void (*acquire) (const IkeAddress *local, const IkeAddress *remote, gpointer data);
} HelperEvents;

/* Starts the helper (fork and exec, root needed for its work). */
HelperClient *helper_client_spawn (const char *program, GError **error);
void helper_client_free (HelperClient *client);
/* Begin to read from the helper, in the default main context (after privileges were dropped). @gone is called once,
 * after all outstanding calls have failed, when the helper has ended without being asked. */
void helper_client_attach (HelperClient *client, void (*gone) (gpointer data), gpointer data);
/* Kernel events go to one listener (the driver), and that somebody else has removed the link to one; NULL: to nobody. */
void helper_client_watch (HelperClient *client, const HelperEvents *events, gpointer data);
void helper_client_watch_link (HelperClient *client, void (*gone) (gpointer data), gpointer data);

/* What can be done before there is a connection: leftovers of earlier crashes are removed, sockets opened. */
void helper_client_prepare (HelperClient *client);
/* Names the connection; its kill switch of an earlier crash is removed, but for @guarded: then helper_client_guard()
 * follows. */
void helper_client_begin (HelperClient *client, const char *uuid, gboolean guarded, HelperDoneFunc func, gpointer data);
/* Fails with G_RESOLVER_ERROR_NOT_FOUND when the name does not exist, with anything else when nobody could tell. */
void helper_client_resolve (HelperClient *client, const char *host, HelperResolveFunc func, gpointer data);
/* Of each family one of our own addresses, if possible one of @inside (IkeSelector). */
void helper_client_addresses (HelperClient *client, const GArray *inside, HelperResolveFunc func, gpointer data);
void helper_client_link (HelperClient *client, const HelperLinkWish *wish, HelperLinkFunc func, gpointer data);
/* A UDP socket connected to @remote, from @local (family NONE: any address) and @local_port if it is free, else from
 * any port; with remote port 0 connected to the address only, whatever port it sends from; NATT: with UDP encapsulation on. With an IKE bypass policy. */
void helper_client_socket (HelperClient *client, const IkePath *path, HelperSocketFunc func, gpointer data);
void helper_client_credentials (HelperClient *client, const HelperCredentialSpec *spec, HelperCredentialsFunc func, gpointer data);
void helper_client_sign (HelperClient *client, guint32 key, const struct _IkeSigScheme *scheme, GBytes *octets, HelperSignFunc func, gpointer data);
/* One kernel request of the engine, for the link made before. func may be NULL for DELETE. */
void helper_client_kernel (HelperClient *client, const IkeKernelRequest *request, HelperKernelFunc func, gpointer data);
/* What was remembered for a gateway, by this or an earlier process; 0: nothing. A number of 16 bits. */
typedef void (*HelperRecallFunc) (guint value, gpointer data);
void helper_client_recall (HelperClient *client, const char *name, HelperRecallFunc func, gpointer data);
void helper_client_remember (HelperClient *client, const char *name, guint value);
/* The gateway is reached by this link from now on, by the neighbour that the kernel knows there; 0: as the kernel likes. It
 * must be one that a socket was made for. @func may be NULL. */
void helper_client_pin (HelperClient *client, const IkeAddress *gateway, guint32 ifindex, HelperDoneFunc func, gpointer data);
/* A server's: what it is, before any socket is made; then about its clients. @users, @file_user, @pam: NULL: none. Fails when the file cannot be used. */
void helper_client_server (HelperClient *client, const char *users, const char *file_user, const char *pam,
                           HelperDoneFunc func, gpointer data);
/* @take_password NULL: there is no such user, or (with @error) it could not be looked up. */
typedef void (*HelperPasswordFunc) (IkeSecret *take_password, GError *error, gpointer data);
void helper_client_user (HelperClient *client, const char *name, HelperPasswordFunc func, gpointer data);
/* May this identity come in, from this address? */
void helper_client_authorize (HelperClient *client, const char *name, const char *host, HelperDoneFunc func, gpointer data);
typedef void (*HelperStateFunc) (const char *state, gsize len, gpointer data);
void helper_client_load_state (HelperClient *client, HelperStateFunc func, gpointer data);
void helper_client_save_state (HelperClient *client, const char *state, gsize len);
/* Remove all that was made (SAs, policies, link, sockets, keys), then answer. */
void helper_client_end (HelperClient *client, HelperDoneFunc func, gpointer data);
