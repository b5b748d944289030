/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The TLS machine of EAP methods: the engine's orders go to the helper's key child (helper/keys-tls.h), and the server's
 * certificate, when it comes, is verified here, between two requests.
 */
#pragma once

#include "helper-client.h"
#include "io/jobs.h"

/* Borrowed for the call, except for the first and the third. */
typedef struct {
  HelperClient *helper;
  guint32 key;                 /* of our certificate; 0: none */
  Revocation *revocation;
  NssTrust *trust;             /* who may vouch for the server */
  const IkeIdentity *identity; /* that its certificate must contain; NULL: any */
} EapTlsServer;

/* @done is called once, with an IKE_INPUT_JOB, from the main loop. */
void eap_tls_run (const EapTlsServer *server, const IkeTlsOrder *order, JobDoneFunc done, gpointer data);
