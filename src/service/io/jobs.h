/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Jobs that NSS does: key exchange and the verification of a peer; slow ones in a thread of their own. */
#pragma once

#include "ike-engine-io.h"

#include "io/revocation.h"
#include "nss-chain.h"

/* Gets an IKE_INPUT_JOB with the answer (its number and connection are the caller's to set), and owns it. */
typedef void (*JobDoneFunc) (IkeInput *take_answer, gpointer data);

/* How VERIFY is done; borrowed for the call, except for @revocation. */
typedef struct {
  const NssTrust *trust;
  gboolean check_identity;
  Revocation *revocation;
} JobTrust;

/* Starts @job (KE_GENERATE, KE_FINISH, KE_RESPOND, VERIFY, PUZZLE); @done is called once, from the main loop or, when the work
 * is short, from inside this call. */
void job_run (const IkeCrypto *crypto, const IkeJob *job, const JobTrust *trust, JobDoneFunc done, gpointer data);
