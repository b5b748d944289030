/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Constructors and destructors of the plain data at the engine's edge, and how an identity looks to people.
 * Destructors take NULL and half-built values. RFC 7296 section 3.5 for identities.
 */
#include "ike-engine-io.h"

#include "base/text.h"

/* Octets of an identity that a log shows at most. */
#define IDENTITY_SHOWN 256

gboolean
ike_path_same_addresses (const IkePath *a, const IkePath *b)
{
  return ike_address_equal (&a->local.address, &b->local.address) &&
         ike_address_equal (&a->remote.address, &b->remote.address);
}

const char *
ike_path_around (const IkePath *path, gboolean encap)
{
  if (path->transport == IKE_TRANSPORT_TCP)
    return " in TCP";
  return encap ? " in UDP" : "";
}

IkeIdentity *
ike_identity_new (IkeIdType type, gconstpointer data, gsize len)
{
  IkeIdentity *identity = g_new0 (IkeIdentity, 1);

  identity->type = type;
  identity->data = g_bytes_new (data, len);
  return identity;
}

IkeIdentity *
ike_identity_copy (const IkeIdentity *identity)
{
  IkeIdentity *copy;

  if (!identity)
    return NULL;
  copy = g_new0 (IkeIdentity, 1);
  copy->type = identity->type;
  copy->data = g_bytes_ref (identity->data);
  return copy;
}

void
ike_identity_free (IkeIdentity *identity)
{
  if (!identity)
    return;
  g_clear_pointer (&identity->data, g_bytes_unref);
  g_free (identity);
}

static gboolean
equal_without_case (IkeChunk a, IkeChunk b)
{
  if (a.len != b.len)
    return FALSE;
  for (gsize i = 0; i < a.len; i++)
    if (g_ascii_tolower ((char) a.data[i]) != g_ascii_tolower ((char) b.data[i]))
      return FALSE;
  return TRUE;
}

gboolean
ike_identity_equal (const IkeIdentity *a, const IkeIdentity *b)
{
  if (!a || !b)
    return a == b;
  if (a->type != b->type)
    return FALSE;
  switch (a->type)
    {
    case IKE_ID_FQDN:
    case IKE_ID_RFC822_ADDR: /* RFC 4945 section 3.1.3 */
      return equal_without_case (ike_chunk_bytes (a->data), ike_chunk_bytes (b->data));
    case IKE_ID_IPV4_ADDR:
    case IKE_ID_IPV6_ADDR:
    case IKE_ID_DER_ASN1_DN:
    case IKE_ID_DER_ASN1_GN:
    case IKE_ID_KEY_ID:
    case IKE_ID_NULL:
      break;
    }
  return g_bytes_equal (a->data, b->data);
}

static char *
hex_with_prefix (const char *prefix, IkeChunk data)
{
  GString *text = g_string_new (prefix);

  for (gsize i = 0; i < MIN (data.len, IDENTITY_SHOWN); i++)
    g_string_append_printf (text, "%02x", data.data[i]);
  if (data.len > IDENTITY_SHOWN)
    g_string_append (text, "…");
  return g_string_free (text, FALSE);
}

static char *
clean_text (IkeChunk data)
{
  g_autofree char *text = ike_text_clean (data.data, MIN (data.len, IDENTITY_SHOWN), FALSE);

  return g_strconcat (text, data.len > IDENTITY_SHOWN ? "…" : "", NULL);
}

static char *
address_text (IkeIdType type, IkeChunk data)
{
  IkeAddress address = ike_address_from_chunk (data);

  if (address.family != (type == IKE_ID_IPV4_ADDR ? IKE_FAMILY_IP4 : IKE_FAMILY_IP6))
    return hex_with_prefix (type == IKE_ID_IPV4_ADDR ? "ID_IPV4_ADDR:" : "ID_IPV6_ADDR:", data);
  return ike_address_to_string (&address);
}

char *
ike_identity_to_string (const IkeIdentity *identity)
{
  IkeChunk data = identity ? ike_chunk_bytes (identity->data) : ike_chunk (NULL, 0);
  g_autofree char *prefix = NULL;

  if (!identity)
    return g_strdup ("any");
  switch (identity->type)
    {
    case IKE_ID_IPV4_ADDR:
    case IKE_ID_IPV6_ADDR:
      return address_text (identity->type, data);
    case IKE_ID_FQDN:
    case IKE_ID_RFC822_ADDR:
      return clean_text (data);
    case IKE_ID_KEY_ID:
      if (data.len > 0 && ike_text_is_clean (data.data, data.len, FALSE))
        return clean_text (data);
      return hex_with_prefix ("@#", data);
    case IKE_ID_DER_ASN1_DN:
      return hex_with_prefix ("#", data);
    case IKE_ID_NULL:
      return g_strdup ("ID_NULL");
    case IKE_ID_DER_ASN1_GN:
      break;
    }
  prefix = g_strdup_printf ("%s:", IKE_NAME (ID, identity->type));
  return hex_with_prefix (prefix, data);
}

IkeProposal *
ike_proposal_new (IkeProtocolId protocol)
{
  IkeProposal *proposal = g_new0 (IkeProposal, 1);

  proposal->type = (guint8) protocol;
  proposal->transforms = g_array_new (FALSE, FALSE, sizeof (IkeTransform));
  return proposal;
}

void
ike_proposal_free (IkeProposal *proposal)
{
  if (!proposal)
    return;
  g_clear_pointer (&proposal->transforms, g_array_unref);
  g_free (proposal);
}

IkeServe *
ike_serve_new (void)
{
  IkeServe *serve = g_new0 (IkeServe, 1);

  serve->dns = g_array_new (FALSE, FALSE, sizeof (IkeAddress));
  serve->domains = g_ptr_array_new_with_free_func (g_free);
  return serve;
}

static void
serve_free (IkeServe *serve)
{
  if (!serve)
    return;
  g_array_unref (serve->dns);
  g_ptr_array_unref (serve->domains);
  g_free (serve->banner);
  g_free (serve);
}

IkeMesh *
ike_mesh_new (void)
{
  IkeMesh *mesh = g_new0 (IkeMesh, 1);

  mesh->nets = g_array_new (FALSE, TRUE, sizeof (IkeMeshNet));
  mesh->own = g_array_new (FALSE, TRUE, sizeof (IkeAddress));
  return mesh;
}

void
ike_mesh_free (IkeMesh *mesh)
{
  if (!mesh)
    return;
  g_array_unref (mesh->nets);
  g_array_unref (mesh->own);
  g_free (mesh);
}

IkeConfig *
ike_config_new (void)
{
  IkeConfig *config = g_new0 (IkeConfig, 1);

  config->names = g_ptr_array_new_with_free_func ((GDestroyNotify) ike_identity_free);
  config->certificates = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  config->proposals = g_ptr_array_new_with_free_func ((GDestroyNotify) ike_proposal_free);
  config->child_proposals = g_ptr_array_new_with_free_func ((GDestroyNotify) ike_proposal_free);
  config->child.local_ts = g_ptr_array_new_with_free_func (g_free);
  config->child.remote_ts = g_ptr_array_new_with_free_func (g_free);
  return config;
}

void
ike_config_free (IkeConfig *config)
{
  if (!config)
    return;
  ike_secret_free (config->qcd_secret);
  g_free (config->name);
  serve_free (config->serve);
  ike_mesh_free (config->mesh);
  ike_identity_free (config->local_id);
  g_clear_pointer (&config->names, g_ptr_array_unref);
  ike_identity_free (config->remote_id);
  g_clear_pointer (&config->certificates, g_ptr_array_unref);
  g_clear_pointer (&config->certreq_hashes, g_bytes_unref);
  g_free (config->eap_identity);
  g_free (config->eap_outer_identity);
  g_clear_pointer (&config->ppk_id, g_bytes_unref);
  g_clear_pointer (&config->proposals, g_ptr_array_unref);
  g_clear_pointer (&config->child_proposals, g_ptr_array_unref);
  g_clear_pointer (&config->child.local_ts, g_ptr_array_unref);
  g_clear_pointer (&config->child.remote_ts, g_ptr_array_unref);
  g_clear_pointer (&config->child.label, g_bytes_unref);
  g_free (config);
}

IkeResolver *
ike_resolver_new (void)
{
  IkeResolver *resolver = g_new0 (IkeResolver, 1);

  resolver->addresses = g_array_new (FALSE, FALSE, sizeof (IkeAddress));
  return resolver;
}

void
ike_resolver_free (IkeResolver *resolver)
{
  if (!resolver)
    return;
  g_array_unref (resolver->addresses);
  g_free (resolver->name);
  g_free (resolver->protocols);
  g_free (resolver->path);
  g_free (resolver);
}

IkeConfigured *
ike_configured_new (void)
{
  IkeConfigured *configured = g_new0 (IkeConfigured, 1);

  configured->addresses = g_array_new (FALSE, FALSE, sizeof (IkePrefix));
  configured->dns = g_array_new (FALSE, FALSE, sizeof (IkeAddress));
  configured->nbns = g_array_new (FALSE, FALSE, sizeof (IkeAddress));
  configured->domains = g_ptr_array_new_with_free_func (g_free);
  configured->trust_anchors = g_ptr_array_new_with_free_func (g_free);
  configured->resolvers = g_ptr_array_new_with_free_func ((GDestroyNotify) ike_resolver_free);
  configured->subnets = g_array_new (FALSE, FALSE, sizeof (IkePrefix));
  configured->local_ts = g_array_new (FALSE, FALSE, sizeof (IkeSelector));
  configured->remote_ts = g_array_new (FALSE, FALSE, sizeof (IkeSelector));
  return configured;
}

IkeConfigured *
ike_configured_copy (const IkeConfigured *configured)
{
  IkeConfigured *copy = g_memdup2 (configured, sizeof *configured);

  copy->remote_id = configured->remote_id ? ike_identity_copy (configured->remote_id) : NULL;
  g_array_ref (copy->addresses);
  g_array_ref (copy->dns);
  g_array_ref (copy->nbns);
  g_ptr_array_ref (copy->domains);
  g_ptr_array_ref (copy->trust_anchors);
  g_ptr_array_ref (copy->resolvers);
  g_array_ref (copy->subnets);
  g_array_ref (copy->local_ts);
  g_array_ref (copy->remote_ts);
  copy->banner = g_strdup (configured->banner);
  copy->ike_suite = g_strdup (configured->ike_suite);
  copy->child_suite = g_strdup (configured->child_suite);
  return copy;
}

void
ike_configured_free (IkeConfigured *configured)
{
  if (!configured)
    return;
  ike_identity_free (configured->remote_id);
  g_clear_pointer (&configured->addresses, g_array_unref);
  g_clear_pointer (&configured->dns, g_array_unref);
  g_clear_pointer (&configured->nbns, g_array_unref);
  g_clear_pointer (&configured->domains, g_ptr_array_unref);
  g_clear_pointer (&configured->trust_anchors, g_ptr_array_unref);
  g_clear_pointer (&configured->resolvers, g_ptr_array_unref);
  g_clear_pointer (&configured->subnets, g_array_unref);
  g_clear_pointer (&configured->local_ts, g_array_unref);
  g_clear_pointer (&configured->remote_ts, g_array_unref);
  g_free (configured->banner);
  g_free (configured->ike_suite);
  g_free (configured->child_suite);
  g_free (configured);
}

void
ike_tls_order_free (IkeTlsOrder *order)
{
  if (!order)
    return;
  g_clear_pointer (&order->records, g_bytes_unref);
  ike_secret_free (order->clear);
  g_free (order);
}

/* ke.key is the engine's and stays. */
void
ike_job_free (IkeJob *job)
{
  if (!job)
    return;
  g_clear_pointer (&job->ke.peer, g_bytes_unref);
  g_clear_pointer (&job->sign.octets, g_bytes_unref);
  g_clear_pointer (&job->verify.octets, g_bytes_unref);
  g_clear_pointer (&job->verify.signature, g_bytes_unref);
  g_clear_pointer (&job->verify.certificates, g_ptr_array_unref);
  g_clear_pointer (&job->verify.status, g_ptr_array_unref);
  ike_identity_free (job->verify.identity);
  g_free (job->secret.message);
  g_clear_pointer (&job->puzzle.octets, g_bytes_unref);
  ike_tls_order_free (job->tls);
  g_free (job->secret.user);
  ike_identity_free (job->admit.identity);
  g_clear_pointer (&job->secret.id, g_bytes_unref);
  g_free (job);
}

void
ike_kernel_request_free (IkeKernelRequest *request)
{
  if (!request)
    return;
  ike_secret_free (request->encr_in);
  ike_secret_free (request->integ_in);
  ike_secret_free (request->encr_out);
  ike_secret_free (request->integ_out);
  g_clear_pointer (&request->local_ts, g_array_unref);
  g_clear_pointer (&request->remote_ts, g_array_unref);
  g_clear_pointer (&request->label, g_bytes_unref);
  g_free (request);
}

void
ike_output_free (IkeOutput *output)
{
  if (!output)
    return;
  g_clear_pointer (&output->datagram, g_bytes_unref);
  ike_job_free (output->job);
  ike_kernel_request_free (output->kernel);
  ike_configured_free (output->configured);
  ike_reason_clear (&output->reason);
  g_free (output->log.text);
  g_free (output->gateway);
  g_free (output);
}

void
ike_input_clear (const IkeCrypto *crypto, IkeInput *input)
{
  if (input->key)
    crypto->ke_free (crypto, input->key);
  g_clear_pointer (&input->bytes, g_bytes_unref);
  g_clear_pointer (&input->status, g_bytes_unref);
  ike_secret_free (input->secret);
  ike_reason_clear (&input->reason);
  g_free (input->kernel_text);
  *input = (IkeInput){ .type = input->type };
}
