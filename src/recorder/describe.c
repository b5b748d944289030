/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Owns the words of a recording: what of an input or output is told, and how. See describe.h. */
#include "recorder/describe.h"

#include "crypto/sig-scheme.h"

static const char *const input_names[] = {
  [IKE_INPUT_START] = "START",
  [IKE_INPUT_LISTEN] = "LISTEN",
  [IKE_INPUT_STOP] = "STOP",
  [IKE_INPUT_DATAGRAM] = "DATAGRAM",
  [IKE_INPUT_UNREACHABLE] = "UNREACHABLE",
  [IKE_INPUT_TICK] = "TICK",
  [IKE_INPUT_JOB] = "JOB",
  [IKE_INPUT_KERNEL] = "KERNEL",
  [IKE_INPUT_EXPIRE] = "EXPIRE",
  [IKE_INPUT_ACQUIRE] = "ACQUIRE",
  [IKE_INPUT_MAPPING] = "MAPPING",
  [IKE_INPUT_PATH] = "PATH",
  [IKE_INPUT_NO_PATH] = "NO_PATH",
  [IKE_INPUT_CHECK] = "CHECK",
  [IKE_INPUT_REDIRECT] = "REDIRECT",
  [IKE_INPUT_ELSEWHERE] = "ELSEWHERE",
  [IKE_INPUT_PROBE] = "PROBE",
  [IKE_INPUT_CLOGGED] = "CLOGGED",
  [IKE_INPUT_OWN_ADDRESSES] = "OWN_ADDRESSES",
};
static const char *const output_names[] = {
  [IKE_OUTPUT_SEND] = "SEND",
  [IKE_OUTPUT_KEEPALIVE] = "KEEPALIVE",
  [IKE_OUTPUT_JOB] = "JOB",
  [IKE_OUTPUT_JOB_CANCEL] = "JOB_CANCEL",
  [IKE_OUTPUT_KERNEL] = "KERNEL",
  [IKE_OUTPUT_UP] = "UP",
  [IKE_OUTPUT_WAITING] = "WAITING",
  [IKE_OUTPUT_RECONNECTING] = "RECONNECTING",
  [IKE_OUTPUT_DOWN] = "DOWN",
  [IKE_OUTPUT_GONE] = "GONE",
  [IKE_OUTPUT_MOVED] = "MOVED",
  [IKE_OUTPUT_PATH_FAILS] = "PATH_FAILS",
  [IKE_OUTPUT_UNANSWERED] = "UNANSWERED",
  [IKE_OUTPUT_STALLED] = "STALLED",
  [IKE_OUTPUT_REDIRECT] = "REDIRECT",
  [IKE_OUTPUT_OTHER_ADDRESS] = "OTHER_ADDRESS",
  [IKE_OUTPUT_HINT] = "HINT",
  [IKE_OUTPUT_PROBED] = "PROBED",
  [IKE_OUTPUT_LOG] = "LOG",
};
static const char *const job_names[] = {
  [IKE_JOB_KE_GENERATE] = "KE_GENERATE",
  [IKE_JOB_KE_FINISH] = "KE_FINISH",
  [IKE_JOB_KE_RESPOND] = "KE_RESPOND",
  [IKE_JOB_SIGN] = "SIGN",
  [IKE_JOB_VERIFY] = "VERIFY",
  [IKE_JOB_SECRET] = "SECRET",
  [IKE_JOB_TLS] = "TLS",
  [IKE_JOB_PUZZLE] = "PUZZLE",
  [IKE_JOB_ADMIT] = "ADMIT",
};
static const char *const kernel_names[] = {
  [IKE_KERNEL_ALLOC_SPI] = "ALLOC_SPI", [IKE_KERNEL_INSTALL] = "INSTALL", [IKE_KERNEL_UPDATE] = "UPDATE",
  [IKE_KERNEL_DELETE] = "DELETE",       [IKE_KERNEL_QUERY] = "QUERY",
};
static const char *const transport_names[] = {
  [IKE_TRANSPORT_UDP] = "udp",
  [IKE_TRANSPORT_NATT] = "natt",
  [IKE_TRANSPORT_TCP] = "tcp",
};

static void
add_octets (GString *text, const char *name, IkeChunk octets)
{
  g_autofree char *digest = NULL;

  if (!octets.data)
    return;
  digest = g_compute_checksum_for_data (G_CHECKSUM_SHA256, octets.data, octets.len);
  g_string_append_printf (text, " %s=%" G_GSIZE_FORMAT ":%.16s", name, octets.len, digest);
}

static void
add_bytes (GString *text, const char *name, GBytes *bytes)
{
  if (bytes)
    add_octets (text, name, ike_chunk_bytes (bytes));
}

static void
add_text (GString *text, const char *name, const char *value)
{
  if (value)
    g_string_append_printf (text, " %s=\"%s\"", name, value);
}

/* Nothing when it is 0. */
static void
add_number (GString *text, const char *name, guint64 value)
{
  if (value)
    g_string_append_printf (text, " %s=%" G_GUINT64_FORMAT, name, value);
}

static void
add_length (GString *text, const char *name, const IkeSecret *secret)
{
  if (secret)
    g_string_append_printf (text, " %s=(%" G_GSIZE_FORMAT " octets)", name, ike_secret_len (secret));
}

static void
add_address (GString *text, const char *name, const IkeAddress *address)
{
  g_autofree char *shown = ike_address_to_string (address);

  if (address->family != IKE_FAMILY_NONE)
    g_string_append_printf (text, " %s=%s", name, shown);
}

static void
add_path (GString *text, const char *name, const IkePath *path)
{
  g_autofree char *local = ike_endpoint_to_string (&path->local), *remote = ike_endpoint_to_string (&path->remote);

  if (path->local.address.family != IKE_FAMILY_NONE || path->remote.address.family != IKE_FAMILY_NONE)
    g_string_append_printf (text, " %s=%s:%s-%s", name, transport_names[path->transport], local, remote);
}

static void
add_identity (GString *text, const char *name, const IkeIdentity *identity)
{
  g_autofree char *shown = ike_identity_to_string (identity);

  if (identity)
    add_text (text, name, shown);
}

static void
add_reason (GString *text, const IkeReason *reason)
{
  if (reason->code == IKE_REASON_NONE)
    return;
  g_string_append_printf (text, " reason=%s", ike_reason_code_name (reason->code));
  add_number (text, "notify", reason->notify);
  add_text (text, "detail", reason->detail);
}

static void
add_selectors (GString *text, const char *name, const GArray *list)
{
  for (guint i = 0; list && i < list->len; i++)
    {
      const IkeSelector *ts = &g_array_index (list, IkeSelector, i);
      g_autofree char *first = ike_address_to_string (&ts->first), *last = ike_address_to_string (&ts->last);

      g_string_append_printf (text, " %s=%s-%s[%u/%u-%u]", name, first, last, ts->protocol, ts->port_first,
                              ts->port_last);
    }
}

static void
add_addresses (GString *text, const char *name, const GArray *list)
{
  for (guint i = 0; list && i < list->len; i++)
    add_address (text, name, &g_array_index (list, IkeAddress, i));
}

static void
add_prefixes (GString *text, const char *name, const GArray *list)
{
  for (guint i = 0; list && i < list->len; i++)
    {
      const IkePrefix *prefix = &g_array_index (list, IkePrefix, i);

      add_address (text, name, &prefix->address);
      g_string_append_printf (text, "/%u", prefix->prefix);
    }
}

static void
add_strings (GString *text, const char *name, const GPtrArray *list)
{
  for (guint i = 0; list && i < list->len; i++)
    add_text (text, name, list->pdata[i]);
}

/* ---- what inputs and outputs carry ---- */

static void
add_job (GString *text, const IkeJob *job)
{
  g_string_append_printf (text, " %s", job_names[job->type]);
  add_number (text, "group", job->ke.group);
  add_bytes (text, "peer", job->ke.peer);
  add_text (text, "scheme", job->sign.scheme ? job->sign.scheme->name : NULL);
  add_bytes (text, "octets", job->sign.octets);
  add_text (text, "verify", job->verify.scheme ? job->verify.scheme->name : NULL);
  add_bytes (text, "octets", job->verify.octets);
  add_bytes (text, "signature", job->verify.signature);
  for (guint i = 0; job->verify.certificates && i < job->verify.certificates->len; i++)
    add_bytes (text, "certificate", job->verify.certificates->pdata[i]);
  for (guint i = 0; job->verify.status && i < job->verify.status->len; i++)
    add_bytes (text, "status", job->verify.status->pdata[i]);
  add_identity (text, "identity", job->verify.identity);
  if (job->type == IKE_JOB_SECRET)
    g_string_append_printf (text, " kind=%u attempt=%u", job->secret.kind, job->secret.attempt);
  add_text (text, "message", job->secret.message);
  add_bytes (text, "id", job->secret.id);
  add_text (text, "user", job->secret.user);
  if (job->type == IKE_JOB_ADMIT)
    g_string_append_printf (text, " client=%u anonymous=%d want4=%d want6=%d", job->admit.client, job->admit.anonymous,
                            job->admit.want4, job->admit.want6);
  add_identity (text, "identity", job->admit.identity);
  add_address (text, "remote", &job->admit.remote.address);
  add_address (text, "wish", &job->admit.wish4);
  add_address (text, "wish", &job->admit.wish6);
  add_bytes (text, "octets", job->puzzle.octets);
  add_number (text, "first", job->puzzle.first);
  add_number (text, "count", job->puzzle.count);
  if (!job->tls)
    return;
  g_string_append_printf (text, " op=%u label=\"%s\" len=%" G_GSIZE_FORMAT, job->tls->op,
                          job->tls->label ? job->tls->label : "", job->tls->len);
  add_bytes (text, "records", job->tls->records);
  add_length (text, "inside", job->tls->clear);
}

static void
add_kernel (GString *text, const IkeKernelRequest *request)
{
  g_string_append_printf (text, " %s child=%u slot=%u parts=%u in=%08x out=%08x protocol=%u", kernel_names[request->op],
                          request->child, request->slot, request->parts, request->spi_in, request->spi_out,
                          request->protocol);
  g_string_append_printf (text, " transport=%d encap=%d esn=%d window=%u encr=%u-%u integ=%u", request->transport_mode,
                          request->encap, request->esn, request->replay_window, request->encr, request->encr_bits,
                          request->integ);
  g_string_append_printf (text, " ipcomp=%d/%u/%u tfc=%d aggfrag=%d/%d cpu=%d/%u", request->ipcomp, request->cpi_in,
                          request->cpi_out, request->tfc, request->aggfrag, request->aggfrag_whole, request->per_cpu,
                          request->cpu);
  add_path (text, "path", &request->path);
  add_path (text, "old-path", &request->old_path);
  add_length (text, "encr-in", request->encr_in);
  add_length (text, "integ-in", request->integ_in);
  add_length (text, "encr-out", request->encr_out);
  add_length (text, "integ-out", request->integ_out);
  add_selectors (text, "local", request->local_ts);
  add_selectors (text, "remote", request->remote_ts);
  add_bytes (text, "label", request->label);
  add_number (text, "soft", (guint64) request->soft_lifetime);
  add_number (text, "hard", (guint64) request->hard_lifetime);
  add_number (text, "soft-bytes", request->soft_bytes);
  add_number (text, "hard-bytes", request->hard_bytes);
  add_number (text, "soft-packets", request->soft_packets);
  add_number (text, "hard-packets", request->hard_packets);
}

static void
add_configured (GString *text, const IkeConfigured *configured)
{
  add_path (text, "path", &configured->path);
  g_string_append_printf (text, " nat=%d%d encap=%d mobike=%d overhead=%u group=%u", configured->nat_here,
                          configured->nat_there, configured->encap, configured->mobike, configured->overhead,
                          configured->ke_group);
  add_identity (text, "peer", configured->remote_id);
  add_prefixes (text, "address", configured->addresses);
  add_addresses (text, "dns", configured->dns);
  add_addresses (text, "nbns", configured->nbns);
  add_strings (text, "domain", configured->domains);
  add_strings (text, "anchor", configured->trust_anchors);
  for (guint i = 0; i < configured->resolvers->len; i++)
    {
      const IkeResolver *resolver = configured->resolvers->pdata[i];

      g_string_append_printf (text, " resolver=%u:%u", resolver->priority, resolver->port);
      add_addresses (text, "at", resolver->addresses);
      add_text (text, "name", resolver->name);
      add_text (text, "by", resolver->protocols);
      add_text (text, "path", resolver->path);
    }
  add_prefixes (text, "subnet", configured->subnets);
  add_selectors (text, "local", configured->local_ts);
  add_selectors (text, "remote", configured->remote_ts);
  add_text (text, "banner", configured->banner);
  add_text (text, "ike", configured->ike_suite);
  add_text (text, "child", configured->child_suite);
}

char *
describe_input (const IkeInput *input)
{
  GString *text = g_string_new (input_names[input->type]);

  add_number (text, "connection", input->connection);
  add_number (text, "number", input->number);
  add_path (text, "path", &input->path);
  add_path (text, "natt", &input->natt_path);
  add_octets (text, "datagram", ike_chunk (input->datagram, input->datagram_len));
  add_text (text, "text", input->text);
  if (input->type == IKE_INPUT_JOB)
    g_string_append_printf (text, " ok=%d", input->ok);
  if (input->key)
    g_string_append (text, " key");
  add_bytes (text, "bytes", input->bytes);
  add_bytes (text, "status", input->status);
  add_length (text, "secret", input->secret);
  add_reason (text, &input->reason);
  add_address (text, "lease", &input->lease4);
  add_address (text, "lease", &input->lease6);
  add_number (text, "tls", input->tls_flags);
  add_number (text, "errno", (guint64) input->kernel_error);
  add_text (text, "kernel", input->kernel_text);
  if (input->spi)
    g_string_append_printf (text, " spi=%08x", input->spi);
  add_number (text, "hard", (guint64) input->hard);
  add_number (text, "octets", input->traffic_bytes);
  add_number (text, "packets", input->traffic_packets);
  return g_string_free (text, FALSE);
}

char *
describe_output (const IkeOutput *output)
{
  GString *text = g_string_new (output_names[output->type]);

  add_number (text, "connection", output->connection);
  add_number (text, "number", output->number);
  add_number (text, "client", output->client);
  add_path (text, "path", &output->path);
  add_bytes (text, "datagram", output->datagram);
  add_number (text, "pieces", output->pieces);
  add_number (text, "probe", output->probe);
  if (output->job)
    add_job (text, output->job);
  if (output->kernel)
    add_kernel (text, output->kernel);
  if (output->configured)
    add_configured (text, output->configured);
  add_reason (text, &output->reason);
  add_number (text, "group", output->ke_group);
  add_text (text, "gateway", output->gateway);
  if (output->type == IKE_OUTPUT_LOG)
    g_string_append_printf (text, " %u [%s] %s", output->log.level, output->log.event, output->log.text);
  return g_string_free (text, FALSE);
}
