/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a handshake costs: initiator and responder in one process, PSK, X25519, AES-GCM, jobs done at once by NSS, the
 * kernel's answers made up. Beside it, in the same run, the two X25519 exchanges alone, as NSS offers them (it generates
 * the keys) and as our provider does them (it draws the private value and imports it, which spares a multiplication);
 * and the heap that a tunnel's end keeps once it stands.
 */
#include "ike-engine.h"

#include "crypto/proposal.h"
#include "nss-crypto.h"

#include <keyhi.h>
#include <malloc.h>
#include <pk11pub.h>
#include <stdlib.h>
#include <time.h>

#define HANDSHAKES 4000
#define AIM_RATIO 1.3
#define AIM_BYTES 4096

typedef struct {
  IkeEngine *engine;
  const IkeCrypto *crypto;
  IkeAddress address;
  guint32 spi; /* the kernel's next */
  guint ups;
  GQueue inputs; /* IkeInput */
} End;

static End ends[2];

static double
cpu_seconds (void)
{
  struct timespec ts;

  clock_gettime (CLOCK_PROCESS_CPUTIME_ID, &ts);
  return (double) ts.tv_sec + (double) ts.tv_nsec / 1e9;
}

static gsize
heap_bytes (void)
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

static IkeConfig *
config_new (guint32 id, IkeRole role)
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
  return config;
}

static IkeInput *
input_new (End *end, IkeInputType type)
{
  IkeInput *input = g_new0 (IkeInput, 1);

  input->type = type;
  g_queue_push_tail (&end->inputs, input);
  return input;
}

static void
do_job (End *end, const IkeOutput *output)
{
  const IkeCrypto *crypto = end->crypto;
  const IkeJob *job = output->job;
  IkeInput *input = input_new (end, IKE_INPUT_JOB);

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
send_datagram (End *end, IkeOutput *output)
{
  End *other = end == &ends[0] ? &ends[1] : &ends[0];
  IkeInput *input = input_new (other, IKE_INPUT_DATAGRAM);

  input->path.transport = output->path.transport;
  input->path.local = output->path.remote;
  input->path.remote = output->path.local;
  input->datagram = g_bytes_get_data (output->datagram, &input->datagram_len);
  input->bytes = g_steal_pointer (&output->datagram);
}

static void
act (End *end, IkeOutput *output)
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
      input = input_new (end, IKE_INPUT_KERNEL);
      input->number = output->number;
      input->spi = ++end->spi;
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
    case IKE_OUTPUT_STALLED:
    case IKE_OUTPUT_HINT:
    case IKE_OUTPUT_LOG:
      return;
    }
}

static void
run (IkeTime now)
{
  while (!g_queue_is_empty (&ends[0].inputs) || !g_queue_is_empty (&ends[1].inputs))
    for (guint i = 0; i < 2; i++)
      {
        IkeInput *input = g_queue_pop_head (&ends[i].inputs);
        IkeOutput *output;

        if (!input)
          continue;
        ike_engine_handle (ends[i].engine, input, now);
        while ((output = ike_engine_poll (ends[i].engine)))
          {
            act (&ends[i], output);
            ike_output_free (output);
          }
        ike_input_clear (ends[i].crypto, input);
        g_free (input);
      }
}

static void
start (guint32 id)
{
  IkeInput *input = input_new (&ends[0], IKE_INPUT_START);

  input->connection = id;
  input->path.local = (IkeEndpoint){ ends[0].address, 500 };
  input->path.remote = (IkeEndpoint){ ends[1].address, 500 };
  input->natt_path = input->path;
  input->natt_path.transport = IKE_TRANSPORT_NATT;
}

/* Seconds for @n times what a pair of ends needs: generate, respond, finish. */
static double
key_exchanges (const IkeCrypto *crypto, guint n)
{
  double before = cpu_seconds ();

  for (guint i = 0; i < n; i++)
    {
      IkeKeKey *key;
      g_autoptr (GBytes) mine = NULL;
      g_autoptr (GBytes) theirs = NULL;
      g_autoptr (IkeSecret) ours = NULL;
      g_autoptr (IkeSecret) other = NULL;

      g_assert_true (crypto->ke_generate (crypto, IKE_KE_CURVE25519, &key, &mine));
      g_assert_true (crypto->ke_respond (crypto, IKE_KE_CURVE25519, mine, &theirs, &other));
      ours = crypto->ke_finish (crypto, key, theirs);
      g_assert_true (ike_secret_equal (ours, other));
      crypto->ke_free (crypto, key);
    }
  return cpu_seconds () - before;
}

/* The same with NSS's own key generation. */
static double
plain_exchanges (guint n)
{
  guint8 curve[] = { 0x06, 0x09, 0x2b, 0x06, 0x01, 0x04, 0x01, 0xda, 0x47, 0x0f, 0x01 };
  SECItem params = { siBuffer, curve, sizeof curve };
  PK11SlotInfo *slot = PK11_GetInternalSlot ();
  double before = cpu_seconds ();

  for (guint i = 0; i < n; i++)
    {
      SECKEYPrivateKey *private_key[2];
      SECKEYPublicKey *public_key[2];

      for (guint side = 0; side < 2; side++)
        {
          private_key[side] = PK11_GenerateKeyPair (slot, CKM_EC_KEY_PAIR_GEN, &params, &public_key[side], PR_FALSE,
                                                    PR_TRUE, NULL);
          g_assert_nonnull (private_key[side]);
        }
      for (guint side = 0; side < 2; side++)
        {
          PK11SymKey *secret = PK11_PubDeriveWithKDF (private_key[side], public_key[!side], PR_FALSE, NULL, NULL,
                                                      CKM_ECDH1_DERIVE, CKM_GENERIC_SECRET_KEY_GEN, CKA_DERIVE, 32,
                                                      CKD_NULL, NULL, NULL);

          g_assert_nonnull (secret);
          PK11_FreeSymKey (secret);
        }
      for (guint side = 0; side < 2; side++)
        {
          SECKEY_DestroyPrivateKey (private_key[side]);
          SECKEY_DestroyPublicKey (public_key[side]);
        }
    }
  PK11_FreeSlot (slot);
  return cpu_seconds () - before;
}

int
main (void)
{
  g_autoptr (GError) error = NULL;
  const IkeCrypto *crypto = nss_crypto_get (&error);
  double handshakes = 0, exchanges = 0, plain = 0, before;
  gsize heap;
  guint32 id = 0;

  g_assert_no_error (error);
  for (guint i = 0; i < 2; i++)
    {
      ends[i].crypto = crypto;
      ends[i].engine = ike_engine_new (crypto);
      ends[i].address = (IkeAddress){ IKE_FAMILY_IP4, { 10, 0, 0, (guint8) (i + 1) } };
      ike_engine_set_log_level (ends[i].engine, IKE_LOG_NOTICE);
    }
  ike_engine_add (ends[1].engine, config_new (1, IKE_ROLE_RESPONDER));
  input_new (&ends[1], IKE_INPUT_LISTEN)->connection = 1;
  for (guint i = 1; i <= HANDSHAKES; i++)
    ike_engine_add (ends[0].engine, config_new (i, IKE_ROLE_INITIATOR));
  run (0);
  key_exchanges (crypto, 100);
  heap = heap_bytes ();

  /* in turns, so that both meet the same machine */
  for (guint round = 0; round < 10; round++)
    {
      before = cpu_seconds ();
      for (guint i = 0; i < HANDSHAKES / 10; i++)
        {
          start (++id);
          run (id);
        }
      handshakes += cpu_seconds () - before;
      exchanges += key_exchanges (crypto, HANDSHAKES / 10);
      plain += plain_exchanges (HANDSHAKES / 10);
    }
  g_assert_cmpuint (ends[0].ups, ==, HANDSHAKES);
  g_assert_cmpuint (ends[1].ups, ==, HANDSHAKES);
  heap = heap_bytes () - heap;

  g_print ("handshake pair (PSK, X25519, AES-GCM-256): %.3f ms CPU, %.0f per second\n", handshakes / HANDSHAKES * 1e3,
           HANDSHAKES / handshakes);
  g_print ("two X25519 exchanges as NSS offers them:   %.3f ms CPU\n", plain / HANDSHAKES * 1e3);
  g_print ("two X25519 exchanges as we do them:        %.3f ms CPU\n", exchanges / HANDSHAKES * 1e3);
  g_print ("handshake to NSS's exchanges:              %.2f (aim: at most %.1f); to ours: %.2f\n", handshakes / plain,
           AIM_RATIO, handshakes / exchanges);
  g_print ("heap per established end:                  %zu octets (aim: at most %d)\n", heap / (2 * HANDSHAKES),
           AIM_BYTES);
  for (guint i = 0; i < 2; i++)
    ike_engine_free (ends[i].engine);
  nss_stop ();
  return heap / (2 * HANDSHAKES) <= AIM_BYTES ? EXIT_SUCCESS : EXIT_FAILURE;
}
