/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See status.h. */
#include "exchange/status.h"

void
ike_status_write_request (IkeBuilder *builder, const IkeConfig *config)
{
  const IkeCert request = { .encoding = IKE_CERT_OCSP };

  if (!config->ask_status || config->remote_auth != IKE_AUTH_SIGNATURE)
    return;
  /* RFC 4806 section 4.1: apart from any other */
  ike_cert_write (ike_builder_begin (builder, IKE_PAYLOAD_CERTREQ), &request);
  ike_builder_end (builder);
}

void
ike_status_read_request (IkeParent *parent, const IkePayloads *payloads)
{
  const IkePayload *payload;
  guint index = 0;

  while ((payload = ike_payloads_next (payloads, IKE_PAYLOAD_CERTREQ, &index)))
    {
      IkeCert request;

      if (ike_certreq_parse (payload->body, &request) && request.encoding == IKE_CERT_OCSP)
        parent->nego->status_wanted = TRUE;
    }
}

void
ike_status_take (IkeParent *parent, const IkeCert *cert)
{
  if (ike_parent_config (parent)->ask_status)
    g_ptr_array_add (parent->nego->peer_status, ike_chunk_dup (cert->data));
}

void
ike_status_write_own (IkeBuilder *builder, const IkeNego *nego)
{
  IkeCert own = { .encoding = IKE_CERT_OCSP };

  if (!nego->own_status)
    return;
  own.data = ike_chunk_bytes (nego->own_status);
  ike_cert_write (ike_builder_begin (builder, IKE_PAYLOAD_CERT), &own);
  ike_builder_end (builder);
}
