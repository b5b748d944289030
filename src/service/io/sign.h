/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The job SIGN: our signature, and what OCSP says of our certificate, when the other end wants to see it (RFC 4806). */
#pragma once

#include "io/jobs.h"

void sign_run (HelperClient *helper, Revocation *revocation, guint32 key, const IkeJob *job, JobDoneFunc done,
               gpointer data);
