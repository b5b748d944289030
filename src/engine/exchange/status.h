/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What OCSP says of a certificate, in the negotiation itself: RFC 4806. */
#pragma once

#include "exchange/handlers.h"

#include "wire/payload-cert.h"

/* We would like to see it, where the other end shows certificates: section 3.1, without hashes, which name responders that
 * neither the authority nor its certificate knows. */
void ike_status_write_request (IkeBuilder *builder, const IkeConfig *config);
/* Does the other end want to see ours? In IKE_SA_INIT's answer, or IKE_AUTH's request. */
void ike_status_read_request (IkeParent *parent, const IkePayloads *payloads);
/* Section 3.2; @cert is one of OCSP. Nothing of it is believed before it is verified. */
void ike_status_take (IkeParent *parent, const IkeCert *cert);
/* After our certificates. */
void ike_status_write_own (IkeBuilder *builder, const IkeNego *nego);
