/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Why something ended: who decided it, a code, the notify that said so, and a detail for people.
 *
 * A reason is a value. The engine only fills it in; the sentence that a user reads, and NetworkManager's failure
 * class, are made from it in one place (src/service/nm/failure.c).
 */
#pragma once

#include <glib.h>

typedef enum {
  IKE_WHO_NOBODY,  /* nothing is wrong */
  IKE_WHO_US,      /* this end refused or could not go on */
  IKE_WHO_PEER,    /* the gateway refused */
  IKE_WHO_NETWORK, /* nothing came back, or the network said no */
  IKE_WHO_KERNEL,  /* the kernel refused an SA, a policy or a link */
  IKE_WHO_USER,    /* the user asked for it */
} IkeWho;

typedef enum {
#define IKE_REASON(name, who, detail) IKE_REASON_##name,
#include "reason.def"
#undef IKE_REASON
} IkeReasonCode;

typedef struct {
  IkeWho who;
  IkeReasonCode code;
  guint16 notify; /* notify message type that carried it, 0 when none did */
  char *detail;   /* owned, UTF-8, printable, may be NULL; never holds a secret */
} IkeReason;

/* Fills @reason with @code, the "who" of its row, and a formatted detail (NULL: none). */
void ike_reason_set (IkeReason *reason, IkeReasonCode code, guint16 notify, const char *format, ...) G_GNUC_PRINTF (4, 5);
void ike_reason_copy (IkeReason *ret, const IkeReason *reason);
void ike_reason_clear (IkeReason *reason);

/* "NO_RESPONSE" and so on: the row's name, stable, for logs and tests. */
const char *ike_reason_code_name (IkeReasonCode code);
IkeWho ike_reason_code_who (IkeReasonCode code);
/* Would the same be said again? Then trying again is of no use. */
gboolean ike_reason_is_final (IkeReasonCode code);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (IkeReason, ike_reason_clear)
