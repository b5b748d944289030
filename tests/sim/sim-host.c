/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One host: its engine, its jobs, its kernel, and what it tells its user. */
#include "sim-internal.h"
#include "sim-record.h"

#include "crypto/proposal.h"
#include "crypto/sig-scheme.h"

#include <errno.h>

#define LONGEST_WAIT (2 * 24 * 3600 * IKE_SECOND) /* that is hastened */

/* ---- making hosts ---- */

static SimHost *
host_new (Sim *sim, const char *name, const char *address)
{
  SimHost *host = g_new0 (SimHost, 1);

  host->sim = sim;
  host->id = 1;
  host->address = sim_address (address);
  g_strlcpy (host->name, name, sizeof host->name);
  sim_kernel_init (&host->kernel);
  host->leases = g_hash_table_new (NULL, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (host->job_time); i++)
    host->job_time[i] = IKE_MILLISECOND / 5;
  g_ptr_array_add (sim->hosts, host);
  return host;
}

SimHost *
sim_scripted (Sim *sim, const char *name, const char *address, SimScript script, gpointer data)
{
  SimHost *host = host_new (sim, name, address);

  host->script = script;
  host->script_data = data;
  return host;
}

static void
add_selector (GPtrArray **list, const char *first, const char *last)
{
  IkeSelector *selector = g_new0 (IkeSelector, 1);

  selector->first = sim_address (first);
  selector->last = sim_address (last);
  selector->port_last = 65535;
  if (!*list)
    *list = g_ptr_array_new_with_free_func (g_free);
  g_ptr_array_add (*list, selector);
}

static IkeConfig *
config_new (Sim *sim, const char *name, IkeRole role)
{
  IkeConfig *config = ike_config_new ();

  config->id = 1;
  config->name = g_strdup (name);
  config->role = role;
  config->local_auth = config->remote_auth = IKE_AUTH_PSK;
  g_clear_pointer (&config->proposals, g_ptr_array_unref);
  g_clear_pointer (&config->child_proposals, g_ptr_array_unref);
  config->proposals = ike_proposals_default (&sim->crypto.table, IKE_PROTOCOL_IKE, TRUE);
  config->child_proposals = ike_proposals_default (&sim->crypto.table, IKE_PROTOCOL_ESP, TRUE);
  config->fragmentation = TRUE;
  config->child.replay_window = 32;
  return config;
}

void
sim_offer (GPtrArray *proposals, IkeTransformType type, guint16 id)
{
  IkeTransform transform = { (guint8) type, id, 0 };

  for (guint i = 0; i < proposals->len; i++)
    g_array_append_val (((IkeProposal *) proposals->pdata[i])->transforms, transform);
}

SimHost *
sim_host_new (Sim *sim, const char *name, const char *address, IkeRole role)
{
  SimHost *host = host_new (sim, name, address);

  sim_engine_new (host);
  host->config = config_new (sim, name, role);
  host->psk = "a shared key of some length";
  return host;
}

IkeConfig *
sim_config (Sim *sim, const char *name, IkeRole role)
{
  IkeConfig *config = config_new (sim, name, role);
  gboolean client = role == IKE_ROLE_INITIATOR;

  config->local_id =
      client ? ike_identity_new (IKE_ID_FQDN, "client.example", 14) : ike_identity_new (IKE_ID_FQDN, "gw.example", 10);
  config->remote_id =
      client ? ike_identity_new (IKE_ID_FQDN, "gw.example", 10) : ike_identity_new (IKE_ID_FQDN, "client.example", 14);
  add_selector (client ? &config->child.local_ts : &config->child.remote_ts, "10.1.0.0", "10.1.255.255");
  add_selector (client ? &config->child.remote_ts : &config->child.local_ts, "10.2.0.0", "10.2.255.255");
  return config;
}
static SimHost *
default_host (Sim *sim, const char *name, const char *address, IkeRole role)
{
  SimHost *host = sim_host_new (sim, name, address, role);

  ike_config_free (host->config);
  host->config = sim_config (sim, name, role);
  return host;
}

SimHost *
sim_client (Sim *sim)
{
  return default_host (sim, "client", "192.0.2.1", IKE_ROLE_INITIATOR);
}

SimHost *
sim_gateway (Sim *sim)
{
  return default_host (sim, "gateway", "198.51.100.1", IKE_ROLE_RESPONDER);
}

void
sim_signatures (SimHost *client, SimHost *gateway)
{
  for (guint i = 0; i < 2; i++)
    {
      SimHost *host = i ? gateway : client;

      host->sign_key = i ? "key of the gateway" : "key of the client";
      host->peer_key = i ? "key of the client" : "key of the gateway";
      if (!host->config)
        continue;
      host->config->local_auth = host->config->remote_auth = IKE_AUTH_SIGNATURE;
      host->config->key_type = IKE_KEY_P256;
      host->config->key_bits = 256;
      host->config->certificate_identity_check = TRUE;
      g_ptr_array_add (host->config->certificates, g_bytes_new_static ("certificate", 11));
    }
}

/* ---- inputs ---- */

void
sim_input (SimHost *host, IkeInput *input)
{
  sim_feed (host, input);
}

static void
give_config (SimHost *host)
{
  if (host->config)
    sim_engine_add (host, g_steal_pointer (&host->config));
}

static void
fill_paths (SimHost *host, const IkeAddress *remote, IkeInput *input)
{
  input->path.transport = IKE_TRANSPORT_UDP;
  input->path.local = (IkeEndpoint){ host->address, 500 };
  input->path.remote = (IkeEndpoint){ *remote, 500 };
  input->natt_path.transport = IKE_TRANSPORT_NATT;
  input->natt_path.local = (IkeEndpoint){ host->address, 4500 };
  input->natt_path.remote = (IkeEndpoint){ *remote, 4500 };
}

void
sim_start_to (SimHost *host, const IkeAddress *remote)
{
  IkeInput *input = g_new0 (IkeInput, 1);

  give_config (host);
  sim_note (host->sim, "%s starts", host->name);
  input->type = IKE_INPUT_START;
  input->connection = host->id;
  fill_paths (host, remote, input);
  sim_feed (host, input);
}

static const IkeAddress *
other_address (SimHost *host)
{
  for (guint i = 0; i < host->sim->hosts->len; i++)
    {
      const SimHost *other = host->sim->hosts->pdata[i];

      if (other != host)
        return &other->address;
    }
  g_assert_not_reached ();
}

void
sim_start (SimHost *host)
{
  sim_start_to (host, other_address (host));
}

void
sim_move (SimHost *host, const char *new_address)
{
  IkeInput *input = g_new0 (IkeInput, 1);

  sim_note (host->sim, "%s moves to %s", host->name, new_address);
  host->address = sim_address (new_address);
  input->type = IKE_INPUT_PATH;
  input->connection = host->id;
  fill_paths (host, other_address (host), input);
  sim_feed (host, input);
}

static void
simple_input (SimHost *host, IkeInputType type, gboolean ok)
{
  IkeInput *input = g_new0 (IkeInput, 1);

  give_config (host);
  input->type = type;
  input->connection = host->id;
  input->ok = ok;
  sim_feed (host, input);
}

void
sim_elsewhere (SimHost *host, gboolean others)
{
  simple_input (host, IKE_INPUT_ELSEWHERE, others);
}

void
sim_check (SimHost *host, gboolean slept)
{
  simple_input (host, IKE_INPUT_CHECK, slept);
}

void
sim_listen (SimHost *host)
{
  simple_input (host, IKE_INPUT_LISTEN, FALSE);
}

void
sim_stop (SimHost *host)
{
  sim_note (host->sim, "%s stops", host->name);
  simple_input (host, IKE_INPUT_STOP, FALSE);
}

void
sim_expire (SimHost *host, guint32 spi, gboolean hard)
{
  IkeInput *input = g_new0 (IkeInput, 1);
  SimSa *sa;

  sim_note (host->sim, "%s: the kernel says that %08x %s", host->name, spi,
            hard ? "has expired" : "is about to expire");
  if (hard)
    for (guint out = 0; out < 2; out++)
      if ((sa = sim_kernel_find (&host->kernel, spi, (gboolean) out)))
        sim_kernel_remove (&host->kernel, sa);
  input->type = IKE_INPUT_EXPIRE;
  input->spi = spi;
  input->hard = hard;
  sim_feed (host, input);
}

void
sim_reboot (SimHost *host, IkeConfig *take_config)
{
  Sim *sim = host->sim;

  sim_note (sim, "%s reboots", host->name);
  sim_forget (host);
  sim_engine_free (host);
  sim_kernel_clear (&host->kernel);
  sim_kernel_init (&host->kernel);
  g_hash_table_remove_all (host->leases);
  if (host->config)
    ike_config_free (host->config);
  host->config = take_config;
  sim_engine_new (host);
  host->downs = 0;
}

void
sim_sleep (SimHost *host)
{
  sim_note (host->sim, "%s falls asleep", host->name);
  host->asleep = TRUE;
}

void
sim_wake (SimHost *host)
{
  IkeInput *input;

  sim_note (host->sim, "%s wakes up", host->name);
  host->asleep = FALSE;
  while ((input = g_queue_pop_head (&host->missed)))
    sim_feed (host, input);
}

gboolean
sim_try_hasten (SimHost *host, const char *timer)
{
  const IkeTime latest = host->sim->now + host->ahead + LONGEST_WAIT;
  const char *name;
  gboolean found = FALSE;

  sim_note (host->sim, "%s hastens to %s", host->name, timer);
  while (!found)
    {
      IkeTime at = ike_engine_deadline (host->engine, &name);
      IkeInput *tick;

      /* while somebody is asked for a password there may be nothing but keepalives, for ever */
      if (at == IKE_TIME_NEVER || g_str_equal (name, "retransmit") || at > latest)
        return FALSE;
      found = g_str_equal (name, timer);
      tick = g_new0 (IkeInput, 1);
      host->ahead = MAX (host->ahead, at - host->sim->now);
      tick->type = IKE_INPUT_TICK;
      sim_feed (host, tick);
    }
  return TRUE;
}

void
sim_hasten (SimHost *host, const char *timer)
{
  sim_assert (host->sim, sim_try_hasten (host, timer));
}

/* ---- jobs ---- */

static gboolean
lease_is (gpointer client, gpointer offset, gpointer wanted)
{
  return offset == wanted;
}

static const char *
user_password (const SimHost *host, const char *user)
{
  for (guint i = 0; host->users && host->users[i]; i += 2)
    if (strcmp (host->users[i], user) == 0)
      return host->users[i + 1];
  return NULL;
}

static void
add_offset (IkeAddress *address, guint offset)
{
  guint last = address->family == IKE_FAMILY_IP4 ? 3 : 15;

  for (guint i = last; offset && i <= last; i--)
    {
      offset += address->bytes[i];
      address->bytes[i] = (guint8) offset;
      offset >>= 8;
    }
}

/* What it has, or the lowest offset that nobody has. */
static void
answer_admit (SimHost *host, const IkeJob *job, IkeInput *answer)
{
  g_autofree char *who = ike_identity_to_string (job->admit.identity);
  guint offset = GPOINTER_TO_UINT (g_hash_table_lookup (host->leases, GUINT_TO_POINTER (job->admit.client)));

  host->admits++;
  answer->ok = g_strcmp0 (who, host->refuse_admit) != 0;
  if (!answer->ok)
    {
      ike_reason_set (&answer->reason, IKE_REASON_LIMIT, 0, "%s may not come in", who);
      return;
    }
  answer->text = host->send_admitted;
  for (guint free = 1; !offset; free++)
    if (!g_hash_table_find (host->leases, lease_is, GUINT_TO_POINTER (free)))
      offset = free;
  if (host->pool_size && offset > host->pool_size)
    return;
  g_hash_table_insert (host->leases, GUINT_TO_POINTER (job->admit.client), GUINT_TO_POINTER (offset));
  if (job->admit.want4 && host->pool4)
    answer->lease4 = sim_address (host->pool4);
  if (job->admit.want6 && host->pool6)
    answer->lease6 = sim_address (host->pool6);
  add_offset (&answer->lease4, offset);
  add_offset (&answer->lease6, offset);
}

static void
answer_secret (SimHost *host, const IkeJob *job, IkeInput *answer)
{
  const char *secret = host->psk;

  g_free (host->secret_message);
  host->secret_message = g_strdup (job->secret.message);
  if (job->secret.kind == IKE_SECRET_PASSWORD)
    {
      if (job->secret.attempt == 0)
        host->passwords_asked = 0; /* by another IKE SA */
      secret = host->passwords ? host->passwords[host->passwords_asked] : NULL;
      sim_assert (host->sim, job->secret.attempt == host->passwords_asked);
      if (secret)
        host->passwords_asked++;
    }
  if (job->secret.kind == IKE_SECRET_USER)
    secret = user_password (host, job->secret.user);
  if (job->secret.kind == IKE_SECRET_PPK)
    {
      secret = host->ppk;
      if (job->secret.id)
        {
          g_free (host->ppk_asked);
          host->ppk_asked = g_strndup (g_bytes_get_data (job->secret.id, NULL), g_bytes_get_size (job->secret.id));
        }
      if (host->ppk_name && secret)
        answer->bytes = g_bytes_new (host->ppk_name, strlen (host->ppk_name));
      else if (host->ppk_name)
        ike_reason_set (&answer->reason, IKE_REASON_PPK_FILE, 0, "it is used up");
    }
  answer->ok = secret != NULL;
  if (secret)
    answer->secret = ike_secret_new_from (secret, strlen (secret));
}

static gboolean
is_right (SimHost *host, const IkeJob *job, IkeHashId hash)
{
  g_autoptr (GBytes) right = sim_fake_signature (host->peer_key ? host->peer_key : "", hash, job->verify.octets);

  return g_bytes_equal (right, job->verify.signature);
}

static void
answer_verify (SimHost *host, const IkeJob *job, IkeInput *answer)
{
  const IkeSigScheme *scheme = job->verify.scheme;
  gboolean any = scheme->method == IKE_AUTH_METHOD_RSA, sha1 = any && is_right (host, job, IKE_HASH_SHA1),
           sha2 = any && (is_right (host, job, IKE_HASH_SHA2_256) || is_right (host, job, IKE_HASH_SHA2_512));
  g_autofree char *wanted = job->verify.identity ? ike_identity_to_string (job->verify.identity) : NULL;

  host->verifies++;
  if (host->certificate_name && g_strcmp0 (wanted, host->certificate_name) != 0)
    ike_reason_set (&answer->reason, IKE_REASON_CERT_NAME, 0, "%s, not %s", wanted, host->certificate_name);
  else if (host->verify_says != IKE_REASON_NONE)
    ike_reason_set (&answer->reason, host->verify_says, 0, "%s", "the test says so");
  else if (sha1 && !scheme->weak)
    ike_reason_set (&answer->reason, IKE_REASON_RSA_SHA1, 0, "%s", "signature");
  else if (!sha1 && !sha2 && !is_right (host, job, scheme->hash))
    ike_reason_set (&answer->reason, IKE_REASON_PEER_AUTH_WRONG, 0, "%s", "signature");
  else
    answer->ok = TRUE;
}

static void
do_job (SimHost *host, const IkeOutput *output)
{
  const IkeCrypto *crypto = &host->sim->crypto.table;
  const IkeJob *job = output->job;
  IkeInput *answer = g_new0 (IkeInput, 1);

  answer->type = IKE_INPUT_JOB;
  answer->number = output->number;
  switch (job->type)
    {
    case IKE_JOB_KE_GENERATE:
      answer->ok = !host->ke_fails && crypto->ke_generate (crypto, job->ke.group, &answer->key, &answer->bytes);
      break;
    case IKE_JOB_KE_FINISH:
      answer->secret = crypto->ke_finish (crypto, job->ke.key, job->ke.peer);
      answer->ok = answer->secret != NULL;
      if (host->ke_differs && !--host->ke_differs)
        {
          ike_secret_free (answer->secret);
          answer->secret = ike_secret_new_from ("another secret than the other end's", 32);
        }
      break;
    case IKE_JOB_KE_RESPOND:
      answer->ok =
          !host->ke_fails && crypto->ke_respond (crypto, job->ke.group, job->ke.peer, &answer->bytes, &answer->secret);
      break;
    case IKE_JOB_SIGN:
      host->signs++;
      answer->ok = !host->refuse_sign;
      if (answer->ok)
        answer->bytes = sim_fake_signature (host->sign_key, job->sign.scheme->hash, job->sign.octets);
      host->status_wanted += job->sign.status != FALSE;
      if (job->sign.status && host->status)
        answer->status = g_bytes_new_static (host->status, strlen (host->status));
      break;
    case IKE_JOB_VERIFY:
      host->certificates = job->verify.certificates->len;
      g_clear_pointer (&host->peer_status, g_ptr_array_unref);
      host->peer_status = g_ptr_array_ref (job->verify.status);
      answer_verify (host, job, answer);
      break;
    case IKE_JOB_SECRET:
      answer_secret (host, job, answer);
      break;
    case IKE_JOB_TLS: /* no method with TLS is simulated (tests/unit/nss/test-eap-tunnel.c) */
      ike_reason_set (&answer->reason, IKE_REASON_EAP_TLS, 0, "there is no TLS here");
      break;
    case IKE_JOB_PUZZLE:
      host->puzzles++;
      answer->bytes = ike_puzzle_search (crypto, &job->puzzle.puzzle, ike_chunk_bytes (job->puzzle.octets),
                                         job->puzzle.first, job->puzzle.count);
      answer->ok = answer->bytes != NULL;
      break;
    case IKE_JOB_ADMIT:
      answer_admit (host, job, answer);
      break;
    }
  sim_post_input (host, answer, host->job_time[job->type]);
}

/* ---- outputs ---- */

/* Each half by itself, as kernels do. */
static void
post_expiry (SimHost *host, const IkeKernelRequest *request)
{
  for (guint out = 0; out < 2; out++)
    {
      const SimSa *sa = request->parts & (out ? IKE_SA_OUT : IKE_SA_IN)
                            ? sim_kernel_find (&host->kernel, out ? request->spi_out : request->spi_in, (gboolean) out)
                            : NULL;
      SimEvent *event;

      if (!sa)
        continue;
      event = g_new0 (SimEvent, 1);
      event->type = SIM_EVENT_EXPIRE;
      event->at = host->sim->now + request->hard_lifetime;
      event->host = host;
      event->order = sa->order;
      sim_post (host->sim, event);
    }
}

static void
do_kernel (SimHost *host, const IkeOutput *output)
{
  IkeInput *answer = g_new0 (IkeInput, 1);

  if (sim_kernel_do (&host->kernel, host->sim->crypto.rand, output->kernel, answer))
    {
      answer->number = output->number;
      if (output->kernel->op == IKE_KERNEL_INSTALL && output->kernel->hard_lifetime && !answer->kernel_error)
        post_expiry (host, output->kernel);
      sim_post_input (host, answer, host->kernel_time ? host->kernel_time : IKE_MILLISECOND / 10);
    }
  else
    g_free (answer);
}

static void
keep_configured (SimHost *host, IkeOutput *output)
{
  IkeConfigured *old = host->configured;

  host->configured = output->configured;
  output->configured = old;
}

/* A name is that of a host, with a domain; what is nobody's cannot be looked up, and nobody has two families. */
static void
go_to (SimHost *host, const char *gateway)
{
  SimEvent *event = g_new0 (SimEvent, 1);
  IkeAddress address = { 0 };

  for (guint i = 0; !ike_address_from_string (gateway, &address) && i < host->sim->hosts->len; i++)
    {
      const SimHost *other = host->sim->hosts->pdata[i];

      if (g_str_has_prefix (gateway, other->name) && gateway[strlen (other->name)] == '.')
        address = other->address;
      if (address.family)
        break;
    }
  *event = (SimEvent){ .type = SIM_EVENT_INPUT, .host = host };
  event->at = host->sim->now + (host->way_time ? host->way_time : 20 * IKE_MILLISECOND);
  event->input = g_new0 (IkeInput, 1);
  event->input->type = address.family == host->address.family && !host->no_way ? IKE_INPUT_PATH : IKE_INPUT_NO_PATH;
  event->input->connection = host->id;
  if (event->input->type == IKE_INPUT_PATH)
    fill_paths (host, &address, event->input);
  sim_post (host->sim, event);
}

static void
act (SimHost *host, IkeOutput *output)
{
  Sim *sim = host->sim;

  if (sim->look)
    sim->look (host, output, sim->check_data);
  sim_assert (sim, !host->downs || output->type == IKE_OUTPUT_LOG || output->type == IKE_OUTPUT_JOB_CANCEL ||
                       (output->type == IKE_OUTPUT_KERNEL && output->kernel->op == IKE_KERNEL_DELETE));
  switch (output->type)
    {
    case IKE_OUTPUT_SEND:
      sim_transmit (host, &output->path, output->datagram, output->pieces);
      return;
    case IKE_OUTPUT_KEEPALIVE:
      host->keepalives++;
      return;
    case IKE_OUTPUT_JOB:
      do_job (host, output);
      return;
    case IKE_OUTPUT_JOB_CANCEL:
      host->cancelled++;
      return;
    case IKE_OUTPUT_KERNEL:
      do_kernel (host, output);
      return;
    case IKE_OUTPUT_UP:
      host->ups++;
      host->up_at = sim->now;
      keep_configured (host, output);
      sim_note (sim, "%s is UP", host->name);
      return;
    case IKE_OUTPUT_WAITING:
      host->waitings++;
      sim_note (sim, "%s is WAITING: %s", host->name, ike_reason_code_name (output->reason.code));
      return;
    case IKE_OUTPUT_RECONNECTING:
      host->reconnectings++;
      sim_note (sim, "%s is RECONNECTING: %s", host->name, ike_reason_code_name (output->reason.code));
      return;
    case IKE_OUTPUT_DOWN:
      host->downs++;
      host->down_at = sim->now;
      ike_reason_clear (&host->reason);
      ike_reason_copy (&host->reason, &output->reason);
      sim_note (sim, "%s is DOWN: %s", host->name, ike_reason_code_name (output->reason.code));
      return;
    case IKE_OUTPUT_GONE:
      host->gones++;
      g_hash_table_remove (host->leases, GUINT_TO_POINTER (output->client));
      sim_note (sim, "%s: client %u is GONE", host->name, output->client);
      return;
    case IKE_OUTPUT_MOVED:
      host->moves++;
      return;
    case IKE_OUTPUT_PATH_FAILS:
      host->path_fails = TRUE;
      return;
    case IKE_OUTPUT_UNANSWERED:
      host->unanswered++;
      return;
    case IKE_OUTPUT_STALLED:
      host->stalls++;
      return;
    case IKE_OUTPUT_REDIRECT:
    case IKE_OUTPUT_OTHER_ADDRESS:
      *(output->type == IKE_OUTPUT_REDIRECT ? &host->redirects : &host->others) += 1;
      go_to (host, output->gateway);
      return;
    case IKE_OUTPUT_HINT:
      return;
    case IKE_OUTPUT_PROBED:
      host->probed[output->probe]++;
      host->probed_octets = output->number;
      return;
    case IKE_OUTPUT_LOG:
      sim_note (sim, "  %s [%s] %s", host->name, output->log.event, output->log.text);
      return;
    }
}

void
sim_feed (SimHost *host, IkeInput *take_input)
{
  IkeOutput *output;

  if (host->engine)
    {
      sim_engine_handle (host, take_input);
      while ((output = sim_engine_poll (host)))
        {
          act (host, output);
          ike_output_free (output);
        }
      if (host->sim->check)
        host->sim->check (host, host->sim->check_data);
    }
  ike_input_clear (&host->sim->crypto.table, take_input);
  g_free (take_input);
}
