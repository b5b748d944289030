/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Pure translation. Algorithms leave the engine's numbers here and become the kernel's names; files of CAs are parsed
 * here, in the process that has nothing to lose.
 */
#include "helper-requests.h"

#include "crypto/sig-scheme.h"
#include "crypto/suites.h"
#include "nss-credential.h"
#include "nss-raw-key.h"
#include "nss-revocation.h"

#include <unistd.h>

G_STATIC_ASSERT (IKE_MAX_SLOTS == CHANNEL_MAX_SLOTS && IKE_MAX_SELECTORS < CHANNEL_MAX_SELECTORS);

G_DEFINE_QUARK (helper-tls-error-quark, helper_tls_error)

static ChannelAddress
address_to_channel (const IkeAddress *address)
{
  ChannelAddress ret = { .family = address->family };

  memcpy (ret.bytes, address->bytes, sizeof ret.bytes);
  return ret;
}

static ChannelEndpoint
endpoint_to_channel (const IkeEndpoint *endpoint)
{
  return (ChannelEndpoint) { address_to_channel (&endpoint->address), endpoint->port };
}

static void
selectors_to_channel (const GArray *selectors, ChannelSelectors *ret)
{
  ret->n = selectors ? MIN (selectors->len, CHANNEL_MAX_SELECTORS) : 0;
  for (guint i = 0; i < ret->n; i++)
    {
      const IkeSelector *from = &g_array_index (selectors, IkeSelector, i);

      ret->at[i] = (ChannelSelector) {
        .first = address_to_channel (&from->first),
        .last = address_to_channel (&from->last),
        .protocol = from->protocol,
        .port_first = from->port_first,
        .port_last = from->port_last,
      };
    }
}

static ChannelBlob
secret_to_channel (const IkeSecret *secret)
{
  return secret ? (ChannelBlob) { ike_secret_data (secret), ike_secret_len (secret) } : (ChannelBlob) { NULL, 0 };
}

ChannelAddress
helper_request_address (const IkeAddress *address)
{
  return address_to_channel (address);
}

void
helper_request_addresses (ChannelMsg *msg, const GArray *inside)
{
  selectors_to_channel (inside, &msg->addresses.inside);
}

static ChannelTransport
transport_to_channel (IkeTransport transport)
{
  switch (transport)
    {
    case IKE_TRANSPORT_UDP:
      return CHANNEL_UDP;
    case IKE_TRANSPORT_NATT:
      return CHANNEL_NATT;
    case IKE_TRANSPORT_TCP:
      return CHANNEL_TCP;
    }
  g_assert_not_reached ();
}

/* RFC 9329 section 5: ESP goes by the connection that IKE goes by. */
static guint8
encap_to_channel (const IkeKernelRequest *request)
{
  if (request->path.transport == IKE_TRANSPORT_TCP)
    return CHANNEL_ENCAP_TCP;
  return request->encap ? CHANNEL_ENCAP_UDP : CHANNEL_ENCAP_NONE;
}

void
helper_client_prepare (HelperClient *client)
{
  ChannelMsg msg = { .type = CHANNEL_PREPARE };

  helper_request_call (client, &msg, NULL, NULL);
}

void
helper_client_server (HelperClient *client, const char *users, const char *file_user, const char *pam,
                      HelperDoneFunc func, gpointer data)
{
  ChannelMsg msg = { .type = CHANNEL_SERVER, .server = { users, file_user, pam } };

  helper_request_call (client, &msg, func, data);
}

void
helper_client_authorize (HelperClient *client, const char *name, const char *host, HelperDoneFunc func, gpointer data)
{
  ChannelMsg msg = { .type = CHANNEL_AUTHORIZE, .client = { name, host } };

  helper_request_call (client, &msg, func, data);
}

void
helper_client_guard (HelperClient *client, const HelperGuard *guard, HelperDoneFunc func, gpointer data)
{
  ChannelMsg msg = { .type = CHANNEL_GUARD, .guard.mode = guard ? CHANNEL_GUARD_ON : CHANNEL_GUARD_KEEP };

  if (guard)
    {
      msg.guard.names = guard->names != FALSE;
      selectors_to_channel (guard->protect, &msg.guard.protect);
      selectors_to_channel (guard->except, &msg.guard.except);
      selectors_to_channel (guard->inside, &msg.guard.inside);
    }
  helper_request_call (client, &msg, func, data);
}

void
helper_client_clamp (HelperClient *client, guint mss4, guint mss6, HelperDoneFunc func, gpointer data)
{
  ChannelMsg msg = { .type = CHANNEL_CLAMP, .clamp = { mss4, mss6 } };

  helper_request_call (client, &msg, func, data);
}

void
helper_client_label (HelperClient *client, const char *label, HelperDoneFunc func, gpointer data)
{
  ChannelMsg msg = { .type = CHANNEL_LABEL, .label = { label } };

  helper_request_call (client, &msg, func, data);
}

void
helper_client_pad (HelperClient *client, const char *path, const char *user, HelperDoneFunc func, gpointer data)
{
  ChannelMsg msg = { .type = CHANNEL_PAD, .pad = { path, user } };

  helper_request_call (client, &msg, func, data);
}

void
helper_request_socket (ChannelMsg *msg, const IkePath *path)
{
  msg->socket.transport = (guint8) transport_to_channel (path->transport);
  msg->socket.local = endpoint_to_channel (&path->local);
  msg->socket.remote = endpoint_to_channel (&path->remote);
}

void
helper_request_credentials (ChannelMsg *msg, const HelperCredentialSpec *spec)
{
  msg->credentials.certificate = spec->certificate;
  msg->credentials.private_key = spec->private_key;
  msg->credentials.ca = spec->ca;
  msg->credentials.user = spec->user;
  msg->credentials.has_password = spec->key_password != NULL;
  if (spec->key_password)
    msg->credentials.password = (ChannelBlob) { (const guint8 *) spec->key_password, strlen (spec->key_password) };
  if (spec->pin)
    msg->credentials.pin = (ChannelBlob){ (const guint8 *) spec->pin, strlen (spec->pin) };
  msg->credentials.pin_typed = spec->pin_typed != FALSE;
  if (spec->store_password)
    msg->credentials.store_password =
        (ChannelBlob) { (const guint8 *) spec->store_password, strlen (spec->store_password) };
}

void
helper_request_sign (ChannelMsg *msg, guint32 key, const struct _IkeSigScheme *scheme, GBytes *octets)
{
  msg->sign.key = key;
  msg->sign.method = (guint8) scheme->method;
  msg->sign.hash = (guint8) scheme->hash;
  msg->sign.pss = scheme->pss != FALSE;
  msg->sign.octets.data = g_bytes_get_data (octets, &msg->sign.octets.len);
}

void
helper_request_tls (ChannelMsg *msg, const HelperTlsRequest *request)
{
  msg->tls = (ChannelTls){
    .op = (guint8) request->op,
    .key = request->key,
    .clear = secret_to_channel (request->clear),
    .label = request->label,
    .context = { request->context, request->context ? 1 : 0 },
    .len = (guint32) request->len,
  };
  if (request->records)
    msg->tls.records.data = g_bytes_get_data (request->records, &msg->tls.records.len);
}

static void
read_certificate (ChannelItem item, const guint8 *data, gsize len, gpointer user)
{
  if (item == CHANNEL_ITEM_CERTIFICATE)
    g_ptr_array_add (user, g_bytes_new (data, len));
}

void
helper_tls_answer_free (HelperTlsAnswer *answer)
{
  if (!answer)
    return;
  g_clear_pointer (&answer->records, g_bytes_unref);
  g_clear_pointer (&answer->certificates, g_ptr_array_unref);
  ike_secret_free (answer->clear);
  g_free (answer);
}

HelperTlsAnswer *
helper_tls_read (const ChannelMsg *msg)
{
  HelperTlsAnswer *answer = g_new0 (HelperTlsAnswer, 1);

  answer->state = (HelperTlsState) msg->tls_done.state;
  answer->tls13 = msg->tls_done.tls13 != 0;
  if (msg->tls_done.records.len > 0)
    answer->records = g_bytes_new (msg->tls_done.records.data, msg->tls_done.records.len);
  if (msg->tls_done.clear.len > 0)
    answer->clear = ike_secret_new_from (msg->tls_done.clear.data, msg->tls_done.clear.len);
  answer->certificates = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  if (msg->fd >= 0 && !channel_items_read (msg->fd, read_certificate, answer->certificates))
    g_ptr_array_set_size (answer->certificates, 0);
  return answer;
}

void
helper_request_fetch (ChannelMsg *msg, const char *url, GBytes *body, guint32 ifindex)
{
  msg->fetch.url = url;
  msg->fetch.ifindex = ifindex;
  if (body)
    msg->fetch.body.data = g_bytes_get_data (body, &msg->fetch.body.len);
}

void
helper_fetched_answer (const ChannelMsg *msg, GError *error, HelperFetchFunc func, gpointer data)
{
  gsize len = msg ? MIN (msg->read.len, CHANNEL_MAX_FILE) : 0;
  g_autofree guint8 *octets = g_malloc (len + 1);
  gssize n = msg && msg->fd >= 0 ? pread (msg->fd, octets, len, 0) : -1;
  g_autoptr (GBytes) bytes = n > 0 && n == (gssize) len ? g_bytes_new_take (g_steal_pointer (&octets), len) : NULL;
  g_autoptr (GError) bad = NULL;

  if (!bytes && !error)
    bad = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "The helper's answer cannot be read");
  func (bytes, error ? error : bad, data);
}

/* Rounded up: a lifetime of half a second is not "for ever". */
static guint64
seconds (IkeTime time)
{
  return time > 0 ? (guint64) ((time + IKE_SECOND - 1) / IKE_SECOND) : 0;
}

/* It is text with its NUL: ours, from the profile. */
static const char *
label_to_channel (GBytes *label)
{
  IkeChunk text = ike_chunk_bytes (label);

  return text.len && !text.data[text.len - 1] ? (const char *) text.data : "";
}

static void
install_to_channel (ChannelSaInstall *sa, const IkeKernelRequest *request)
{
  const IkeAlgorithm *encr = ike_algorithm_find (IKE_TRANSFORM_ENCR, request->encr);
  const IkeAlgorithm *integ = ike_algorithm_find (IKE_TRANSFORM_INTEG, request->integ);

  *sa = (ChannelSaInstall){
    .slot = request->slot,
    .parts = (guint8) request->parts,
    .rule = (guint8) request->rule,
    .protocol = request->protocol,
    .transport_mode = request->transport_mode != FALSE,
    .encap = encap_to_channel (request),
    .esn = request->esn != FALSE,
    .aead = encr && (encr->flags & IKE_ALG_AEAD),
    .tfc = request->tfc != FALSE,
    .iptfs = !request->aggfrag        ? CHANNEL_IPTFS_NO
             : request->aggfrag_whole ? CHANNEL_IPTFS_WHOLE
                                      : CHANNEL_IPTFS_YES,
    .cpu = request->cpu,
    .cpi_in = request->cpi_in,
    .cpi_out = request->cpi_out,
    .spi_in = request->spi_in,
    .spi_out = request->spi_out,
    .replay_window = request->replay_window,
    .local = endpoint_to_channel (&request->path.local),
    .remote = endpoint_to_channel (&request->path.remote),
    .encr = encr && encr->kernel ? encr->kernel : "",
    .label = label_to_channel (request->label),
    .encr_in = secret_to_channel (request->encr_in),
    .encr_out = secret_to_channel (request->encr_out),
    .integ_in = secret_to_channel (request->integ_in),
    .integ_out = secret_to_channel (request->integ_out),
    .soft_seconds = seconds (request->soft_lifetime),
    .hard_seconds = seconds (request->hard_lifetime),
    .soft_bytes = request->soft_bytes,
    .hard_bytes = request->hard_bytes,
    .soft_packets = request->soft_packets,
    .hard_packets = request->hard_packets,
  };
  if (sa->aead)
    sa->icv_bits = encr->kernel_trunc;
  else if (integ && integ->kernel)
    {
      sa->integ = integ->kernel;
      sa->icv_bits = integ->kernel_trunc;
    }
  selectors_to_channel (request->local_ts, &sa->local_ts);
  selectors_to_channel (request->remote_ts, &sa->remote_ts);
}

void
helper_request_kernel (ChannelMsg *msg, const IkeKernelRequest *request)
{
  switch (request->op)
    {
    case IKE_KERNEL_ALLOC_SPI:
      msg->type = CHANNEL_SPI_ALLOC;
      msg->spi_alloc.slot = request->slot;
      msg->spi_alloc.protocol = request->protocol;
      msg->spi_alloc.transport_mode = request->transport_mode != FALSE;
      msg->spi_alloc.ipcomp = request->ipcomp != FALSE;
      msg->spi_alloc.iptfs = request->aggfrag != FALSE;
      msg->spi_alloc.per_cpu = request->per_cpu != FALSE;
      msg->spi_alloc.local = address_to_channel (&request->path.local.address);
      msg->spi_alloc.remote = address_to_channel (&request->path.remote.address);
      return;
    case IKE_KERNEL_INSTALL:
      msg->type = CHANNEL_SA_INSTALL;
      install_to_channel (&msg->sa_install, request);
      return;
    case IKE_KERNEL_UPDATE:
      msg->type = CHANNEL_SA_UPDATE;
      msg->sa_update.slot = request->slot;
      msg->sa_update.spi_in = request->parts & IKE_SA_IN ? request->spi_in : 0;
      msg->sa_update.spi_out = request->parts & IKE_SA_OUT ? request->spi_out : 0;
      msg->sa_update.encap = encap_to_channel (request);
      msg->sa_update.local = endpoint_to_channel (&request->path.local);
      msg->sa_update.remote = endpoint_to_channel (&request->path.remote);
      return;
    case IKE_KERNEL_DELETE:
      msg->type = CHANNEL_SA_DELETE;
      msg->sa_delete.slot = request->slot;
      msg->sa_delete.parts = (guint8) request->parts;
      msg->sa_delete.spi_in = request->spi_in;
      msg->sa_delete.spi_out = request->spi_out;
      return;
    case IKE_KERNEL_QUERY:
      msg->type = CHANNEL_SA_QUERY;
      msg->sa_query.slot = request->slot;
      msg->sa_query.outbound = request->parts == IKE_SA_OUT;
      msg->sa_query.spi = msg->sa_query.outbound ? request->spi_out : request->spi_in;
      return;
    }
}

typedef struct {
  HelperCredentials *credentials;
  GError *error;
} Reading;

static void
read_item (ChannelItem item, const guint8 *data, gsize len, gpointer user)
{
  Reading *reading = user;
  g_autoptr (GBytes) bytes = g_bytes_new (data, len);
  g_autoptr (GPtrArray) cas = NULL;
  g_autoptr (GError) key_error = NULL;
  NssFile file = { "the CA file", bytes };

  if (reading->error)
    return;
  if (item != CHANNEL_ITEM_CA_FILE)
    {
      g_ptr_array_add (item == CHANNEL_ITEM_CA ? reading->credentials->cas : reading->credentials->certificates,
                       g_steal_pointer (&bytes));
      return;
    }
  reading->credentials->remote_key = nss_raw_key_from_file (bytes, &key_error);
  if (reading->credentials->remote_key && nss_raw_key_verifies (reading->credentials->remote_key, &key_error))
    return;
  if (key_error)
    {
      g_set_error (&reading->error, HELPER_CREDENTIAL_ERROR, HELPER_CREDENTIAL_ERROR_BAD_FILE,
                   "The other end's public key %s", key_error->message);
      return;
    }
  reading->credentials->crls = nss_crls_in_file (bytes, &reading->credentials->crls_left_out);
  cas = nss_certificates_load (&file, &reading->error);
  if (cas)
    g_ptr_array_extend_and_steal (reading->credentials->cas, g_steal_pointer (&cas));
}

void
helper_credentials_free (HelperCredentials *credentials)
{
  if (!credentials)
    return;
  g_clear_pointer (&credentials->certificates, g_ptr_array_unref);
  g_clear_pointer (&credentials->cas, g_ptr_array_unref);
  g_clear_pointer (&credentials->crls, g_ptr_array_unref);
  g_clear_pointer (&credentials->remote_key, g_bytes_unref);
  g_free (credentials);
}

HelperCredentials *
helper_credentials_read (const ChannelMsg *msg, GError **error)
{
  Reading reading = { g_new0 (HelperCredentials, 1), NULL };
  HelperCredentials *credentials = reading.credentials;

  credentials->key = msg->loaded.key;
  credentials->key_type = (IkeKeyType) msg->loaded.key_type;
  credentials->key_bits = msg->loaded.key_bits;
  credentials->key_pss = msg->loaded.pss != 0;
  credentials->certificates = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  credentials->cas = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  if ((msg->fd < 0 || !channel_items_read (msg->fd, read_item, &reading)) && !reading.error)
    g_set_error_literal (&reading.error, HELPER_CREDENTIAL_ERROR, HELPER_CREDENTIAL_ERROR_BAD_FILE,
                         "The helper's list of certificates is malformed");
  if (reading.error)
    {
      helper_credentials_free (credentials);
      g_set_error_literal (error, HELPER_CREDENTIAL_ERROR, HELPER_CREDENTIAL_ERROR_BAD_FILE, reading.error->message);
      g_error_free (reading.error);
      return NULL;
    }
  return credentials;
}

GError *
helper_error_read (const ChannelMsg *msg)
{
  const char *text = msg->failed.text;

  switch ((ChannelError) msg->failed.code)
    {
    case CHANNEL_ERROR_NOT_FOUND:
    case CHANNEL_ERROR_BAD_FILE:
    case CHANNEL_ERROR_NEED_PASSWORD:
    case CHANNEL_ERROR_BAD_PASSWORD:
    case CHANNEL_ERROR_MISMATCH:
    case CHANNEL_ERROR_NO_TOKEN:
    case CHANNEL_ERROR_NO_OBJECT:
    case CHANNEL_ERROR_NEED_PIN:
    case CHANNEL_ERROR_BAD_PIN:
    case CHANNEL_ERROR_PIN_LOCKED:
      return g_error_new_literal (HELPER_CREDENTIAL_ERROR, msg->failed.code, text);
    case CHANNEL_ERROR_KERNEL:
      return g_error_new (G_IO_ERROR, g_io_error_from_errno ((int) msg->failed.number), "%s",
                          *text ? text : g_strerror ((int) msg->failed.number));
    case CHANNEL_ERROR_NAME_UNKNOWN:
      return g_error_new_literal (G_RESOLVER_ERROR, G_RESOLVER_ERROR_NOT_FOUND, text);
    case CHANNEL_ERROR_NO_ANSWER:
      return g_error_new_literal (G_RESOLVER_ERROR, G_RESOLVER_ERROR_TEMPORARY_FAILURE, text);
    case CHANNEL_ERROR_DENIED:
      return g_error_new_literal (G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED, text);
    case CHANNEL_ERROR_TLS:
      return g_error_new_literal (HELPER_TLS_ERROR, 0, text);
    case CHANNEL_ERROR_INVALID:
    case CHANNEL_ERROR_PAD:
    case CHANNEL_ERROR_SIGN:
      return g_error_new_literal (G_IO_ERROR, G_IO_ERROR_FAILED, text);
    }
  return g_error_new_literal (G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "The helper failed in an unknown way");
}
