/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Two engines in one process, with jobs done at once by NSS and the kernel's answers made up. */
#include "bench-world.h"

#include "crypto/proposal.h"
#include "nss-crypto.h"

#include <malloc.h>
#include <string.h>
#include <time.h>

BenchEnd bench_ends[2];
gboolean bench_by_end;

double
bench_seconds (void)
{
  struct timespec ts;

  clock_gettime (CLOCK_PROCESS_CPUTIME_ID, &ts);
  return (double) ts.tv_sec + (double) ts.tv_nsec / 1e9;
}

gsize
bench_heap (void)
{
  malloc_trim (0);
  struct mallinfo2 info = mallinfo2 ();

  return info.uordblks + info.hblkhd;
}

static IkeProposal *
proposal (IkeProtocolId protocol)
{
  static const IkeTransform ike[] = { { IKE_TRANSFORM_ENCR, IKE_ENCR_AES_GCM_16, 256 },
                                      { IKE_TRANSFORM_PRF, IKE_PRF_HMAC_SHA2_256, 0 },
                                      { IKE_TRANSFORM_KE, IKE_KE_CURVE25519, 0 } };
  static const IkeTransform esp[] = { { IKE_TRANSFORM_ENCR, IKE_ENCR_AES_GCM_16, 256 },
                                      { IKE_TRANSFORM_ESN, IKE_ESN_NO, 0 } };
  IkeProposal *result = ike_proposal_new (protocol);

  if (protocol == IKE_PROTOCOL_IKE)
    g_array_append_vals (result->transforms, ike, G_N_ELEMENTS (ike));
  else
    g_array_append_vals (result->transforms, esp, G_N_ELEMENTS (esp));
  return result;
}

/* Each client is a host of its own in 10.0.0.0/8. */
static IkeSelector *
selector (guint32 id)
{
  IkeSelector *result = g_new0 (IkeSelector, 1);
  const guint8 host[] = { 10, (guint8) (id >> 16), (guint8) (id >> 8), (guint8) id };

  result->first.family = result->last.family = IKE_FAMILY_IP4;
  memcpy (result->first.bytes, id ? host : (const guint8[4]){ 0 }, sizeof host);
  memcpy (result->last.bytes, id ? host : (const guint8[4]){ 255, 255, 255, 255 }, sizeof host);
  result->port_last = G_MAXUINT16;
  return result;
}

IkeConfig *
bench_config (guint32 id, IkeRole role)
{
  IkeConfig *config = ike_config_new ();

  config->id = id;
  config->name = g_strdup ("bench");
  config->role = role;
  config->local_auth = config->remote_auth = IKE_AUTH_PSK;
  config->local_id = ike_identity_new (IKE_ID_FQDN, "peer.example", 12);
  config->remote_id = ike_identity_copy (config->local_id);
  g_ptr_array_add (config->proposals, proposal (IKE_PROTOCOL_IKE));
  g_ptr_array_add (config->child_proposals, proposal (IKE_PROTOCOL_ESP));
  config->ike_lifetime = 4 * 3600 * IKE_SECOND;
  config->child.lifetime = 3600 * IKE_SECOND;
  g_ptr_array_add (config->child.local_ts, selector (role == IKE_ROLE_INITIATOR ? id : 0));
  g_ptr_array_add (config->child.remote_ts, selector (0));
  return config;
}

IkeInput *
bench_input (BenchEnd *end, IkeInputType type)
{
  IkeInput *input = g_new0 (IkeInput, 1);

  input->type = type;
  g_queue_push_tail (&end->inputs, input);
  return input;
}

static void
do_job (BenchEnd *end, const IkeOutput *output)
{
  const IkeCrypto *crypto = end->crypto;
  const IkeJob *job = output->job;
  IkeInput *input = bench_input (end, IKE_INPUT_JOB);

  input->number = output->number;
  input->ok = TRUE;
  if (job->type == IKE_JOB_KE_GENERATE)
    input->ok = crypto->ke_generate (crypto, job->ke.group, &input->key, &input->bytes);
  else if (job->type == IKE_JOB_KE_FINISH)
    input->secret = crypto->ke_finish (crypto, job->ke.key, job->ke.peer);
  else if (job->type == IKE_JOB_KE_RESPOND)
    input->ok = crypto->ke_respond (crypto, job->ke.group, job->ke.peer, &input->bytes, &input->secret);
  else
    input->secret = ike_secret_new_from ("a shared key of some length", 27);
}

static void
send_datagram (BenchEnd *end, IkeOutput *output)
{
  BenchEnd *other = end == &bench_ends[0] ? &bench_ends[1] : &bench_ends[0];
  IkeInput *input = bench_input (other, IKE_INPUT_DATAGRAM);

  input->path.transport = output->path.transport;
  input->path.local = output->path.remote;
  input->path.remote = output->path.local;
  input->datagram = g_bytes_get_data (output->datagram, &input->datagram_len);
  input->bytes = g_steal_pointer (&output->datagram);
}

void
bench_act (BenchEnd *end, IkeOutput *output)
{
  IkeInput *input;

  switch (output->type)
    {
    case IKE_OUTPUT_SEND:
      send_datagram (end, output);
      return;
    case IKE_OUTPUT_JOB:
      do_job (end, output);
      return;
    case IKE_OUTPUT_KERNEL:
      if (output->kernel->op == IKE_KERNEL_DELETE)
        return;
      input = bench_input (end, IKE_INPUT_KERNEL);
      input->number = output->number;
      input->spi = ++end->spi;
      if (output->kernel->op == IKE_KERNEL_INSTALL && output->kernel->parts & IKE_SA_IN)
        end->last_in = output->kernel->spi_in;
      return;
    case IKE_OUTPUT_UP:
      end->ups++;
      return;
    case IKE_OUTPUT_KEEPALIVE:
    case IKE_OUTPUT_JOB_CANCEL:
    case IKE_OUTPUT_WAITING:
    case IKE_OUTPUT_RECONNECTING:
    case IKE_OUTPUT_DOWN:
    case IKE_OUTPUT_GONE:
    case IKE_OUTPUT_MOVED:
    case IKE_OUTPUT_PATH_FAILS:
    case IKE_OUTPUT_UNANSWERED:
    case IKE_OUTPUT_STALLED:
    case IKE_OUTPUT_REDIRECT:
    case IKE_OUTPUT_OTHER_ADDRESS:
    case IKE_OUTPUT_HINT:
    case IKE_OUTPUT_PROBED:
    case IKE_OUTPUT_LOG:
      return;
    }
}

void
bench_run (IkeTime now)
{
  while (!g_queue_is_empty (&bench_ends[0].inputs) || !g_queue_is_empty (&bench_ends[1].inputs))
    for (guint i = 0; i < 2; i++)
      {
        IkeInput *input = g_queue_pop_head (&bench_ends[i].inputs);
        IkeOutput *output;
        double before = 0;

        if (!input)
          continue;
        if (bench_by_end)
          before = bench_seconds ();
        ike_engine_handle (bench_ends[i].engine, input, now);
        while ((output = ike_engine_poll (bench_ends[i].engine)))
          {
            bench_act (&bench_ends[i], output);
            ike_output_free (output);
          }
        ike_input_clear (bench_ends[i].crypto, input);
        g_free (input);
        if (bench_by_end)
          bench_ends[i].seconds += bench_seconds () - before;
      }
}

void
bench_start (guint32 id)
{
  IkeInput *input = bench_input (&bench_ends[0], IKE_INPUT_START);

  input->connection = id;
  input->path.local = (IkeEndpoint){ bench_ends[0].address, 500 };
  input->path.remote = (IkeEndpoint){ bench_ends[1].address, 500 };
  input->natt_path = input->path;
  input->natt_path.transport = IKE_TRANSPORT_NATT;
}

void
bench_begin (void)
{
  g_autoptr (GError) error = NULL;
  const IkeCrypto *crypto = nss_crypto_get (&error);

  g_assert_no_error (error);
  for (guint i = 0; i < 2; i++)
    {
      bench_ends[i].crypto = crypto;
      bench_ends[i].engine = ike_engine_new (crypto);
      bench_ends[i].address = (IkeAddress){ IKE_FAMILY_IP4, { 10, 0, 0, (guint8) (i + 1) } };
      ike_engine_set_log_level (bench_ends[i].engine, IKE_LOG_NOTICE);
    }
  ike_engine_add (bench_ends[1].engine, bench_config (1, IKE_ROLE_RESPONDER));
  bench_input (&bench_ends[1], IKE_INPUT_LISTEN)->connection = 1;
  bench_run (0);
}

void
bench_end (void)
{
  for (guint i = 0; i < 2; i++)
    ike_engine_free (bench_ends[i].engine);
  nss_stop ();
}
