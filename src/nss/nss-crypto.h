/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The crypto provider of the engine (engine/crypto/crypto.h), made of NSS.
 *
 * NSS is initialised once for the process, without a database, on first use and under a lock; every function of the
 * table may then be called from any thread. What NSS can do is asked at run time (a program built with new headers runs
 * with an old library), and nothing is offered that the self-test has not seen work.
 */
#pragma once

#include "crypto/crypto.h"

#include <glib.h>

/* Starts NSS without a database when nobody has yet. Thread safe, idempotent. */
gboolean nss_start (GError **error);
/* Ends NSS if nss_start() began it: at the end of main(), for leak checkers. FALSE: keys or certificates were still
 * alive. */
gboolean nss_stop (void);

/* The provider: static, lives until nss_stop(). Runs nss_start() and, the first time, the self-test; NULL when either
 * fails: there is no use going on without. */
const IkeCrypto *nss_crypto_get (GError **error);

/* For a report on the self-test: NSS is started, nothing is tested. */
const IkeCrypto *nss_crypto_untested (void);

#define NSS_CRYPTO_ERROR (nss_crypto_error_quark ())
GQuark nss_crypto_error_quark (void);
typedef enum { NSS_CRYPTO_ERROR_INIT, NSS_CRYPTO_ERROR_SELFTEST } NssCryptoError;
