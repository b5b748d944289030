/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The data of the notifications REDIRECT and REDIRECTED_FROM: RFC 5685 sections 9.2, 9.3. */
#pragma once

#include "base/address.h"
#include "base/writer.h"

#define IKE_REDIRECT_MAX_NAME 253

typedef struct _IkeRedirect {
  IkeAddress address; /* family NONE: by name */
  char name[IKE_REDIRECT_MAX_NAME + 1]; /* letters, digits, hyphens and dots; empty: by address */
  IkeChunk nonce; /* whatever follows; in IKE_SA_INIT it must be our nonce, else nothing */
} IkeRedirect;

/* FALSE: malformed, or of a type that nobody knows. */
gboolean ike_redirect_parse (IkeChunk data, IkeRedirect *ret);
/* Octets of the longest. */
#define IKE_REDIRECT_MAX (2 + IKE_REDIRECT_MAX_NAME + 256)
void ike_redirect_write (IkeWriter *writer, const IkeRedirect *redirect);
/* An address, or a name; FALSE: neither. */
gboolean ike_redirect_from_text (const char *text, IkeRedirect *ret);
