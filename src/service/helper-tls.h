/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is asked of the helper's TLS client, and what it answers: plain data, and the call. */
#pragma once

#include "ike-engine-io.h"

typedef struct _HelperClient HelperClient;

/* One step of the TLS client in the helper's key child. */
typedef enum { HELPER_TLS_OPEN, HELPER_TLS_STEP, HELPER_TLS_TRUST, HELPER_TLS_EXPORT, HELPER_TLS_REFUSE } HelperTlsOp;
typedef struct {
  HelperTlsOp op;
  guint32 key;
  GBytes *records;
  const IkeSecret *clear;
  const char *label;
  const guint8 *context; /* one octet, or NULL */
  gsize len; /* of EXPORT; REFUSE: the alert, as nss_tls_refuse() has it */
} HelperTlsRequest;
typedef enum { HELPER_TLS_HANDSHAKE, HELPER_TLS_VERIFY, HELPER_TLS_ESTABLISHED, HELPER_TLS_FAILED } HelperTlsState;
typedef struct {
  HelperTlsState state;
  gboolean tls13;
  GBytes *records;
  IkeSecret *clear; /* said by the server, or exported; NULL: nothing; FAILED: why, while the records are an alert */
  GPtrArray *certificates; /* GBytes, DER: with VERIFY */
} HelperTlsAnswer;
void helper_tls_answer_free (HelperTlsAnswer *answer);
/* The session has failed: an alert, or what NSS says. */
#define HELPER_TLS_ERROR (helper_tls_error_quark ())
GQuark helper_tls_error_quark (void);

typedef void (*HelperTlsFunc) (HelperTlsAnswer *take_answer, GError *error, gpointer data);
void helper_client_tls (HelperClient *client, const HelperTlsRequest *request, HelperTlsFunc func, gpointer data);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (HelperTlsAnswer, helper_tls_answer_free)
